import type { RecordBatch, TypeMap } from 'apache-arrow';
import { Batch } from './batch.ts';
import { ColumnRows } from './column-rows.ts';

/** The columns of a batch by name. */
export type ColumnsOf<T extends TypeMap> = { readonly [K in keyof T & string]: ColumnRows<T[K]> };

/**
 * The columns of a record batch by name, with `sum`, `min`, `max` and `count` over what is neither null nor NaN:
 * `toColumns(batch).value.sum()`. Nothing is copied. Of columns with the same name the last is given.
 */
export function toColumns<T extends TypeMap>(batch: RecordBatch<T>): ColumnsOf<T> {
  const view = Batch.of(batch);
  return Object.fromEntries(
    batch.schema.fields.map(({ name }, i) => [name as string, new ColumnRows(view.column(i))]),
  ) as ColumnsOf<T>;
}
