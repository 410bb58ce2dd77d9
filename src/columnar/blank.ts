import { Data, DataType, UnionMode, Vector } from 'apache-arrow';
import { newBitmap } from './bitmap.ts';
import { hasLargeOffsets, isBytes, isView } from './byte-rows.ts';
import { isString } from './types.ts';

/** Data of `type` that is null in each of `length` rows; every buffer and child that the type wants is there. */
export function blankData(type: DataType, length: number): Data {
  if (DataType.isNull(type)) return new Data(type, 0, length, length);
  const bits = length === 0 ? undefined : newBitmap(length);
  const of = (offsets: unknown, values: unknown, children: Data[] = []): Data =>
    new Data(type, 0, length, length, [offsets, values, bits] as never, children);
  const child = (k: number, rows: number): Data =>
    blankData((type.children as readonly { readonly type: DataType }[])[k]!.type, rows);
  if (DataType.isBool(type)) return of(undefined, newBitmap(length));
  if (DataType.isDictionary(type)) {
    const codes = new type.indices.ArrayType(length);
    const dictionary = new Vector([blankData(type.dictionary as DataType, 0)]);
    return new Data(type, 0, length, length, [undefined, codes, bits] as never, [], dictionary);
  }
  if (isView(type)) return of(undefined, new Uint8Array(16 * length));
  if (isString(type) || isBytes(type)) return of(zeroOffsets(type, length), new Uint8Array(0));
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    return of(zeroOffsets(type, length), undefined, [child(0, 0)]);
  }
  if (DataType.isFixedSizeList(type)) return of(undefined, undefined, [child(0, length * type.listSize)]);
  if (DataType.isStruct(type)) {
    return of(
      undefined,
      undefined,
      type.children.map((_, k) => child(k, length)),
    );
  }
  if (DataType.isUnion(type)) {
    const dense = type.mode === UnionMode.Dense;
    const typeIds = new Int8Array(length).fill(type.typeIds[0]!);
    // All rows of a dense union share one null.
    const children = type.children.map((_, k) =>
      child(k, dense ? Math.min(length, Number(k === 0)) : length),
    );
    const offsets = dense ? new Int32Array(length) : undefined;
    return new Data(type, 0, length, 0, [offsets, undefined, undefined, typeIds] as never, children);
  }
  const { ArrayType } = type as unknown as { ArrayType: new (length: number) => Uint8Array };
  const { stride } = new Data(type, 0, 0);
  return of(undefined, new ArrayType(length * stride));
}

function zeroOffsets(type: DataType, length: number): Int32Array | BigInt64Array {
  return hasLargeOffsets(type) ? new BigInt64Array(length + 1) : new Int32Array(length + 1);
}
