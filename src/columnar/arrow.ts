import {
  Data,
  type DataType,
  type Dictionary,
  RecordBatch,
  Schema,
  Struct,
  Type,
  type Union,
  UnionMode,
  Vector,
} from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { copyBits, countBits, getBit, newBitmap, setBit } from './bitmap.ts';
import { blankData } from './blank.ts';
import { byteRowsOf, dataOfByteRows } from './byte-rows.ts';
import type { Column, DictionaryColumn, NumberArray } from './column.ts';
import { concat } from './concat.ts';
import { floatsOfHalves, halvesOfFloats } from './half.ts';
import { isHalf } from './types.ts';

/**
 * The one place that knows how apache-arrow lays out its `Data`: how to look at it as columns, and how to
 * make it from columns. Slices keep their trap here: values and value offsets of a slice start at its
 * first row, validity bits and the bits of a bool column do not.
 */

/**
 * The column of an Arrow `Data`. No copy, except of large offsets and views of strings, which are worked on as plain
 * utf8, of half floats, as floats, and of 64-bit dictionary codes; their type says what they are made into again.
 */
export function columnOf(given: Data): Column {
  // A vector made of no values has no arrays either.
  const bare = given.length === 0 && !(given.values ?? given.valueOffsets ?? given.children?.[0]);
  const data = bare ? emptyData(given.type) : given;
  const { type, length, offset } = data;
  const validity = validityOf(data);
  const base = { length, validity, offset, data };
  switch (type.typeId) {
    case Type.Null:
      return { ...base, kind: 'null', type, validity: undefined };
    case Type.Bool:
      return { ...base, kind: 'bool', type, values: data.values as Uint8Array };
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return { ...base, kind: 'utf8', type, ...byteRowsOf(data, validity) };
    case Type.Dictionary:
      return withDictionaryNulls(columnOfCodes(data, validity));
    case Type.Float:
      if (data.values instanceof Uint16Array) {
        return { ...base, kind: 'number', type, values: floatsOfHalves(data.values, length) };
      }
      return { ...base, kind: 'number', type, values: data.values as NumberArray };
    case Type.Union:
      return { ...base, kind: 'opaque', type, data, validity: unionValidity(data) };
    case Type.Int:
    case Type.Date:
    case Type.Time:
    case Type.Timestamp:
    case Type.Duration:
      if (data.values instanceof BigInt64Array || data.values instanceof BigUint64Array) {
        return { ...base, kind: 'int64', type, values: data.values };
      }
      return { ...base, kind: 'number', type, values: data.values as NumberArray };
  }
  return { ...base, kind: 'opaque', type, data };
}

function columnOfCodes(data: Data, validity: Uint8Array | undefined): DictionaryColumn {
  const { length, offset } = data;
  const type = data.type as Dictionary;
  const dictionary =
    data.dictionary === undefined
      ? columnOf(emptyData(type.dictionary as DataType))
      : dictionaryColumn(data.dictionary);
  return {
    kind: 'dictionary',
    type,
    length,
    validity,
    offset,
    data,
    codes: smallCodes(data.values, validity, offset),
    dictionary,
  };
}

function smallCodes(
  codes: DictionaryColumn['codes'] | BigInt64Array | BigUint64Array,
  validity: Uint8Array | undefined,
  offset: number,
): DictionaryColumn['codes'] {
  if (!(codes instanceof BigInt64Array || codes instanceof BigUint64Array)) return codes;
  const small = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    // The code of a null may be anything.
    if (validity !== undefined && !getBit(validity, offset + i)) continue;
    small[i] = Number(codes[i]!);
    if (BigInt(small[i]!) !== codes[i]) {
      throw new SchemaError(
        'bad-value',
        `row ${i} has code ${codes[i]}, which no dictionary is long enough for`,
      );
    }
  }
  return small;
}

/** A row of a union is null where its value is. */
function unionValidity(data: Data): Uint8Array | undefined {
  if (data.children.every((child) => child.nullCount === 0)) return undefined;
  const { mode, typeIdToChildIndex } = data.type as Union;
  const columns = data.children.map(columnOf);
  const bits = newBitmap(data.offset + data.length);
  for (let i = 0; i < data.length; i++) {
    const column = columns[typeIdToChildIndex[data.typeIds[i]!]!]!;
    const row = mode === UnionMode.Dense ? data.valueOffsets[i]! : i;
    const { validity, offset, kind } = column;
    if (kind !== 'null' && (validity === undefined || getBit(validity, offset + row)))
      setBit(bits, data.offset + i);
  }
  return bits;
}

/** A null among the values of a dictionary makes the rows that point at it null. */
function withDictionaryNulls(column: DictionaryColumn): DictionaryColumn {
  const { dictionary, codes, length, validity, offset } = column;
  if (dictionary.validity === undefined) return column;
  const bits = newBitmap(length);
  for (let i = 0; i < length; i++) {
    const valid = validity === undefined || getBit(validity, offset + i);
    if (valid && getBit(dictionary.validity, dictionary.offset + codes[i]!)) setBit(bits, i);
  }
  return { ...column, validity: bits, offset: 0 };
}

function validityOf(data: Data): Uint8Array | undefined {
  const bits = data.nullBitmap;
  if (bits === undefined || bits === null || bits.length === 0) return undefined;
  return countBits(bits, data.offset, data.length) === data.length ? undefined : bits;
}

/** Columns of dictionaries, so that the same dictionary is the same column from batch to batch. */
const dictionaryColumns = new WeakMap<Vector, Column>();

function dictionaryColumn(dictionary: Vector): Column {
  let column = dictionaryColumns.get(dictionary);
  if (column === undefined) {
    const { data } = dictionary;
    // A dictionary that grew by deltas is in pieces; as one column it can be indexed.
    column = data.length === 0 ? columnOf(emptyData(dictionary.type)) : concat(data.map(columnOf));
    dictionaryColumns.set(dictionary, column);
  }
  return column;
}

/** The Arrow `Data` of a column: the one it came from, else a new one over the same arrays. */
export function dataOf(column: Column): Data {
  if (column.data !== undefined) return column.data;
  const { type, length } = column;
  let { validity } = column;
  if (validity !== undefined && column.offset !== 0) validity = copyBits(validity, column.offset, length);
  const nullCount = validity === undefined ? 0 : length - countBits(validity, 0, length);
  switch (column.kind) {
    case 'null':
      return new Data(type, 0, length, length);
    case 'number': {
      const { values } = column;
      const own = isHalf(type) ? halvesOfFloats(values as Float32Array, length) : values;
      return new Data(type, 0, length, nullCount, [undefined, own, validity] as never);
    }
    case 'int64':
      return new Data(type, 0, length, nullCount, [undefined, column.values, validity] as never);
    case 'bool': {
      const values = column.offset === 0 ? column.values : copyBits(column.values, column.offset, length);
      return new Data(type, 0, length, nullCount, [undefined, values, validity] as never);
    }
    case 'utf8':
      return dataOfByteRows(type, length, nullCount, column, validity);
    case 'dictionary':
      return new Data(
        type,
        0,
        length,
        nullCount,
        [undefined, codesAsWide(column.type, column.codes), validity] as never,
        [],
        vectorOf(column.dictionary),
      );
    case 'opaque':
      return column.data;
  }
}

/** Codes as wide as the type says. */
export function codesAsWide(
  type: Dictionary,
  codes: DictionaryColumn['codes'],
): DictionaryColumn['codes'] | BigInt64Array | BigUint64Array {
  const { bitWidth, isSigned } = type.indices as { readonly bitWidth: number; readonly isSigned: boolean };
  if (bitWidth !== 64) return codes;
  const wide = isSigned ? new BigInt64Array(codes.length) : new BigUint64Array(codes.length);
  for (let i = 0; i < codes.length; i++) wide[i] = BigInt(codes[i]!);
  return wide;
}

/** The Arrow vector of a column. */
export function vectorOf(column: Column): Vector {
  return new Vector([dataOf(column)]);
}

/** The vector of pieces of one type. */
export function vectorOfPieces(pieces: readonly Data[]): Vector {
  return new Vector(pieces as Data[]);
}

/** Data of no rows. */
export function emptyData(type: DataType): Data {
  return blankData(type, 0);
}

/**
 * The columns of `batch` under other fields, column `order[i]` as field `i`. Nothing is copied.
 */
export function withFields(
  batch: RecordBatch,
  fields: Schema['fields'],
  order: readonly number[],
): RecordBatch {
  const children = order.map((index) => batch.data.children[index]!);
  return withColumns(batch, children, new Schema(fields, batch.schema.metadata));
}

/** `batch` with other columns. */
export function withColumns(
  batch: RecordBatch,
  columns: readonly Data[],
  schema: Schema = batch.schema,
): RecordBatch {
  const struct = new Data(new Struct(schema.fields), 0, batch.numRows, 0, undefined, [...columns]);
  return new RecordBatch(schema, struct as Data<Struct>);
}

export function recordBatchOf(schema: Schema, length: number, columns: readonly Column[]): RecordBatch {
  const struct = new Data(new Struct(schema.fields), 0, length, 0, undefined, columns.map(dataOf));
  return new RecordBatch(schema, struct as Data<Struct>);
}
