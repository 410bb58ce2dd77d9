/**
 * Where two values first differ, as text; `undefined` where they are equal. Numbers are equal up to `tolerance`, relative
 * to the larger; NaN is equal to NaN and -0 to 0. What can be iterated is compared element by element, other objects by their own properties, errors by their texts.
 */
export function difference(got: unknown, wanted: unknown, tolerance: number): string | undefined {
  return compare(got, wanted, tolerance, '');
}

function compare(got: unknown, wanted: unknown, tolerance: number, path: string): string | undefined {
  if (typeof got === 'number' && typeof wanted === 'number') {
    if (got === wanted || (Number.isNaN(got) && Number.isNaN(wanted))) return undefined;
    const distance = Math.abs(got - wanted);
    // The distance of two infinities is NaN or an infinity, and no tolerance.
    if (distance <= tolerance * Math.max(Math.abs(got), Math.abs(wanted)) && distance < Infinity)
      return undefined;
    return differs(path, got, wanted);
  }
  if (!isObject(got) || !isObject(wanted)) {
    return Object.is(got, wanted) ? undefined : differs(path, got, wanted);
  }
  if (got instanceof Error || wanted instanceof Error) {
    return String(got) === String(wanted) ? undefined : differs(path, got, wanted);
  }
  if (got instanceof Date && wanted instanceof Date) {
    return got.getTime() === wanted.getTime() ? undefined : differs(path, got, wanted);
  }
  if (isIterable(got) && isIterable(wanted) && !(Array.isArray(got) && Array.isArray(wanted))) {
    return compare([...got], [...wanted], tolerance, path);
  }
  if (Array.isArray(got) && Array.isArray(wanted) && got.length !== wanted.length) {
    return `result${path}: ${got.length} rows instead of ${wanted.length}`;
  }
  const names = new Set([...Object.keys(got), ...Object.keys(wanted)]);
  for (const name of names) {
    const inner = `${path}${Array.isArray(wanted) ? `[${name}]` : `.${name}`}`;
    const found = compare(own(got, name), own(wanted, name), tolerance, inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function own(object: object, name: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[name];
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function differs(path: string, got: unknown, wanted: unknown): string {
  return `result${path}: ${show(got)} instead of ${show(wanted)}`;
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  return isObject(value) && !(value instanceof Error) && !(value instanceof Date)
    ? JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
    : String(value);
}
