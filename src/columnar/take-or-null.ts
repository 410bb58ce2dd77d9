import { Data } from 'apache-arrow';
import { columnOf } from './arrow.ts';
import { countBits } from './bitmap.ts';
import type { Column } from './column.ts';
import { nullsOf } from './nulls.ts';
import { take } from './take.ts';
import { validityBits } from './validity.ts';

/**
 * The given rows of a column, in the order given; null where a number is negative.
 *
 * @throws SchemaError `type-mismatch`, as `take`.
 */
export function takeOrNull(column: Column, rows: Int32Array): Column {
  let first = 0;
  while (first < rows.length && rows[first]! >= 0) first++;
  if (first === rows.length) return take(column, rows);
  if (column.length === 0) return nullsOf(column.type, rows.length);
  const safe = rows.slice();
  for (let i = first; i < safe.length; i++) if (safe[i]! < 0) safe[i] = 0;
  const taken = take(column, safe);
  const bits = validityBits(taken);
  for (let i = first; i < rows.length; i++) if (rows[i]! < 0) bits[i >> 3]! &= ~(1 << (i & 7));
  return withValidity(taken, bits);
}

/** `column`, whose rows start at bit 0, with other validity bits. */
export function withValidity(column: Column, validity: Uint8Array): Column {
  if (column.kind !== 'opaque') return { ...column, validity, data: undefined } as Column;
  const { type, length, data } = column;
  const nulls = length - countBits(validity, 0, length);
  const buffers = [data.valueOffsets, data.values, validity];
  return columnOf(new Data(type, 0, length, nulls, buffers as never, data.children));
}
