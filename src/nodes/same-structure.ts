/**
 * Whether two values are equal by what they hold: numbers, strings and the like as `Map` compares them, arrays, plain objects,
 * dates, maps, sets and typed arrays by their content, anything else by identity. Sets and the keys of maps are
 * compared as `Set` does it. Not for values that contain themselves.
 */
export function sameStructure(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const prototype = Object.getPrototypeOf(a);
  if (prototype !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a)) return sameItems(a, b as unknown[]);
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (ArrayBuffer.isView(a)) return !(a instanceof DataView) && sameItems(a as never, b as never);
  if (a instanceof Set)
    return a.size === (b as typeof a).size && [...a].every((item) => (b as typeof a).has(item));
  if (a instanceof Map) return sameEntries(a, b as typeof a);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return sameEntries(new Map(Object.entries(a)), new Map(Object.entries(b)));
}

function sameItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameStructure(a[i], b[i])) return false;
  return true;
}

function sameEntries(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !sameStructure(value, b.get(key))) return false;
  return true;
}
