import type { Field, RecordBatch, Table } from 'apache-arrow';
import { Batch } from './batch.ts';
import type { Column } from './column.ts';
import type { ColumnTypes, RowOf } from './type-families.ts';
import { valueAt, valuesOf } from './value.ts';

/** Metadata key of a field whose int64 values JavaScript is to see as plain numbers. */
export const plainNumberKey = 'millrace:number';

/** Whether the values of an int64 field are plain numbers for the user. */
export function isPlainNumber(field: Field): boolean {
  return field.metadata.get(plainNumberKey) === 'true';
}

/** One value of a field as the user sees it. */
export function fieldValue(field: Field, column: Column, row: number): unknown {
  const value = valueAt(column, row);
  return typeof value === 'bigint' && isPlainNumber(field) ? Number(value) : value;
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
    const values = valuesOf(batch.column(i));
    return isPlainNumber(field) ? values.map((value) => (value === null ? null : Number(value))) : values;
  });
  return Array.from({ length: batch.length }, (_, row) => {
    const object: Record<string, unknown> = {};
    for (const [i, field] of fields.entries()) object[field.name] = columns[i]![row];
    return object;
  });
}
