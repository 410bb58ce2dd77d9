import { shown } from '../core/check.ts';
import { GraphError } from '../errors.ts';

/**
 * The value as something to iterate over.
 *
 * @throws `bad-value` where it cannot be iterated; `what` names the operation that wants to.
 */
export function itemsOf<T>(value: Iterable<T>, what: string): Iterable<T> {
  if (value !== null && value !== undefined && typeof value[Symbol.iterator] === 'function') return value;
  throw new GraphError('bad-value', `${what} takes arrays and other iterables, got ${textOf(value)}`);
}

function textOf(value: unknown): string {
  return Symbol.asyncIterator in Object(value) ? 'an async iterable' : shown(value);
}
