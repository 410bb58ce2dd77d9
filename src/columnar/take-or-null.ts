import { clearBit } from './bitmap.ts';
import type { Column } from './column.ts';
import { nullsOf, withValidity } from './nulls.ts';
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
  if (taken.kind === 'null') return taken;
  const bits = validityBits(taken);
  for (let i = first; i < rows.length; i++) if (rows[i]! < 0) clearBit(bits, i);
  return withValidity(taken, bits);
}
