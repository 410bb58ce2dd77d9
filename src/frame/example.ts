import type { DataType, Float64, Int64, Schema } from 'apache-arrow';
import type { ColumnValues } from '../columnar/build.ts';
import { inferSchema } from '../columnar/infer-schema.ts';
import { SchemaError } from '../errors.ts';
import type { AssignedType } from './dataframe.ts';

/** A row, rows, or columns by name. */
export type Example = Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[];

/** The columns that an example gives. */
export type ColumnsOf<E> = E extends readonly (infer R)[] ? ColumnsOfRow<R> : ColumnsOfRow<E>;

type ColumnsOfRow<R> = { -readonly [C in keyof R & string]: TypeOfItem<R[C]> };

type TypeOfItem<V> = V extends BigInt64Array
  ? Int64
  : V extends Float64Array
    ? Float64
    : V extends ArrayBufferView
      ? DataType
      : V extends readonly (infer Item)[]
        ? AssignedType<Item>
        : AssignedType<V>;

/**
 * The schema that an example has, as `inferSchema` reads it.
 *
 * @throws `bad-option` where there is no value to tell it by.
 */
export function schemaOfExample(example: Example): Schema {
  const schema = isRow(example) ? inferSchema([example]) : inferSchema(example as ColumnValues);
  if (schema !== undefined) return schema;
  throw new SchemaError('bad-option', 'the example of a frame has no field to make a column of');
}

/** Whether it is a single row: rows are an array, and columns hold nothing else. */
function isRow(example: Example): boolean {
  if (Array.isArray(example)) return false;
  return !Object.values(example).every((values) => Array.isArray(values) || ArrayBuffer.isView(values));
}
