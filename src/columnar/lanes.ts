import { Data, DataType, type Decimal } from 'apache-arrow';
import { columnOf } from './arrow.ts';
import { getBit, newBitmap, packBits, setBit } from './bitmap.ts';
import type { BoolColumn, Column, Int64Column, NumberArray, NumberColumn, OpaqueColumn } from './column.ts';
import { isFloat, isHalf, isUnsigned, isWide } from './types.ts';

/**
 * The rows of one column as doubles, which is all that aggregations read. Missing rows, null and NaN
 * alike, are NaN in the first lane.
 *
 * - numbers up to 32 bits, floats, dates in days: one lane, the value;
 * - bool: one lane, 0 or 1;
 * - 64-bit types: two lanes, the high and the low 32 bits: value = lane0 · 2³² + lane1, both exact;
 * - decimals: a lane for each 32 bits, the highest, which is signed, first;
 * - anything else: one lane, 0 where there is a value (enough to count).
 */
export type Lanes = readonly Float64Array[];

/** How many lanes a column of this type has. */
export function laneCount(type: DataType): number {
  if (DataType.isDecimal(type)) return type.bitWidth / 32;
  return isWide(type) ? 2 : 1;
}

/**
 * The lanes of a column. No copy where the values are float64 without nulls: never write into a lane.
 * O(rows); no bigint is made.
 */
export function lanesOf(column: Column): Lanes {
  switch (column.kind) {
    case 'number':
      return [numberLane(column)];
    case 'int64':
      return int64Lanes(column);
    case 'bool':
      return [boolLane(column)];
    case 'null':
      return [new Float64Array(column.length).fill(Number.NaN)];
    case 'dictionary':
      return [dictionaryLane(column.codes, column)];
    case 'utf8':
    case 'opaque': {
      if (DataType.isDecimal(column.type)) return decimalLanes(column as OpaqueColumn);
      const lane = new Float64Array(column.length);
      blankNulls(lane, column);
      return [lane];
    }
  }
}

/** A number or truth value of each row as one double, 64-bit integers as the nearest one; NaN where it is missing. */
export function doubleLane(column: Column): Float64Array {
  const [first, low] = lanesOf(column) as [Float64Array, Float64Array?];
  if (low === undefined) return first;
  const doubles = new Float64Array(first.length);
  for (let i = 0; i < doubles.length; i++) doubles[i] = first[i]! * 2 ** 32 + low[i]!;
  return doubles;
}

function numberLane(column: NumberColumn): Float64Array {
  const { values, length, validity } = column;
  if (values instanceof Float64Array && validity === undefined) {
    return values.length === length ? values : values.subarray(0, length);
  }
  const lane = new Float64Array(length);
  lane.set(values.length === length ? values : values.subarray(0, length));
  blankNulls(lane, column);
  return lane;
}

/** The words are read in the order of a little-endian platform, as Arrow's buffers are everywhere here. */
function int64Lanes(column: Int64Column): Lanes {
  const { values, length } = column;
  const { buffer, byteOffset } = values;
  const high = new Float64Array(length);
  const low = new Float64Array(length);
  const unsigned = new Uint32Array(buffer, byteOffset, 2 * length);
  if (values instanceof BigUint64Array) {
    for (let i = 0; i < length; i++) high[i] = unsigned[2 * i + 1]!;
  } else {
    const signed = new Int32Array(buffer, byteOffset, 2 * length);
    for (let i = 0; i < length; i++) high[i] = signed[2 * i + 1]!;
  }
  for (let i = 0; i < length; i++) low[i] = unsigned[2 * i]!;
  blankNulls(high, column);
  return [high, low];
}

function decimalLanes(column: OpaqueColumn): Lanes {
  const { length, data } = column;
  const { stride } = data;
  const words = data.values as Uint32Array;
  const lanes = Array.from({ length: stride }, () => new Float64Array(length));
  for (const [k, lane] of lanes.entries()) {
    const word = stride - 1 - k;
    for (let i = 0; i < length; i++)
      lane[i] = k === 0 ? words[stride * i + word]! | 0 : words[stride * i + word]! >>> 0;
  }
  blankNulls(lanes[0]!, column);
  return lanes;
}

function columnOfDecimalLanes(type: Decimal, lanes: Lanes, present: Uint8Array | undefined): Column {
  const stride = type.bitWidth / 32;
  const { length } = lanes[0]!;
  const words = new Uint32Array(stride * length);
  for (const [k, lane] of lanes.entries()) {
    for (let i = 0; i < length; i++) words[stride * i + stride - 1 - k] = lane[i]!;
  }
  const validity = present === undefined ? validWhereNumber(lanes[0]!) : packBits(present);
  const nulls = validity === undefined ? 0 : -1;
  return columnOf(new Data(type, 0, length, nulls, [undefined, words, validity] as never));
}

function boolLane(column: BoolColumn): Float64Array {
  const { values, offset, length } = column;
  const lane = new Float64Array(length);
  for (let i = 0; i < length; i++) lane[i] = (values[(offset + i) >> 3]! >> ((offset + i) & 7)) & 1;
  blankNulls(lane, column);
  return lane;
}

/** A code may stand for a null of the dictionary. */
function dictionaryLane(codes: NumberArray, column: Column & { readonly dictionary: Column }): Float64Array {
  const { length, dictionary } = column;
  const lane = new Float64Array(length);
  const { validity, offset } = dictionary;
  if (dictionary.kind === 'null') lane.fill(Number.NaN);
  else if (validity !== undefined) {
    for (let i = 0; i < length; i++) if (!getBit(validity, offset + codes[i]!)) lane[i] = Number.NaN;
  }
  blankNulls(lane, column);
  return lane;
}

function blankNulls(lane: Float64Array, { validity, offset, length }: Column): void {
  if (validity === undefined) return;
  for (let i = 0; i < length; i++) {
    const bit = offset + i;
    if (((validity[bit >> 3]! >> (bit & 7)) & 1) === 0) lane[i] = Number.NaN;
  }
}

/**
 * A column of `type` (number, bool or 64-bit) out of lanes: the inverse of `lanesOf`. Rows where `present`
 * is 0 are null; without `present`, so are rows whose first lane is NaN, except in a float column, where
 * NaN is a value. A float64 column keeps the lane itself.
 */
export function columnOfLanes(type: DataType, lanes: Lanes, present?: Uint8Array): Column {
  const lane = lanes[0]!;
  const { length } = lane;
  if (DataType.isDecimal(type)) return columnOfDecimalLanes(type, lanes, present);
  const validity = present === undefined && !isFloat(type) ? validWhereNumber(lane) : packBits(present);
  const base = { type, length, validity, offset: 0 };
  if (isWide(type)) return { ...base, kind: 'int64', values: wideValues(type, lane, lanes[1]!) };
  if (DataType.isBool(type)) {
    const values = newBitmap(length);
    for (let i = 0; i < length; i++) if (lane[i] === 1) setBit(values, i);
    return { ...base, kind: 'bool', values };
  }
  if (isHalf(type)) return { ...base, kind: 'number', values: new Float32Array(lane) };
  const { ArrayType } = type as unknown as { ArrayType: new (values: Float64Array) => NumberArray };
  return { ...base, kind: 'number', values: lane instanceof ArrayType ? lane : new ArrayType(lane) };
}

function wideValues(type: DataType, high: Float64Array, low: Float64Array): BigInt64Array | BigUint64Array {
  const { length } = high;
  const words = new Int32Array(2 * length);
  for (let i = 0; i < length; i++) {
    words[2 * i] = low[i]!;
    words[2 * i + 1] = high[i]!;
  }
  return isUnsigned(type) ? new BigUint64Array(words.buffer) : new BigInt64Array(words.buffer);
}

function validWhereNumber(lane: Float64Array): Uint8Array | undefined {
  let missing = 0;
  for (let i = 0; i < lane.length; i++) if (Number.isNaN(lane[i])) missing++;
  if (missing === 0) return undefined;
  const bits = newBitmap(lane.length);
  for (let i = 0; i < lane.length; i++) if (!Number.isNaN(lane[i])) setBit(bits, i);
  return bits;
}
