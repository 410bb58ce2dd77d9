/** Rows that the loops without groups take at a time: enough to pay for a check, few enough for the cache. */
export const blockRows = 1024;

/**
 * Copies the numbers among rows `from … to - 1` of a lane to the front of `into`, and returns how many
 * there are. Without branches: which rows are missing cannot be foreseen.
 */
export function copyNumbers(into: Float64Array, lane: Float64Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    const x = lane[i]!;
    into[count] = x;
    count += Number(!Number.isNaN(x));
  }
  return count;
}
