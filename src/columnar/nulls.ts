import { type DataType, Utf8 } from 'apache-arrow';
import { newBitmap, packBits } from './bitmap.ts';
import type { Column } from './column.ts';
import { columnOfLanes, laneCount } from './lanes.ts';
import { isString } from './types.ts';

/** A column of `length` nulls of a type of numbers, booleans, times or strings. */
export function nullsOf(type: DataType, length: number): Column {
  if (isString(type)) {
    const validity = length === 0 ? undefined : newBitmap(length);
    return {
      kind: 'utf8',
      type: new Utf8(),
      length,
      validity,
      offset: 0,
      valueOffsets: new Int32Array(length + 1),
      bytes: new Uint8Array(0),
    };
  }
  const lanes = Array.from({ length: laneCount(type) }, () => new Float64Array(length));
  return columnOfLanes(type, lanes, new Uint8Array(length));
}

/** The column with null where `present` is 0, in place of what was null before. */
export function withNulls(column: Column, present: Uint8Array): Column {
  return { ...column, validity: packBits(present), offset: 0, data: undefined } as Column;
}
