import { Data, DataType, type Dictionary, type Field, type Schema } from 'apache-arrow';
import { quote, SchemaError } from '../errors.ts';
import { codesAsWide, columnOf } from './arrow.ts';
import { Batch } from './batch.ts';
import { countBits, newBitmap, setBit } from './bitmap.ts';
import { isBytes } from './byte-rows.ts';
import type { Column, NumberArray } from './column.ts';
import { decimalColumn, decimalIn } from './decimal.ts';
import { DictionaryBuilder } from './dictionary-builder.ts';
import { cannotBuild, fillBools, fillNulls, numberStorage, type Reject, show, type Values } from './fill.ts';
import { bytesColumn } from './fill-bytes.ts';
import { nestedBuilder } from './fill-nested.ts';
import { encodeStrings } from './fill-utf8.ts';
import { typeName } from './type-name.ts';
import { isString } from './types.ts';

/** A row as JSON gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Columns by name: arrays, or typed arrays, which are taken as they are where their type is the field's. */
export type ColumnValues = Readonly<Record<string, Values>>;

/** A row that did not fit the schema and was left out. */
export interface RejectedRow {
  /** Its number among the rows given, from 0. */
  readonly row: number;
  /** The first field it did not fit; `undefined` where the row as a whole is none. */
  readonly column: string | undefined;
  readonly reason: string;
}

export interface BuildResult {
  /** The rows that fit, in order. */
  readonly batch: Batch;
  /** The rows that did not, ascending. */
  readonly rejected: readonly RejectedRow[];
}

/**
 * Makes batches of one schema from rows or columns.
 *
 * A missing field, `undefined` and `null` are null; fields that the schema does not name are ignored. A
 * value of another type, an integer that is fractional or out of range, and a null where the field is not
 * nullable reject that row and no other. The text `"NaN"` is a float; other texts of numbers are not.
 * Dictionaries keep their codes from batch to batch. O(values); a rejected row costs a second pass.
 *
 * @throws `type-mismatch` when the schema has a type that rows cannot be made into.
 */
export class BatchBuilder {
  readonly schema: Schema;
  readonly #columns: readonly ColumnBuilder[];

  constructor(schema: Schema) {
    this.schema = schema;
    this.#columns = schema.fields.map((field) => new ColumnBuilder(field));
  }

  /** A batch of the rows that fit. */
  fromRows(rows: readonly unknown[]): BuildResult {
    const rejections = new Rejections();
    this.#checkRows(rows, rejections);
    const good =
      rejections.size === 0
        ? (rows as readonly Row[])
        : rows.map((row, i) => (rejections.has(i) ? {} : row) as Row);
    return this.#build(rows.length, (name) => valuesOf(good, name), rejections);
  }

  /**
   * A batch of the rows that fit of columns of equal length. A typed array of the field's own type is not copied
   * unless a row is rejected.
   *
   * @throws `schema-mismatch` when the columns differ in length.
   */
  fromColumns(columns: ColumnValues): BuildResult {
    const names = Object.keys(columns);
    const length = names.length === 0 ? 0 : columns[names[0]!]!.length;
    for (const name of names) {
      if (columns[name]!.length === length) continue;
      const lengths = names.map((other) => `${quote(other)} ${columns[other]!.length}`).join(', ');
      throw new SchemaError('schema-mismatch', `columns differ in length: ${lengths}`);
    }
    const fields = this.schema.fields.map((field) => field.name);
    if (names.length > 0 && fields.length > 0 && !fields.some((name) => Object.hasOwn(columns, name))) {
      throw new SchemaError('schema-mismatch', noneOf(fields, names));
    }
    const nothing: Values = { length };
    return this.#build(
      length,
      (name) => (Object.hasOwn(columns, name) ? columns[name]! : nothing),
      new Rejections(),
    );
  }

  #checkRows(rows: readonly unknown[], rejections: Rejections): void {
    const names = this.schema.fields.map((field) => field.name);
    const first = names[0];
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (typeof row !== 'object' || row === null || Array.isArray(row)) {
        rejections.add(i, undefined, `expected an object of fields, got ${show(row)}`);
      } else if (first !== undefined && (row as Row)[first] === undefined) {
        // The wrong endpoint, or an error written as JSON, must not turn into a row of nulls.
        const own = Object.keys(row);
        if (
          own.length > 0 &&
          !names.some((name) => Object.hasOwn(row, name) || (row as Row)[name] !== undefined)
        ) {
          rejections.add(i, undefined, noneOf(names, own));
        }
      }
    }
  }

  #build(length: number, valuesOfField: (name: string) => Values, rejections: Rejections): BuildResult {
    const inputs = this.schema.fields.map((field) => valuesOfField(field.name));
    const columns = this.#columns.map((column, i) => {
      const name = this.schema.fields[i]!.name;
      return column.build(inputs[i]!, length, (row, reason) => rejections.add(row, name, reason));
    });
    if (rejections.size === 0) return { batch: new Batch(this.schema, length, columns), rejected: [] };
    const kept: number[] = [];
    for (let i = 0; i < length; i++) if (!rejections.has(i)) kept.push(i);
    const fitting = this.#columns.map((column, i) =>
      column.build(take(inputs[i]!, kept), kept.length, () => {}),
    );
    return { batch: new Batch(this.schema, kept.length, fitting), rejected: rejections.list() };
  }
}

/** A batch of the rows that fit `schema`; see {@link BatchBuilder}. */
export function buildBatch(schema: Schema, input: readonly unknown[] | ColumnValues): BuildResult {
  const builder = new BatchBuilder(schema);
  return Array.isArray(input) ? builder.fromRows(input) : builder.fromColumns(input as ColumnValues);
}

/** Whether `value` is an object whose values are all arrays or typed arrays. */
export function isColumnValues(value: unknown): value is ColumnValues {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return false;
  const columns = Object.values(value);
  return columns.length > 0 && columns.every(isValues);
}

function isValues(value: unknown): value is Values {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function noneOf(names: readonly string[], own: readonly string[]): string {
  const some = (list: readonly string[]): string =>
    (list.length > 8 ? [...list.slice(0, 8), '…'] : list).join(', ');
  return `has none of the fields ${some(names)}, but ${some(own)}`;
}

/** First reason per row. */
class Rejections {
  readonly #byRow = new Map<number, RejectedRow>();

  get size(): number {
    return this.#byRow.size;
  }

  has(row: number): boolean {
    return this.#byRow.has(row);
  }

  add(row: number, column: string | undefined, reason: string): void {
    if (!this.#byRow.has(row)) this.#byRow.set(row, { row, column, reason });
  }

  list(): RejectedRow[] {
    return [...this.#byRow.values()].sort((a, b) => a.row - b.row);
  }
}

function valuesOf(rows: readonly Row[], name: string): Values {
  const values = new Array<unknown>(rows.length);
  if (name in Object.prototype) {
    for (let i = 0; i < rows.length; i++)
      values[i] = Object.hasOwn(rows[i]!, name) ? rows[i]![name] : undefined;
  } else {
    for (let i = 0; i < rows.length; i++) values[i] = rows[i]![name];
  }
  return values;
}

/** The values of `rows`; of a typed array again one of its type, whose elements are raw. */
function take(values: Values, rows: readonly number[]): Values {
  if (!ArrayBuffer.isView(values)) return rows.map((row) => values[row]);
  const taken = new (values.constructor as new (length: number) => NumberArray)(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = (values as unknown as NumberArray)[rows[i]!]!;
  return taken;
}

/** Makes a column of values; what stands where `validity` says null does not matter. */
export type BuildColumn = (
  values: Values,
  length: number,
  validity: Uint8Array | undefined,
  reject: Reject,
) => Column;

/** Builds the columns of one field. */
class ColumnBuilder {
  readonly #field: Field;
  readonly #build: (
    values: Values,
    length: number,
    validity: Uint8Array | undefined,
    reject: Reject,
  ) => Column;

  constructor(field: Field) {
    this.#field = field;
    this.#build = builderOf(field);
  }

  build(values: Values, length: number, reject: Reject): Column {
    const validity =
      ArrayBuffer.isView(values) || DataType.isNull(this.#field.type)
        ? undefined
        : validityOf(values, length);
    if (validity !== undefined && !this.#field.nullable) {
      for (let i = 0; i < length; i++) {
        const value = values[i];
        if (value === undefined || value === null) reject(i, 'null where none may be');
      }
    }
    return this.#build(values, length, validity, reject);
  }
}

/** Validity bits; `undefined` where no value is null. */
export function validityOf(values: Values, length: number): Uint8Array | undefined {
  let first = 0;
  while (first < length && values[first] !== undefined && values[first] !== null) first++;
  if (first === length) return undefined;
  const bits = newBitmap(length);
  bits.fill(255, 0, first >> 3);
  for (let i = first & ~7; i < length; i++) {
    const value = values[i];
    if (value !== undefined && value !== null) setBit(bits, i);
  }
  return bits;
}

function builderOf(field: Field): BuildColumn {
  const type = field.type as DataType;
  const storage = numberStorage(type);
  if (storage !== undefined) {
    const { kind, make, fill, rounds = false } = storage;
    const sample = make(0);
    return (values, length, validity, reject) => {
      let target = make(0);
      if (!rounds && ArrayBuffer.isView(values) && values.constructor === sample.constructor)
        target = values as unknown as NumberArray;
      else {
        target = make(length);
        fill(values, target as never, reject);
      }
      return { kind, type, length, validity, offset: 0, values: target } as Column;
    };
  }
  if (DataType.isBool(type)) {
    return (values, length, validity, reject) => {
      const bits = newBitmap(length);
      fillBools(values, bits, reject);
      return { kind: 'bool', type, length, validity, offset: 0, values: bits };
    };
  }
  if (DataType.isUtf8(type)) {
    return (values, length, validity, reject) => ({
      kind: 'utf8',
      type,
      length,
      validity,
      offset: 0,
      ...encodeStrings(values, reject),
    });
  }
  if (DataType.isDictionary(type) && DataType.isUtf8(type.dictionary as DataType)) {
    const dictionary = new DictionaryBuilder(type as Dictionary);
    return (values, length, validity, reject) => {
      const codes = dictionary.encode(values, reject);
      const nullCount = validity === undefined ? 0 : length - countBits(validity, 0, length);
      return columnOf(
        new Data(
          type,
          0,
          length,
          nullCount,
          [undefined, codesAsWide(type, codes), validity] as never,
          [],
          dictionary.vector,
        ),
      );
    };
  }
  if (DataType.isNull(type)) {
    return (values, length, _validity, reject) => {
      fillNulls(values, reject);
      return { kind: 'null', type, length, validity: undefined, offset: 0 };
    };
  }
  if (DataType.isDecimal(type)) {
    return (values, length, _validity, reject) => {
      const unscaled = new Array<bigint>(length).fill(0n);
      const present = new Uint8Array(length);
      for (let i = 0; i < length; i++) {
        const value = values[i];
        if (value === undefined || value === null) continue;
        const digits = decimalIn(value, type);
        if (digits === undefined) reject(i, `expected ${typeName(type)}, got ${show(value)}`);
        else unscaled[i] = digits;
        present[i] = 1;
      }
      return decimalColumn(type, unscaled, (row) => present[row] === 1);
    };
  }
  if (isString(type)) {
    return (values, length, validity, reject) => ({
      kind: 'utf8',
      type,
      length,
      validity,
      offset: 0,
      ...encodeStrings(values, reject),
    });
  }
  if (isBytes(type) || DataType.isFixedSizeBinary(type)) {
    return (values, length, validity, reject) => bytesColumn(type, values, length, validity, reject);
  }
  const nested = nestedBuilder(type, (child) => builderOf(child));
  if (nested !== undefined) return nested;
  throw cannotBuild(type, field.name);
}
