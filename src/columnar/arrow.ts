import {
  Data,
  type DataType,
  Dictionary,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
  Type,
  Utf8,
  Vector,
} from 'apache-arrow';
import { copyBits, countBits, getBit, newBitmap, setBit } from './bitmap.ts';
import type { Column, DictionaryColumn, NumberArray, Utf8Column } from './column.ts';
import { concat } from './concat.ts';

/**
 * The one place that knows how apache-arrow lays out its `Data`: how to look at it as columns, and how to
 * make it from columns. Slices keep their trap here: values and value offsets of a slice start at its
 * first row, validity bits and the bits of a bool column do not.
 */

const empty = new Uint8Array(0);

/** The column of an Arrow `Data`. No copy, except of large offsets and string views, which become plain utf8. */
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
      return {
        ...base,
        kind: 'utf8',
        type,
        valueOffsets: data.valueOffsets as Int32Array,
        bytes: (data.values as Uint8Array | undefined) ?? empty,
      };
    case Type.LargeUtf8:
      return utf8OfLarge(data, validity);
    case Type.Utf8View:
      return utf8OfViews(data, validity);
    case Type.Dictionary:
      return withDictionaryNulls(columnOfCodes(data, validity));
    case Type.Float:
      if (!(data.values instanceof Float64Array || data.values instanceof Float32Array)) break;
      return { ...base, kind: 'number', type, values: data.values };
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

/** The type says what the dictionary holds here: a large string or a view is plain utf8 by now. */
function columnOfCodes(data: Data, validity: Uint8Array | undefined): DictionaryColumn {
  const { length, offset } = data;
  const type = data.type as Dictionary;
  const dictionary = dictionaryColumn(data.dictionary!);
  const codes = data.values as DictionaryColumn['codes'];
  const base = { kind: 'dictionary', length, validity, offset, codes, dictionary } as const;
  if (String(dictionary.type) === String(type.dictionary)) return { ...base, type, data };
  return { ...base, type: new Dictionary(dictionary.type, type.indices, type.id, type.isOrdered) };
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

function utf8OfLarge(data: Data, validity: Uint8Array | undefined): Utf8Column {
  const { length, offset } = data;
  const valueOffsets = Int32Array.from(data.valueOffsets as unknown as BigInt64Array, Number);
  const bytes = (data.values as Uint8Array | undefined) ?? empty;
  return { kind: 'utf8', type: new Utf8(), length, validity, offset, valueOffsets, bytes };
}

/** Each view is 16 bytes: the length, then the string itself, or its buffer's number and offset. */
function utf8OfViews(data: Data, validity: Uint8Array | undefined): Utf8Column {
  const { length, offset, variadicBuffers } = data;
  const cells = data.values as Uint8Array;
  const views = new DataView(cells.buffer, cells.byteOffset, cells.byteLength);
  const valueOffsets = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) {
    // The view of a null may hold anything.
    const size = validity === undefined || getBit(validity, offset + i) ? views.getInt32(16 * i, true) : 0;
    valueOffsets[i + 1] = valueOffsets[i]! + size;
  }
  const bytes = new Uint8Array(valueOffsets[length]!);
  for (let i = 0; i < length; i++) {
    const size = valueOffsets[i + 1]! - valueOffsets[i]!;
    if (size === 0) continue;
    const inline = size <= 12;
    const from = inline ? 16 * i + 4 : views.getInt32(16 * i + 12, true);
    const buffer = inline ? cells : variadicBuffers[views.getInt32(16 * i + 8, true)]!;
    bytes.set(buffer.subarray(from, from + size), valueOffsets[i]);
  }
  return { kind: 'utf8', type: new Utf8(), length, validity, offset, valueOffsets, bytes };
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
    case 'number':
    case 'int64':
      return new Data(type, 0, length, nullCount, [undefined, column.values, validity] as never);
    case 'bool': {
      const values = column.offset === 0 ? column.values : copyBits(column.values, column.offset, length);
      return new Data(type, 0, length, nullCount, [undefined, values, validity] as never);
    }
    case 'utf8':
      return new Data(type, 0, length, nullCount, [column.valueOffsets, column.bytes, validity] as never);
    case 'dictionary':
      return new Data(
        type,
        0,
        length,
        nullCount,
        [undefined, column.codes, validity] as never,
        [],
        vectorOf(column.dictionary),
      );
    case 'opaque':
      return column.data;
  }
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
  return makeData({ type, length: 0 } as Parameters<typeof makeData>[0]);
}

export function recordBatchOf(schema: Schema, length: number, columns: readonly Column[]): RecordBatch {
  const struct = new Data(new Struct(schema.fields), 0, length, 0, undefined, columns.map(dataOf));
  return new RecordBatch(schema, struct as Data<Struct>);
}
