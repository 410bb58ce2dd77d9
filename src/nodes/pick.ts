import { shown } from '../core/check.ts';
import { didYouMean, GraphError, quote } from '../errors.ts';

/** What elements are told apart by: a function of the element, or the field or index where it stands. */
export type KeyOf<T> = ((value: T) => unknown) | keyof T;

/**
 * The function that a key stands for; nothing where there is no key.
 *
 * @throws `bad-option` for what is neither a function nor a name; `what` says who takes it.
 */
export function keyFunction<T>(key: KeyOf<T> | undefined, what: string): ((value: T) => unknown) | undefined {
  if (key === undefined || typeof key === 'function') return key;
  fieldName(key, `key of ${what}`, 'a function or a name');
  return (value) => pick(value, key);
}

/**
 * The field or element `key` of `value`.
 *
 * @throws `bad-value` where there is none, with the names that come near.
 */
export function pick(value: unknown, key: PropertyKey): unknown {
  if (value === null || value === undefined) {
    throw new GraphError('bad-value', `${String(value)} has no ${nameOf(key)}`);
  }
  const holder = Object(value);
  if (key in holder) return holder[key];
  if (Array.isArray(value)) {
    throw new GraphError('bad-value', `no ${nameOf(key)} in an array of ${value.length}`);
  }
  const names = typeof value === 'object' ? Object.keys(holder) : [];
  const there = names.length === 0 ? `${typeof value} without fields` : names.slice(0, 20).join(', ');
  throw new GraphError('bad-value', `no ${nameOf(key)} among ${there}${didYouMean(String(key), names)}`);
}

/** @throws `bad-option` where `key` is no name of a field. */
export function fieldName<K>(key: K, what: string, kinds = 'names'): K {
  if (typeof key === 'string' || typeof key === 'number' || typeof key === 'symbol') return key;
  throw new GraphError('bad-option', `${what} takes ${kinds}, got ${shown(key)}`);
}

function nameOf(key: PropertyKey): string {
  if (typeof key === 'number') return `element ${key}`;
  return `field ${typeof key === 'string' ? quote(key) : String(key)}`;
}
