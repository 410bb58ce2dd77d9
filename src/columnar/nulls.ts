import { type DataType, Null } from 'apache-arrow';
import { columnOf } from './arrow.ts';
import { packBits } from './bitmap.ts';
import { blankData } from './blank.ts';
import type { Column } from './column.ts';

/** A column of `type` that holds nothing but nulls. */
export function nullsOf(type: DataType, length: number): Column {
  if (type instanceof Null) return { kind: 'null', type, length, validity: undefined, offset: 0 };
  return columnOf(blankData(type, length));
}

/** The column with null where `present` is 0, in place of what was null before. */
export function withNulls(column: Column, present: Uint8Array): Column {
  return { ...column, validity: packBits(present), offset: 0, data: undefined } as Column;
}
