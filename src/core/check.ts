import { GraphError, quote } from '../errors.ts';

/**
 * The value where it is a whole number from `least`.
 *
 * @throws `bad-option` where it is not; `what` says of what, as in `'size of a buffer'`.
 */
export function wholeNumber(value: number, what: string, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new GraphError('bad-option', `${what} must be a whole number from ${least}, got ${String(value)}`);
}

/** The same, where no bound at all is a bound, too. */
export function wholeNumberOrInfinity(value: number, what: string, least: number): number {
  return value === Number.POSITIVE_INFINITY ? value : wholeNumber(value, what, least);
}

/**
 * The value where it is one of `choices`.
 *
 * @throws `bad-option` where it is not; `what` says of what, as in `'keep of partitionUnique'`.
 */
export function oneOf<const T extends string>(value: T, choices: readonly T[], what: string): T {
  if (choices.includes(value)) return value;
  const got = typeof value === 'string' ? quote(value) : String(value);
  throw new GraphError('bad-option', `${what} must be ${choices.map(quote).join(' or ')}, got ${got}`);
}
