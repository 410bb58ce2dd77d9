import { Int64 } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { columnOfLanes } from '../columnar/lanes.ts';

/** Arrow type of counts and of exact sums. */
export const exactInteger: Int64 = new Int64();

/** An int64 column of one field of a state that holds integers up to 2⁵³. */
export function exactIntegers(field: Float64Array, slots: Int32Array): Column {
  const high = new Float64Array(slots.length);
  const low = new Float64Array(slots.length);
  for (let i = 0; i < slots.length; i++) {
    const value = field[slots[i]!]!;
    high[i] = Math.floor(value / 2 ** 32);
    low[i] = value - high[i]! * 2 ** 32;
  }
  return columnOfLanes(exactInteger, [high, low]);
}
