import { Data, DataType, type Union, UnionMode } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { columnOf, dataOf } from './arrow.ts';
import { copyBits, countBits, newBitmap } from './bitmap.ts';
import { byteRowsOf, dataOfByteRows, isBytes } from './byte-rows.ts';
import type { BoolColumn, Column, OpaqueColumn, Utf8Column } from './column.ts';
import { typeName } from './type-name.ts';

/** Numbers of rows, in any order, as often as wanted. */
export type Rows = Uint32Array | Int32Array;

/**
 * The given rows of a column, in the order given. Nulls stay null; a dictionary is kept, not copied.
 * O(rows), and the bytes of their strings.
 *
 * @throws SchemaError `type-mismatch` for a type that apache-arrow does not know.
 */
export function take(column: Column, rows: Rows): Column {
  const { type } = column;
  if (column.kind === 'opaque') return takeOpaque(column, rows);
  const base = { type, length: rows.length, offset: 0, validity: takeValidity(column, rows) };
  switch (column.kind) {
    case 'number':
      return { ...base, kind: 'number', values: takeValues(column.values, rows) };
    case 'int64':
      return { ...base, kind: 'int64', values: takeValues(column.values, rows) };
    case 'dictionary': {
      const { dictionary } = column;
      return {
        ...base,
        type: column.type,
        kind: 'dictionary',
        codes: takeValues(column.codes, rows),
        dictionary,
      };
    }
    case 'bool':
      return { ...base, kind: 'bool', values: takeBits(column.values, column.offset, rows) };
    case 'utf8':
      return { ...base, kind: 'utf8', ...takeStrings(column.valueOffsets, column.bytes, rows) };
    case 'null':
      return { ...base, kind: 'null' };
  }
}

/** Rows `from … to - 1` of a column. No copy, except of the types that columns only carry along. */
export function slice(column: Column, from: number, to: number): Column {
  if (from === 0 && to === column.length) return column;
  const length = to - from;
  if (column.kind === 'opaque') return columnOf(column.data.slice(from, length));
  const offset = column.offset + from;
  let { validity } = column;
  if (validity !== undefined && countBits(validity, offset, length) === length) validity = undefined;
  const base = { length, offset, validity, data: undefined };
  switch (column.kind) {
    case 'number':
      return { ...column, ...base, values: column.values.subarray(from, to) };
    case 'int64':
      return { ...column, ...base, values: column.values.subarray(from, to) };
    case 'dictionary':
      return { ...column, ...base, codes: column.codes.subarray(from, to) };
    case 'utf8':
      return { ...column, ...base, valueOffsets: column.valueOffsets.subarray(from, to + 1) };
    case 'bool':
    case 'null':
      return { ...column, ...base };
  }
}

/** Numbers of the rows where `mask` is true, ascending. Null is not true. O(rows). */
export function rowsWhere(mask: BoolColumn): Uint32Array {
  const { length } = mask;
  const bits = trueBits(mask);
  const rows = new Uint32Array(length + 8);
  let count = 0;
  // Eight rows at a time, without a branch: a number is written in any case, and stays where its bit is set.
  for (let row = 0; row < length; row += 8) {
    const byte = bits[row >> 3]!;
    rows[count] = row;
    count += byte & 1;
    rows[count] = row + 1;
    count += (byte >> 1) & 1;
    rows[count] = row + 2;
    count += (byte >> 2) & 1;
    rows[count] = row + 3;
    count += (byte >> 3) & 1;
    rows[count] = row + 4;
    count += (byte >> 4) & 1;
    rows[count] = row + 5;
    count += (byte >> 5) & 1;
    rows[count] = row + 6;
    count += (byte >> 6) & 1;
    rows[count] = row + 7;
    count += byte >> 7;
  }
  while (count > 0 && rows[count - 1]! >= length) count--;
  return rows.subarray(0, count);
}

/** The values of `mask` from bit 0 on, null as false. Bits after the last row may be set. */
function trueBits({ values, validity, offset, length }: BoolColumn): Uint8Array {
  const bits = offset === 0 ? values : copyBits(values, offset, length);
  if (validity === undefined) return bits;
  const valid = offset === 0 ? validity : copyBits(validity, offset, length);
  const both = new Uint8Array((length + 7) >> 3);
  for (let i = 0; i < both.length; i++) both[i] = bits[i]! & valid[i]!;
  return both;
}

function takeValidity({ validity, offset }: Column, rows: Rows): Uint8Array | undefined {
  if (validity === undefined) return undefined;
  const bits = takeBits(validity, offset, rows);
  return countBits(bits, 0, rows.length) === rows.length ? undefined : bits;
}

function takeBits(bits: Uint8Array, offset: number, rows: Rows): Uint8Array {
  const taken = newBitmap(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const bit = offset + rows[i]!;
    taken[i >> 3]! |= ((bits[bit >> 3]! >> (bit & 7)) & 1) << (i & 7);
  }
  return taken;
}

/** What typed arrays have in common here. */
interface FixedWidth {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly length: number;
  readonly BYTES_PER_ELEMENT: number;
}

/** Rows of a typed array. Loops by width, not by type, so that each sees one kind of array; bits of integers stay as they are. */
function takeValues<A extends FixedWidth>(values: A, rows: Rows): A {
  const { buffer, byteOffset, length } = values;
  const { constructor: TypedArray } = values as unknown as { constructor: new (buffer: ArrayBuffer) => A };
  switch (values.BYTES_PER_ELEMENT) {
    case 1:
      return new TypedArray(take8(new Uint8Array(buffer, byteOffset, length), rows));
    case 2:
      return new TypedArray(take16(new Uint16Array(buffer, byteOffset, length), rows));
    case 4:
      return new TypedArray(take32(new Uint32Array(buffer, byteOffset, length), rows));
    default:
      if (values instanceof Float64Array) return new TypedArray(takeDoubles(values, rows));
      return new TypedArray(take64(new Uint32Array(buffer, byteOffset, 2 * length), rows));
  }
}

function take8(values: Uint8Array, rows: Rows): ArrayBuffer {
  const taken = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken.buffer;
}

function take16(values: Uint16Array, rows: Rows): ArrayBuffer {
  const taken = new Uint16Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken.buffer;
}

function take32(values: Uint32Array, rows: Rows): ArrayBuffer {
  const taken = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken.buffer;
}

function takeDoubles(values: Float64Array, rows: Rows): ArrayBuffer {
  const taken = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken.buffer;
}

function take64(words: Uint32Array, rows: Rows): ArrayBuffer {
  const taken = new Uint32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = 2 * rows[i]!;
    taken[2 * i] = words[row]!;
    taken[2 * i + 1] = words[row + 1]!;
  }
  return taken.buffer;
}

/** Longer strings are copied by the platform, shorter ones byte by byte, where the call would cost more. */
const longString = 32;

function takeStrings(
  from: Int32Array,
  source: Uint8Array,
  rows: Rows,
): Pick<Utf8Column, 'valueOffsets' | 'bytes'> {
  const valueOffsets = new Int32Array(rows.length + 1);
  let size = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    size += from[row + 1]! - from[row]!;
    valueOffsets[i + 1] = size;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const start = from[row]!;
    const end = from[row + 1]!;
    if (end - start > longString) {
      bytes.set(source.subarray(start, end), at);
      at += end - start;
    } else {
      for (let k = start; k < end; k++) bytes[at++] = source[k]!;
    }
  }
  return { valueOffsets, bytes };
}

/** Rows of a column that is only carried along: its buffers and, by the same rules, its children. */
function takeOpaque({ type, data }: OpaqueColumn, rows: Rows): Column {
  const { length } = rows;
  const bits = data.nullBitmap?.length > 0 ? takeBits(data.nullBitmap, data.offset, rows) : undefined;
  const nulls = bits === undefined ? 0 : length - countBits(bits, 0, length);
  const of = (
    offsets: unknown,
    values: unknown,
    children: readonly Data[] = [],
    typeIds?: Int8Array,
  ): Column =>
    columnOf(new Data(type, 0, length, nulls, [offsets, values, bits, typeIds] as never, [...children]));
  const child = (childRows: Rows, k = 0): Data => dataOf(take(columnOf(data.children[k]!), childRows));
  if (DataType.isStruct(type)) {
    return of(
      undefined,
      undefined,
      data.children.map((_, k) => child(rows, k)),
    );
  }
  if (isBytes(type)) {
    const validity = data.nullBitmap?.length > 0 ? data.nullBitmap : undefined;
    const { valueOffsets, bytes } = byteRowsOf(data, validity);
    return columnOf(dataOfByteRows(type, length, nulls, takeStrings(valueOffsets, bytes, rows), bits));
  }
  if (DataType.isList(type) || DataType.isMap(type)) {
    const { valueOffsets, items } = takeLists(data.valueOffsets as Int32Array, rows);
    return of(valueOffsets, undefined, [child(items)]);
  }
  if (DataType.isLargeList(type)) {
    const { valueOffsets, items } = takeLists(data.valueOffsets as unknown as BigInt64Array, rows);
    return of(BigInt64Array.from(valueOffsets, BigInt), undefined, [child(items)]);
  }
  if (DataType.isFixedSizeList(type))
    return of(undefined, undefined, [child(stretched(rows, type.listSize))]);
  if (DataType.isFixedSizeBinary(type) || DataType.isDecimal(type) || DataType.isInterval(type)) {
    return of(undefined, takeValues(data.values as FixedWidth, stretched(rows, data.stride)));
  }
  if (DataType.isUnion(type)) {
    const typeIds = Int8Array.from(rows, (row) => data.typeIds[row]!);
    if (type.mode === UnionMode.Sparse) {
      return of(
        undefined,
        undefined,
        data.children.map((_, k) => child(rows, k)),
        typeIds,
      );
    }
    const { valueOffsets, items } = takeVariants(data, type, rows);
    return of(
      valueOffsets,
      undefined,
      items.map((childRows, k) => child(childRows, k)),
      typeIds,
    );
  }
  throw new SchemaError('type-mismatch', `cannot take rows of a column of type ${typeName(type)}`);
}

/** Where the rows of a dense union are in its new children, and which rows of the old ones these have. */
function takeVariants(
  { typeIds, valueOffsets: from }: Data,
  { typeIdToChildIndex, children }: Union,
  rows: Rows,
): { valueOffsets: Int32Array; items: Int32Array[] } {
  const picked: number[][] = children.map(() => []);
  const valueOffsets = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    valueOffsets[i] = picked[typeIdToChildIndex[typeIds[row]!]!]!.push(from[row]!) - 1;
  }
  return { valueOffsets, items: picked.map((childRows) => Int32Array.from(childRows)) };
}

/** Offsets of the lists of `rows`, and the rows of their items. */
function takeLists(
  offsets: Int32Array | BigInt64Array,
  rows: Rows,
): { valueOffsets: Int32Array; items: Uint32Array } {
  const valueOffsets = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    valueOffsets[i + 1] = valueOffsets[i]! + Number(offsets[rows[i]! + 1]!) - Number(offsets[rows[i]!]!);
  }
  const items = new Uint32Array(valueOffsets[rows.length]!);
  for (let i = 0, at = 0; i < rows.length; i++) {
    const end = Number(offsets[rows[i]! + 1]!);
    for (let item = Number(offsets[rows[i]!]!); item < end; item++) items[at++] = item;
  }
  return { valueOffsets, items };
}

/** The elements of rows that have `stride` elements each. */
function stretched(rows: Rows, stride: number): Rows {
  if (stride === 1) return rows;
  const elements = new Uint32Array(rows.length * stride);
  for (let i = 0; i < elements.length; i++) elements[i] = rows[(i / stride) | 0]! * stride + (i % stride);
  return elements;
}
