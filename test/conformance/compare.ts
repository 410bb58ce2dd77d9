import type { Tolerance } from './case.ts';

const usual: Tolerance = { rel: 1e-7, abs: 1e-7 };

/** Whether two numbers match within the larger of the two bounds; NaN matches NaN. */
export function close(a: number, b: number, { rel, abs }: Tolerance = usual): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= Math.max(abs, rel * Math.max(Math.abs(a), Math.abs(b)));
}

/** Whether a value of a core stream is the recorded one. */
export function same(actual: unknown, recorded: unknown, tolerance: Tolerance = usual): boolean {
  if (typeof recorded === 'number') return typeof actual === 'number' && close(actual, recorded, tolerance);
  if (recorded === null) return actual === null || actual === undefined;
  if (Array.isArray(recorded)) {
    return (
      Array.isArray(actual) &&
      actual.length === recorded.length &&
      recorded.every((value, i) => same(actual[i], value, tolerance))
    );
  }
  if (typeof recorded !== 'object') return actual === recorded;
  if ('$map' in recorded) return actual instanceof Map && same([...actual], recorded.$map, tolerance);
  if (typeof actual !== 'object' || actual === null) return false;
  return same(entries(actual), entries(recorded), tolerance);
}

/** A value as it is shown in a difference. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_, part) => (part instanceof Map ? { $map: [...part] } : part)) ?? 'nothing';
}

function entries(object: object): [string, unknown][] {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
}
