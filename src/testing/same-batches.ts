import type { Field } from 'apache-arrow';
import type { Batch } from '../columnar/batch.ts';
import type { Column, NumberArray, Utf8Column } from '../columnar/column.ts';
import { fieldValue } from '../columnar/nested.ts';
import { isNull, valueAt } from '../columnar/value.ts';
import { difference } from './difference.ts';

/**
 * Whether two batches hold the same, column by column, as far as that is told quickly: `false` means that they must be
 * looked at value by value. Numbers may differ by `tolerance`, relative to the larger.
 */
export function sameBatches(a: Batch, b: Batch, tolerance: number): boolean {
  const { fields } = a.schema;
  if (a.length !== b.length || fields.length !== b.schema.fields.length) return false;
  return fields.every(
    (field, i) =>
      b.schema.fields[i]!.name === field.name && sameColumns(field, a.column(i), b.column(i), tolerance),
  );
}

function sameColumns(field: Field, a: Column, b: Column, tolerance: number): boolean {
  if (a.kind === 'number' && b.kind === 'number') {
    return sameValidity(a, b) && sameNumbers(a.values, b.values, a, tolerance);
  }
  if (a.kind === 'int64' && b.kind === 'int64') {
    if (!sameValidity(a, b)) return false;
    for (let i = 0; i < a.length; i++) if (a.values[i] !== b.values[i] && !isNull(a, i)) return false;
    return true;
  }
  if (a.kind === 'utf8' && b.kind === 'utf8') return sameValidity(a, b) && sameTexts(a, b);
  if (a.kind === 'opaque' || b.kind === 'opaque') return sameValues(field, a, b, tolerance);
  for (let i = 0; i < a.length; i++) if (valueAt(a, i) !== valueAt(b, i)) return false;
  return true;
}

function sameTexts(a: Utf8Column, b: Utf8Column): boolean {
  for (let i = 0; i < a.length; i++) {
    const [from, to, other] = [a.valueOffsets[i]!, a.valueOffsets[i + 1]!, b.valueOffsets[i]!];
    if (to - from !== b.valueOffsets[i + 1]! - other) {
      if (isNull(a, i)) continue;
      return false;
    }
    for (let k = from; k < to; k++)
      if (a.bytes[k] !== b.bytes[other + k - from] && !isNull(a, i)) return false;
  }
  return true;
}

function sameValues(field: Field, a: Column, b: Column, tolerance: number): boolean {
  for (let i = 0; i < a.length; i++) {
    if (difference(fieldValue(field, a, i), fieldValue(field, b, i), tolerance) !== undefined) return false;
  }
  return true;
}

function sameNumbers(x: NumberArray, y: NumberArray, column: Column, tolerance: number): boolean {
  for (let i = 0; i < column.length; i++) {
    const a = x[i]!;
    const b = y[i]!;
    if (a === b) continue;
    const distance = Math.abs(a - b);
    const near = distance < Infinity && distance <= tolerance * Math.max(Math.abs(a), Math.abs(b));
    if (!near && !(Number.isNaN(a) && Number.isNaN(b)) && !isNull(column, i)) return false;
  }
  return true;
}

function sameValidity(a: Column, b: Column): boolean {
  if (a.validity === undefined && b.validity === undefined) return true;
  for (let i = 0; i < a.length; i++) if (isNull(a, i) !== isNull(b, i)) return false;
  return true;
}
