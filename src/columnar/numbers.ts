import { DataType, Float64 } from 'apache-arrow';
import type { Column, Int64Column, NumberColumn, OpaqueColumn } from './column.ts';
import { commonValidity } from './validity.ts';

const two32 = 4_294_967_296;

/** The 32-bit words of 64-bit integers, low word first (platforms are little-endian). */
export function wordsOf(values: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

/**
 * 64-bit integers as doubles, or `undefined` where one lies outside ±(2⁵³ − 1) and would lose digits.
 * No bigint per row.
 */
export function exactDoubles({ values, length }: Int64Column): Float64Array | undefined {
  const words = wordsOf(values);
  const signed = values instanceof BigInt64Array;
  const doubles = new Float64Array(length);
  let exact = true;
  for (let i = 0; i < length; i++) {
    const high = signed ? words[2 * i + 1]! : words[2 * i + 1]! >>> 0;
    doubles[i] = high * two32 + (words[2 * i]! >>> 0);
    if (high >= 0x20_0000 || high < -0x20_0000) exact = false;
  }
  return exact ? doubles : undefined;
}

/** Any numeric column as doubles; 64-bit integers beyond 2⁵³ are rounded. No copy for float64. */
export function doublesOf(column: NumberColumn | Int64Column): Float64Array {
  if (column.kind === 'int64')
    return exactDoubles(column) ?? Float64Array.from(column.values as BigInt64Array, Number);
  const { values, length } = column;
  return values instanceof Float64Array ? values : new Float64Array(values.subarray(0, length));
}

/** Whole doubles within ±(2⁵³ − 1) as 64-bit integers, or `undefined` where one is not. */
export function int64OfDoubles(doubles: Float64Array): BigInt64Array | undefined {
  const values = new BigInt64Array(doubles.length);
  const words = wordsOf(values);
  for (let i = 0; i < doubles.length; i++) {
    const value = doubles[i]!;
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return undefined;
    words[2 * i] = value | 0;
    // `| 0` keeps the low 32 bits of the exact integer; the rest is a multiple of 2³².
    words[2 * i + 1] = Math.floor(value / two32);
  }
  return values;
}

/** A float64 column over `values`, null where one of `from` is. */
export function float64Column(values: Float64Array, from: readonly Column[]): NumberColumn {
  return {
    kind: 'number',
    type: new Float64(),
    length: values.length,
    validity: commonValidity(from, values.length),
    offset: 0,
    values,
  };
}

/** No magnitude among the values is above this; near enough to it to tell whether a total could overflow. O(rows). */
export function magnitudeBound(column: Column): number {
  let greatest = 0;
  if (column.kind === 'number') {
    const { values, length } = column;
    for (let i = 0; i < length; i++) greatest = Math.max(greatest, Math.abs(values[i]!));
    return greatest;
  }
  if (column.kind === 'opaque' && DataType.isDecimal(column.type)) return decimalBound(column);
  if (column.kind !== 'int64') return 1;
  const words = wordsOf(column.values);
  const signed = column.values instanceof BigInt64Array;
  for (let i = 0; i < column.length; i++) {
    const high = signed ? words[2 * i + 1]! : words[2 * i + 1]! >>> 0;
    greatest = Math.max(greatest, high < 0 ? -high : high + 1);
  }
  return greatest * two32;
}

function decimalBound({ data, length }: OpaqueColumn): number {
  const { stride } = data;
  const words = data.values as Uint32Array;
  let greatest = 0;
  for (let i = 0; i < length; i++) {
    const high = words[stride * (i + 1) - 1]! | 0;
    greatest = Math.max(greatest, high < 0 ? -high : high + 1);
  }
  return greatest * two32 ** (stride - 1);
}
