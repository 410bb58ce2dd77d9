import {
  type DataType,
  Field,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
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

/** A record batch of whole vectors of one chunk, all fields nullable. */
export function recordBatch(columns: Readonly<Record<string, Vector>>): RecordBatch {
  const vectors = Object.values(columns);
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type, true));
  const children = vectors.map((vector) => vector.data[0]!);
  const length = vectors[0]?.length ?? 0;
  const struct = makeData({ type: new Struct(fields), length, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), struct);
}
