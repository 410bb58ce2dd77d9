import { GraphError } from '../errors.ts';

/**
 * The value as something to iterate over.
 *
 * @throws `bad-value` where it cannot be iterated; `what` names the operation that wants to.
 */
export function itemsOf<T>(value: Iterable<T>, what: string): Iterable<T> {
  if (value !== null && value !== undefined && typeof value[Symbol.iterator] === 'function') return value;
  throw new GraphError('bad-value', `${what} takes arrays and other iterables, got ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${String(value)}`;
  return Symbol.asyncIterator in value
    ? 'an async iterable'
    : `an object of ${value.constructor?.name ?? 'no class'}`;
}
