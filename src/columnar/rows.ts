import { DataType, type Field, type RecordBatch, type Table } from 'apache-arrow';
import { Batch } from './batch.ts';
import { fieldValue, isPlain } from './nested.ts';
import type { ColumnTypes, RowOf } from './type-families.ts';
import { valuesOf } from './value.ts';

export { fieldValue, plainNumberKey } from './nested.ts';

/** Whether the values of an int64 field are plain numbers for the user. */
export function isPlainNumber(field: Field): boolean {
  return DataType.isInt(field.type) && isPlain(field);
}

/** The type of a row of a record batch or table; of one whose columns are not known, any column is unknown. */
export type RowOfBatch<B> = B extends RecordBatch<infer S> | Table<infer S>
  ? 0 extends 1 & S
    ? Record<string, unknown>
    : S extends ColumnTypes
      ? RowOf<S>
      : Record<string, unknown>
  : never;

/**
 * The rows of a record batch or table as plain objects, for tables on a page and for JSON. Numbers and strings as
 * they are, null for null, dates and timestamps in s or ms as milliseconds since 1970, 64-bit integers as
 * bigint. O(values).
 */
export function toRows<B extends RecordBatch | Table>(data: B): RowOfBatch<B>[] {
  const batches: readonly RecordBatch[] = 'batches' in data ? data.batches : [data as RecordBatch];
  return batches.flatMap((batch) => rowsOf(Batch.of(batch)) as RowOfBatch<B>[]);
}

export function rowsOf(batch: Batch): Record<string, unknown>[] {
  const { fields } = batch.schema;
  const columns = fields.map((field, i) => {
    const column = batch.column(i);
    if (column.kind === 'opaque' && isPlain(field))
      return Array.from({ length: batch.length }, (_, row) => fieldValue(field, column, row));
    const values = valuesOf(batch.column(i));
    return isPlainNumber(field) ? values.map((value) => (value === null ? null : Number(value))) : values;
  });
  return Array.from({ length: batch.length }, (_, row) => {
    const object: Record<string, unknown> = {};
    for (const [i, field] of fields.entries()) object[field.name] = columns[i]![row];
    return object;
  });
}
