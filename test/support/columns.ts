import { type DataType, vectorFromArray } from 'apache-arrow';
import { columnOf } from '../../src/columnar/arrow.ts';
import type { Column } from '../../src/columnar/column.ts';
import { ColumnRows } from '../../src/columnar/column-rows.ts';

/** A column of JavaScript values; `null` is null. */
export function column(type: DataType, values: readonly unknown[]): Column {
  return columnOf(vectorFromArray([...values], type).data[0]!);
}

export function valuesOf(of: Column): unknown[] {
  return new ColumnRows(of).toArray();
}
