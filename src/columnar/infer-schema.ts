import {
  Bool,
  type DataType,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  Null,
  Schema,
  TimestampMillisecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import type { ColumnValues, Row } from './build.ts';
import type { Values } from './fill.ts';
import { undeterminedField } from './undetermined.ts';

/**
 * The schema that `input`, rows or columns, seems to have; `undefined` where there is no row or no field to look at.
 *
 * Fields are the union of the keys of all rows, in the order in which they first come. A number makes
 * float64, a bigint int64, a boolean bool, a string utf8 (never a date), a `Date` timestamp(ms); a typed
 * array its own type. The first value that is not null decides; a column of nothing but nulls is of type null until
 * something else comes. Fields of objects and arrays are left out. All fields are nullable. O(values).
 */
export function inferSchema(input: readonly unknown[] | ColumnValues): Schema | undefined {
  const types = Array.isArray(input) ? typesOfRows(input) : typesOfColumns(input as ColumnValues);
  const fields: Field[] = [];
  for (const [name, type] of types) {
    if (type === undefined) continue;
    fields.push(
      type === null ? undeterminedField(new Field(name, new Null(), true)) : new Field(name, type, true),
    );
  }
  return fields.length === 0 ? undefined : new Schema(fields);
}

/** `null`: only nulls so far; `undefined`: something that makes no column. */
type Inferred = DataType | null | undefined;

function typesOfRows(rows: readonly unknown[]): Map<string, Inferred> {
  const types = new Map<string, Inferred>();
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) continue;
    for (const name of Object.keys(row)) {
      if (!types.has(name) || types.get(name) === null) types.set(name, typeOf((row as Row)[name]));
    }
  }
  return types;
}

function typesOfColumns(columns: ColumnValues): Map<string, Inferred> {
  const types = new Map<string, Inferred>();
  for (const name of Object.keys(columns)) types.set(name, typeOfValues(columns[name]!));
  return types;
}

function typeOfValues(values: Values): Inferred {
  if (values instanceof Float64Array) return new Float64();
  if (values instanceof Float32Array) return new Float32();
  if (values instanceof BigInt64Array) return new Int64();
  if (values instanceof BigUint64Array) return new Uint64();
  if (values instanceof Int32Array) return new Int32();
  if (values instanceof Int16Array) return new Int16();
  if (values instanceof Int8Array) return new Int8();
  if (values instanceof Uint32Array) return new Uint32();
  if (values instanceof Uint16Array) return new Uint16();
  if (values instanceof Uint8Array || values instanceof Uint8ClampedArray) return new Uint8();
  let type: Inferred = null;
  for (let i = 0; i < values.length && type === null; i++) type = typeOf(values[i]);
  return type;
}

function typeOf(value: unknown): Inferred {
  if (value === undefined || value === null) return null;
  switch (typeof value) {
    case 'number':
      return new Float64();
    case 'bigint':
      return new Int64();
    case 'boolean':
      return new Bool();
    case 'string':
      return new Utf8();
  }
  return value instanceof Date ? new TimestampMillisecond() : undefined;
}
