import { DataType, DateUnit, type TimeUnit } from 'apache-arrow';
import type { Column } from './column.ts';
import { wordsOf } from './numbers.ts';

const two16 = 65_536;
const two32 = 4_294_967_296;
const perSecond: readonly number[] = [1, 1e3, 1e6, 1e9];

/** How many of its unit a second has: of a timestamp, a duration, or a date in milliseconds. */
export function unitsPerSecond(type: DataType): number {
  if (DataType.isDate(type)) return type.unit === DateUnit.MILLISECOND ? 1e3 : 1 / 86_400;
  return perSecond[(type as DataType & { readonly unit: TimeUnit }).unit]!;
}

/** Points in time as whole seconds since 1970, rounded down, and what is left of them in the unit of the column. */
export interface Seconds {
  readonly seconds: Float64Array;
  readonly rest: Float64Array;
}

/**
 * The values of a column of timestamps, durations or dates in seconds, exactly, before 1970 too. Long division of the
 * words: no bigint is made. Null rows hold anything.
 */
export function secondsOf(column: Column): Seconds {
  const { length } = column;
  const seconds = new Float64Array(length);
  const rest = new Float64Array(length);
  if (column.kind === 'number') {
    for (let i = 0; i < length; i++) seconds[i] = column.values[i]! * 86_400;
    return { seconds, rest };
  }
  if (column.kind !== 'int64') return { seconds, rest };
  const words = wordsOf(column.values);
  const divisor = unitsPerSecond(column.type);
  if (divisor === 1) {
    for (let i = 0; i < length; i++) seconds[i] = words[2 * i + 1]! * two32 + (words[2 * i]! >>> 0);
    return { seconds, rest };
  }
  for (let i = 0; i < length; i++) {
    const high = words[2 * i + 1]!;
    const low = words[2 * i]! >>> 0;
    const top = Math.floor(high / divisor);
    let left = (high - top * divisor) * two16 + (low >>> 16);
    const middle = Math.floor(left / divisor);
    left = (left - middle * divisor) * two16 + (low & 0xffff);
    const bottom = Math.floor(left / divisor);
    seconds[i] = top * two32 + middle * two16 + bottom;
    rest[i] = left - bottom * divisor;
  }
  return { seconds, rest };
}

/**
 * The contrary: seconds, and a rest in units of which a second has `perSecond`, as 64-bit integers in that unit. Calls
 * `overflow` for each row that does not fit. The rest lies below a second.
 */
export function joinSeconds(
  { seconds, rest }: Seconds,
  perSecond: number,
  overflow: (row: number) => void,
): BigInt64Array {
  const { length } = seconds;
  const values = new BigInt64Array(length);
  const words = wordsOf(values);
  for (let i = 0; i < length; i++) {
    const whole = seconds[i]!;
    // Digits to the base 2¹⁶, so that every product is exact.
    const high = Math.floor(whole / two32);
    const low = whole - high * two32;
    const middle = Math.floor(low / two16);
    const upper = middle * perSecond;
    const bottom = (low - middle * two16) * perSecond + (upper % two16) * two16 + rest[i]!;
    const top = high * perSecond + Math.floor(upper / two16) + Math.floor(bottom / two32);
    if (!(top >= -0x8000_0000 && top <= 0x7fff_ffff)) {
      overflow(i);
      continue;
    }
    words[2 * i] = bottom % two32;
    words[2 * i + 1] = top;
  }
  return values;
}

/**
 * The values of a column of timestamps, durations or dates in a unit of which a second has `perSecond`; what is finer is cut
 * off towards the past. Calls `overflow` for each row that does not fit, null rows too.
 */
export function inUnit(column: Column, perSecond: number, overflow: (row: number) => void): BigInt64Array {
  const own = unitsPerSecond(column.type);
  if (column.kind === 'int64' && own === perSecond && column.values instanceof BigInt64Array)
    return column.values;
  const { seconds, rest } = secondsOf(column);
  if (own > perSecond)
    for (let i = 0; i < rest.length; i++) rest[i] = Math.floor((rest[i]! * perSecond) / own);
  else if (own < perSecond) for (let i = 0; i < rest.length; i++) rest[i]! *= perSecond / own;
  return joinSeconds({ seconds, rest }, perSecond, overflow);
}

/** `a[i] + b[i]`, or their difference, word by word. Calls `overflow` for each row that does not fit 64 bits. */
export function addWide(
  a: BigInt64Array,
  b: BigInt64Array,
  way: 'add' | 'sub',
  length: number,
  overflow: (row: number) => void,
): BigInt64Array {
  const values = new BigInt64Array(length);
  const [x, y, out] = [wordsOf(a), wordsOf(b), wordsOf(values)];
  const sign = way === 'add' ? 1 : -1;
  for (let i = 0; i < length; i++) {
    const low = (x[2 * i]! >>> 0) + sign * (y[2 * i]! >>> 0);
    const high = x[2 * i + 1]! + sign * y[2 * i + 1]! + Math.floor(low / two32);
    if (high < -0x8000_0000 || high > 0x7fff_ffff) {
      overflow(i);
      continue;
    }
    out[2 * i] = low;
    out[2 * i + 1] = high;
  }
  return values;
}
