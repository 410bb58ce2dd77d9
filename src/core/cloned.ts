import { GraphError } from '../errors.ts';

/**
 * A deep copy of a state that is plain data. `what` says whose it is, as in `the state of …`.
 *
 * @throws `not-available` for what cannot be cloned: functions, promises, objects of a class of the program's own.
 */
export function cloned<T>(state: T, what: string): T {
  let copy: T;
  try {
    copy = structuredClone(state);
  } catch (cause) {
    throw new GraphError('not-available', `the state of ${what} cannot be cloned`, { cause });
  }
  const name = lostClass(state, copy, new Set());
  if (name === undefined) return copy;
  throw new GraphError(
    'not-available',
    `the state of ${what} cannot be cloned: it ${name === classOf(state) ? 'is' : 'holds'} a ${name}, of which only the fields would be left`,
  );
}

/** The class of the first object in `value` that is none in `copy`. */
function lostClass(value: unknown, copy: unknown, seen: Set<unknown>): string | undefined {
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  const name = classOf(value);
  if (name !== classOf(copy)) return name;
  if (name !== 'Object' && name !== 'Array') return undefined;
  for (const [key, part] of Object.entries(value)) {
    const lost = lostClass(part, (copy as Record<string, unknown>)[key], seen);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** By name, since a clone may come with the classes of another realm. */
function classOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name: string } } | null;
  return prototype?.constructor?.name ?? 'Object';
}
