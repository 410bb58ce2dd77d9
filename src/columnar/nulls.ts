import { type DataType, Null } from 'apache-arrow';
import { columnOf } from './arrow.ts';
import { blankData } from './blank.ts';
import type { Column } from './column.ts';

/** A column of `type` that holds nothing but nulls. */
export function nullsOf(type: DataType, length: number): Column {
  if (type instanceof Null) return { kind: 'null', type, length, validity: undefined, offset: 0 };
  return columnOf(blankData(type, length));
}
