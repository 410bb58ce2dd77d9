/**
 * Columns that a plan keeps for itself have names that begin so; users see none of them. No name of a user begins with
 * this character, or it is the user's loss.
 */
const mark = '\u0000';

/** The time key, where a step has left it out and windows still need it. */
export const hiddenTime: string = `${mark}time`;

/** The name of the hidden column number `n` of a plan. */
export function hiddenName(n: number): string {
  return `${mark}${n}`;
}

/** The name of the hidden column of running value number `n` of a plan. */
export function hiddenValue(n: number): string {
  return `${mark}value ${n}`;
}

export function isHidden(name: string): boolean {
  return name.startsWith(mark);
}
