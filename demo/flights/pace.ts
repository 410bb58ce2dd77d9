/** Time between batches. */
const intervalMs = 50;
/** A pause longer than this (a page asleep, a busy machine) is not made up for. */
const longestMs = 1000;

export const slowest = 1_000;
export const fastest = 1_000_000;

/** Numbers of rows that are due, twenty times a second, so that they add up to `rate()` rows a second without drift. */
export async function* pace(
  rate: () => number,
  signal: AbortSignal,
): AsyncGenerator<number, void, undefined> {
  let last = performance.now();
  let next = last + intervalMs;
  let fraction = 0;
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    const now = performance.now();
    const due = Math.min(now - last, longestMs) * (rate() / 1000) + fraction;
    const rows = Math.floor(due);
    fraction = due - rows;
    last = now;
    next = Math.max(next + intervalMs, now);
    if (rows > 0 && !signal.aborted) yield rows;
  }
}

/** A rate within what the demo goes to. `undefined` for what is no number. */
export function checkedRate(rate: unknown): number | undefined {
  if (typeof rate !== 'number' || Number.isNaN(rate)) return undefined;
  return Math.min(fastest, Math.max(slowest, Math.round(rate)));
}
