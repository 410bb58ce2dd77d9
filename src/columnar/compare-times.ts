import { newBitmap, setBit } from './bitmap.ts';
import type { Column } from './column.ts';
import type { Comparison } from './compare-doubles.ts';
import { secondsOf, unitsPerSecond } from './instants.ts';

const holds: Record<Comparison, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

/** Bits of `a op b` for timestamps or durations of any two units, exactly. */
export function compareTimes(op: Comparison, a: Column, b: Column): Uint8Array {
  const { length } = a;
  const bits = newBitmap(length);
  const [x, y] = [secondsOf(a), secondsOf(b)];
  const [ofA, ofB] = [1e9 / unitsPerSecond(a.type), 1e9 / unitsPerSecond(b.type)];
  const is = holds[op];
  for (let i = 0; i < length; i++) {
    const order = x.seconds[i]! - y.seconds[i]! || x.rest[i]! * ofA - y.rest[i]! * ofB;
    if (is(order)) setBit(bits, i);
  }
  return bits;
}
