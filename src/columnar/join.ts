import { Data, DataType } from 'apache-arrow';
import { columnOf, dataOf } from './arrow.ts';
import { countBits } from './bitmap.ts';
import type { Column, OpaqueColumn } from './column.ts';
import { concat } from './concat.ts';
import { validityBits } from './validity.ts';

/**
 * The rows of columns of one type and kind, one after the other, as `concat` gives them; of lists, structs, binary and
 * fixed-width values too, which columns only carry along. O(rows), and the bytes of their values.
 */
export function join(columns: readonly Column[]): Column {
  const some = columns.filter(({ length }) => length > 0);
  if (some.length <= 1) return some[0] ?? columns[0]!;
  return some[0]!.kind === 'opaque' ? joinOpaque(some as OpaqueColumn[]) : concat(some);
}

function joinOpaque(columns: readonly OpaqueColumn[]): Column {
  const { type } = columns[0]!;
  const datas = columns.map(({ data }) => data);
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const bits = concat(
    columns.map((column) => ({
      kind: 'bool',
      type: column.type,
      length: column.length,
      validity: undefined,
      offset: 0,
      values: validityBits(column),
    })),
  ) as Column & { readonly values: Uint8Array };
  const nulls = length - countBits(bits.values, 0, length);
  const validity = nulls === 0 ? undefined : bits.values;
  const of = (offsets: Int32Array | undefined, values: unknown, children: readonly Data[] = []): Column =>
    columnOf(new Data(type, 0, length, nulls, [offsets, values, validity] as never, [...children]));
  const children = (k: number, piece: (data: Data, child: Data) => Data = (_, child) => child): Data =>
    dataOf(join(datas.map((data) => columnOf(piece(data, data.children[k]!)))));
  if (DataType.isStruct(type)) {
    return of(
      undefined,
      undefined,
      type.children.map((_, k) => children(k)),
    );
  }
  if (DataType.isFixedSizeList(type)) return of(undefined, undefined, [children(0)]);
  if (DataType.isList(type) || DataType.isMap(type)) {
    const items = children(0, (data, child) => {
      const from = data.valueOffsets[0]!;
      return child.slice(from, data.valueOffsets[data.length]! - from);
    });
    return of(joinOffsets(datas), undefined, [items]);
  }
  if (DataType.isBinary(type)) {
    const parts = datas.map(({ values, valueOffsets, length: rows }) =>
      (values as Uint8Array).subarray(valueOffsets[0]!, valueOffsets[rows]!),
    );
    return of(joinOffsets(datas), joinArrays(parts));
  }
  const parts = datas.map((data) => (data.values as Uint8Array).subarray(0, data.length * data.stride));
  return of(undefined, joinArrays(parts));
}

/** Offsets of values that lie one after the other. */
function joinOffsets(datas: readonly Data[]): Int32Array {
  const offsets = new Int32Array(datas.reduce((sum, { length }) => sum + length, 1));
  let row = 0;
  let end = 0;
  for (const { valueOffsets, length } of datas) {
    const start = valueOffsets[0]!;
    for (let i = 1; i <= length; i++) offsets[row + i] = end + valueOffsets[i]! - start;
    row += length;
    end = offsets[row]!;
  }
  return offsets;
}

function joinArrays(parts: readonly Uint8Array[]): Uint8Array {
  const { constructor: TypedArray } = parts[0]! as unknown as {
    constructor: new (length: number) => Uint8Array;
  };
  const joined = new TypedArray(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
