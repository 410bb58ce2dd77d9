import { Data, DataType } from 'apache-arrow';
import { columnOf, dataOf } from './arrow.ts';
import { countBits, newBitmap, setBit } from './bitmap.ts';
import type { Column } from './column.ts';
import { take } from './take.ts';
import { commonValidity } from './validity.ts';

/** The given rows of a column, in the order given, and null where a number is negative. */
export function takeOrNull(column: Column, rows: Int32Array): Column {
  if (!rows.some((row) => row < 0)) return take(column, rows);
  if (column.length === 0) return allNull(column, rows.length);
  const valid = newBitmap(rows.length);
  for (let i = 0; i < rows.length; i++) if (rows[i]! >= 0) setBit(valid, i);
  const taken = take(
    column,
    rows.map((row) => Math.max(row, 0)),
  );
  if (taken.kind === 'null') return taken;
  if (taken.kind !== 'opaque') {
    const bits = commonValidity([taken], rows.length) ?? newBitmap(rows.length).fill(255);
    for (let i = 0; i < bits.length; i++) bits[i]! &= valid[i]!;
    return { ...taken, validity: bits, data: undefined } as Column;
  }
  const { data, type } = taken;
  const bits = data.nullBitmap?.length > 0 ? data.nullBitmap.slice() : valid.slice();
  for (let i = 0; i < valid.length; i++) bits[i]! &= valid[i]!;
  return columnOf(withNulls(type, data, bits, rows.length));
}

function withNulls(type: DataType, data: Data, bits: Uint8Array, length: number): Data {
  const nulls = length - countBits(bits, 0, length);
  return new Data(type, 0, length, nulls, [data.valueOffsets, data.values, bits] as never, data.children);
}

/** A column of `length` nulls like a column without rows. */
function allNull(column: Column, length: number): Column {
  const base = { type: column.type, length, offset: 0, validity: newBitmap(length), data: undefined };
  switch (column.kind) {
    case 'number':
    case 'int64': {
      const { constructor: TypedArray } = column.values as unknown as {
        constructor: new (length: number) => never;
      };
      return { ...base, kind: column.kind, values: new TypedArray(length) } as Column;
    }
    case 'bool':
      return { ...base, kind: 'bool', values: newBitmap(length) };
    case 'utf8':
      return { ...base, kind: 'utf8', valueOffsets: new Int32Array(length + 1), bytes: new Uint8Array(0) };
    case 'dictionary':
      return { ...column, ...base, type: column.type, codes: codesLike(column.codes, length) };
    case 'null':
      return { ...column, length };
    case 'opaque':
      return columnOf(allNullData(column.data, length));
  }
}

function codesLike<A extends object>(codes: A, length: number): A {
  return new (codes.constructor as new (length: number) => A)(length);
}

function allNullData({ type, children, stride, values }: Data, length: number): Data {
  const bits = newBitmap(length);
  const hasOffsets = DataType.isList(type) || DataType.isMap(type) || DataType.isBinary(type);
  const offsets = hasOffsets ? new Int32Array(length + 1) : undefined;
  const below = DataType.isFixedSizeList(type)
    ? length * type.listSize
    : DataType.isStruct(type)
      ? length
      : 0;
  const parts = children.map((child) => dataOf(allNull(columnOf(child.slice(0, 0)), below)));
  let cells: unknown = DataType.isBinary(type) ? new Uint8Array(0) : undefined;
  if (cells === undefined && children.length === 0 && values !== undefined) {
    const { constructor: TypedArray } = values as unknown as { constructor: new (length: number) => never };
    cells = new TypedArray(length * stride);
  }
  return new Data(type, 0, length, length, [offsets, cells, bits] as never, parts);
}
