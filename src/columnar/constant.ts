import { Bool, Float64, Int64, Null, Utf8 } from 'apache-arrow';
import { newBitmap } from './bitmap.ts';
import type { Column } from './column.ts';
import type { Scalar } from './value.ts';

/** A column that holds `value` in each of `length` rows. Numbers become float64, bigints int64. */
export function constantColumn(value: Scalar, length: number): Column {
  const base = { length, validity: undefined, offset: 0 };
  switch (typeof value) {
    case 'boolean':
      return { ...base, kind: 'bool', type: new Bool(), values: newBitmap(length).fill(value ? 255 : 0) };
    case 'number':
      return { ...base, kind: 'number', type: new Float64(), values: new Float64Array(length).fill(value) };
    case 'bigint':
      return { ...base, kind: 'int64', type: new Int64(), values: new BigInt64Array(length).fill(value) };
    case 'string': {
      const text = new TextEncoder().encode(value);
      const bytes = new Uint8Array(text.length * length);
      const valueOffsets = new Int32Array(length + 1);
      for (let i = 0; i < length; i++) {
        bytes.set(text, i * text.length);
        valueOffsets[i + 1] = (i + 1) * text.length;
      }
      return { ...base, kind: 'utf8', type: new Utf8(), valueOffsets, bytes };
    }
    default:
      return { ...base, kind: 'null', type: new Null() };
  }
}

/** A column of nulls of the type that `value` would have. */
export function nullColumn(value: Exclude<Scalar, null>, length: number): Column {
  return { ...constantColumn(value, length), validity: newBitmap(length) };
}
