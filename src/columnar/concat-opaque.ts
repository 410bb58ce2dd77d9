import { Data, DataType, UnionMode } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { columnOf, dataOf } from './arrow.ts';
import { countBits } from './bitmap.ts';
import { byteRowsOf, dataOfByteRows, isBytes } from './byte-rows.ts';
import type { Column, OpaqueColumn } from './column.ts';
import { concat, concatStrings } from './concat.ts';
import { slice } from './take.ts';
import { typeName } from './type-name.ts';

/** The rows of columns that are only carried along, of one type: their buffers and, by the same rules, their children. */
export function concatOpaque(columns: readonly OpaqueColumn[], validity: Uint8Array | undefined): Column {
  const { type } = columns[0]!;
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const bits = DataType.isUnion(type) ? undefined : validity;
  const nulls = bits === undefined ? 0 : length - countBits(bits, 0, length);
  const of = (
    offsets: unknown,
    values: unknown,
    children: readonly Data[] = [],
    typeIds?: Int8Array,
  ): Column =>
    columnOf(new Data(type, 0, length, nulls, [offsets, values, bits, typeIds] as never, [...children]));
  /** Rows `from … to - 1` of child `k` of each column. */
  const child = (k: number, range: (data: Data) => readonly [from: number, to: number]): Data =>
    dataOf(concat(columns.map(({ data }) => slice(columnOf(data.children[k]!), ...range(data)))));
  const rows = (data: Data): readonly [number, number] => [0, data.length];
  const children = (): Data[] => columns[0]!.data.children.map((_, k) => child(k, rows));

  if (DataType.isStruct(type)) return of(undefined, undefined, children());
  if (isBytes(type)) {
    const parts = columns.map(({ data, validity: valid }) => ({
      length: data.length,
      ...byteRowsOf(data, valid),
    }));
    return columnOf(dataOfByteRows(type, length, nulls, concatStrings(parts, length), bits));
  }
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    const offsets = joinedOffsets(columns);
    const items = child(0, listRange);
    return of(DataType.isLargeList(type) ? BigInt64Array.from(offsets, BigInt) : offsets, undefined, [items]);
  }
  if (DataType.isFixedSizeList(type)) {
    return of(undefined, undefined, [child(0, (data) => [0, data.length * type.listSize])]);
  }
  if (DataType.isFixedSizeBinary(type) || DataType.isDecimal(type) || DataType.isInterval(type)) {
    const TypedArray = type.ArrayType as unknown as new (length: number) => Uint8Array;
    const { stride } = columns[0]!.data;
    const values = new TypedArray(length * stride);
    let at = 0;
    for (const { data } of columns) {
      if (data.length > 0) values.set((data.values as Uint8Array).subarray(0, data.length * stride), at);
      at += data.length * stride;
    }
    return of(undefined, values);
  }
  if (DataType.isUnion(type)) {
    const typeIds = new Int8Array(length);
    let at = 0;
    for (const { data } of columns) {
      if (data.length > 0) typeIds.set(data.typeIds.subarray(0, data.length), at);
      at += data.length;
    }
    if (type.mode === UnionMode.Sparse) return of(undefined, undefined, children(), typeIds);
    const whole = columns[0]!.data.children.map((_, k) => child(k, (data) => [0, data.children[k]!.length]));
    return of(variantOffsets(columns, type.typeIdToChildIndex), undefined, whole, typeIds);
  }
  throw new SchemaError('type-mismatch', `cannot join columns of type ${typeName(type)}`);
}

function listRange({ valueOffsets, length }: Data): readonly [number, number] {
  return [Number(valueOffsets?.[0] ?? 0), Number(valueOffsets?.[length] ?? 0)];
}

function joinedOffsets(columns: readonly OpaqueColumn[]): Int32Array {
  const offsets = new Int32Array(columns.reduce((sum, column) => sum + column.length, 1));
  let row = 0;
  for (const { data } of columns) {
    const [start] = listRange(data);
    const base = offsets[row]!;
    for (let i = 1; i <= data.length; i++) offsets[row + i] = base + Number(data.valueOffsets[i]!) - start;
    row += data.length;
  }
  return offsets;
}

/** The children of a dense union are put behind each other as they are, so that its offsets move. */
function variantOffsets(
  columns: readonly OpaqueColumn[],
  childOf: Readonly<Record<number, number>>,
): Int32Array {
  const offsets = new Int32Array(columns.reduce((sum, column) => sum + column.length, 0));
  const starts = columns[0]!.data.children.map(() => 0);
  let at = 0;
  for (const { data } of columns) {
    for (let i = 0; i < data.length; i++) {
      offsets[at + i] = data.valueOffsets[i]! + starts[childOf[data.typeIds[i]!]!]!;
    }
    at += data.length;
    for (const [k, child] of data.children.entries()) starts[k]! += child.length;
  }
  return offsets;
}
