import { Data, type DataType, Null } from 'apache-arrow';
import { columnOf } from './arrow.ts';
import { countBits, packBits } from './bitmap.ts';
import { blankData } from './blank.ts';
import type { Column } from './column.ts';

/** A column of `type` that holds nothing but nulls. */
export function nullsOf(type: DataType, length: number): Column {
  if (type instanceof Null) return { kind: 'null', type, length, validity: undefined, offset: 0 };
  return columnOf(blankData(type, length));
}

/** The column, whose rows start at bit 0, with null where `present` is 0, in place of what was null before. */
export function withNulls(column: Column, present: Uint8Array): Column {
  return withValidity(column, packBits(present));
}

/** `column`, whose rows start at bit 0, with other validity bits; `undefined` for no nulls. */
export function withValidity(column: Column, validity: Uint8Array | undefined): Column {
  if (column.kind !== 'opaque') return { ...column, validity, data: undefined } as Column;
  const { type, length, data } = column;
  const nulls = validity === undefined ? 0 : length - countBits(validity, 0, length);
  const buffers = [data.valueOffsets, data.values, validity];
  return columnOf(new Data(type, 0, length, nulls, buffers as never, data.children));
}
