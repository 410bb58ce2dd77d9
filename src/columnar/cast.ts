import { DataType, DateUnit, type TimeUnit } from 'apache-arrow';
import { getBit, newBitmap, packBits, setBit } from './bitmap.ts';
import { civilFromDays } from './civil.ts';
import type { Column, NumberArray } from './column.ts';
import { inUnit, joinSeconds, secondsOf, unitsPerSecond } from './instants.ts';
import { exactDoubles, wordsOf } from './numbers.ts';
import { textsOf, utf8Column } from './strings.ts';
import { parseMoment } from './timestamp-text.ts';
import { isFloat, isString, isUnsigned, isWide } from './types.ts';
import { isNull, valueAt } from './value.ts';

/** Told of a row whose value has none of the other type. The row becomes null, unless it throws. */
export type Misfit = (row: number, value: unknown) => void;

/** Seconds that the clocks of a column's zone are ahead of UTC. */
export type OffsetAt = (second: number) => number;

const isPlainNumber = (type: DataType): boolean => DataType.isInt(type) || isFloat(type);
const isRaw = (type: DataType): boolean => DataType.isTimestamp(type) || DataType.isDuration(type);

/** Whether `cast` knows a way from one type to the other. */
export function canCast(from: DataType, to: DataType): boolean {
  if (DataType.isNull(from) || String(from) === String(to)) return true;
  if (isPlainNumber(from))
    return isPlainNumber(to) || DataType.isBool(to) || DataType.isUtf8(to) || isRaw(to);
  if (DataType.isBool(from)) return isPlainNumber(to) || DataType.isUtf8(to);
  if (isString(from)) {
    return (
      isPlainNumber(to) ||
      DataType.isBool(to) ||
      isString(to) ||
      DataType.isTimestamp(to) ||
      DataType.isDate(to)
    );
  }
  if (DataType.isTimestamp(from)) {
    if (DataType.isTimestamp(to)) return !from.timezone === !to.timezone;
    return DataType.isDate(to) || isPlainNumber(to) || DataType.isUtf8(to);
  }
  if (DataType.isDuration(from)) return DataType.isDuration(to) || isPlainNumber(to);
  if (DataType.isDate(from)) {
    return DataType.isDate(to) || DataType.isUtf8(to) || (DataType.isTimestamp(to) && !to.timezone);
  }
  return false;
}

/**
 * A column as one of type `to`, for which `canCast` is true. What does not fit is told to `misfit` and becomes null: an
 * integer out of range or of more digits than a float holds, a fraction where there may be none, a text that is no
 * number. Units of time are converted by integers; what is finer than the unit is cut off towards the past.
 */
export function cast(column: Column, to: DataType, misfit: Misfit, offsetAt: OffsetAt = () => 0): Column {
  if (String(column.type) === String(to)) return column;
  const valid = validFlags(column);
  const fail = (row: number): void => {
    if (valid[row] === 0) return;
    misfit(row, valueAt(column, row));
    valid[row] = 0;
  };
  const values = valuesFor(column, to, fail, offsetAt, valid);
  if ('kind' in values) return values;
  const { length } = column;
  return { ...values.of, type: to, length, offset: 0, validity: packBits(valid) } as Column;
}

type Values =
  | {
      readonly of: {
        readonly kind: 'number' | 'int64' | 'bool';
        readonly values: ArrayLike<number | bigint>;
      };
    }
  | Column;

function valuesFor(
  column: Column,
  to: DataType,
  fail: (row: number) => void,
  offsetAt: OffsetAt,
  valid: Uint8Array,
): Values {
  if (DataType.isUtf8(to)) return utf8Column(textsFor(column));
  if (DataType.isBool(to)) return { of: { kind: 'bool', values: toBools(column, fail) } };
  if (DataType.isDate(to)) return toDates(column, to, fail, offsetAt);
  const isTimes = isRaw(column.type) || DataType.isDate(column.type);
  if (isRaw(to)) {
    const perSecond = unitsPerSecond(to);
    if (isTimes) return { of: { kind: 'int64', values: inUnit(column, perSecond, fail) } };
    if (column.kind === 'utf8') return { of: { kind: 'int64', values: toMoments(column, perSecond, fail) } };
  }
  if (isWide(to)) return { of: { kind: 'int64', values: toWide(column, isUnsigned(to), fail, valid) } };
  return { of: { kind: 'number', values: toNumbers(column, to, fail) } };
}

/** One byte a row, 1 where it is not null. */
function validFlags(column: Column): Uint8Array {
  const { length } = column;
  const flags = new Uint8Array(length);
  for (let i = 0; i < length; i++) if (!isNull(column, i)) flags[i] = 1;
  return flags;
}

function toNumbers(column: Column, to: DataType, fail: (row: number) => void): NumberArray {
  const { ArrayType } = to as unknown as { ArrayType: new (length: number) => NumberArray };
  const { length } = column;
  const out = new ArrayType(length);
  const isDouble = out instanceof Float64Array;
  switch (column.kind) {
    case 'number': {
      const { values } = column;
      if (isFloat(to) && (isDouble || isFloat(column.type))) {
        // Rounded to the nearest of single precision; what gets beyond it does not fit.
        for (let i = 0; i < length; i++) {
          out[i] = values[i]!;
          if (!Number.isFinite(out[i]!) && Number.isFinite(values[i]!)) fail(i);
        }
      } else {
        for (let i = 0; i < length; i++) {
          out[i] = values[i]!;
          if (out[i] !== values[i]) fail(i);
        }
      }
      return out;
    }
    case 'int64': {
      const doubles = exactDoubles(column);
      for (let i = 0; i < length; i++) {
        const value = doubles === undefined ? Number(column.values[i]!) : doubles[i]!;
        out[i] = value;
        if (out[i] !== value || (doubles === undefined && BigInt(value) !== column.values[i])) fail(i);
      }
      return out;
    }
    case 'bool':
      for (let i = 0; i < length; i++) out[i] = +getBit(column.values, column.offset + i);
      return out;
    case 'utf8':
      for (const [i, text] of textsOf(column).entries()) {
        const value = text === null ? 0 : numberOf(text, isFloat(to));
        if (value === undefined) {
          fail(i);
          continue;
        }
        out[i] = value;
        // A float is the nearest there is; an integer is itself. An infinity must be called one.
        if (isFloat(to) ? !Number.isFinite(out[i]!) && Number.isFinite(value) : out[i] !== value) fail(i);
      }
  }
  return out;
}

const integerText = /^[+-]?\d+$/;
const numberText = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const special: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['+Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** The number that a text is and nothing else; `undefined` for any other. */
function numberOf(text: string, float: boolean): number | undefined {
  if (!float) {
    // Beyond 2⁵³ it fits no integer that is asked for here.
    return integerText.test(text) ? Number(text) : undefined;
  }
  if (!numberText.test(text)) return special.get(text);
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function toWide(
  column: Column,
  unsigned: boolean,
  fail: (row: number) => void,
  valid: Uint8Array,
): BigInt64Array | BigUint64Array {
  const { length } = column;
  const out = unsigned ? new BigUint64Array(length) : new BigInt64Array(length);
  const [least, most] = unsigned ? [0, 2 ** 64] : [-(2 ** 63), 2 ** 63];
  switch (column.kind) {
    case 'int64': {
      const words = wordsOf(column.values);
      wordsOf(out).set(words.subarray(0, 2 * length));
      // The same bits mean the same, unless the highest is set.
      if (unsigned !== column.values instanceof BigUint64Array) {
        for (let i = 0; i < length; i++) if (words[2 * i + 1]! < 0) fail(i);
      }
      break;
    }
    case 'number':
      for (let i = 0; i < length; i++) {
        const value = column.values[i]!;
        if (Number.isInteger(value) && value >= least && value < most) out[i] = BigInt(value);
        else fail(i);
      }
      break;
    case 'bool':
      for (let i = 0; i < length; i++) out[i] = getBit(column.values, column.offset + i) ? 1n : 0n;
      break;
    case 'utf8':
      for (const [i, text] of textsOf(column).entries()) {
        if (text === null || valid[i] === 0) continue;
        const value = integerText.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
        if (
          value !== undefined &&
          (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)) === value
        )
          out[i] = value;
        else fail(i);
      }
  }
  return out;
}

function toBools(column: Column, fail: (row: number) => void): Uint8Array {
  const { length } = column;
  const bits = newBitmap(length);
  const put = (row: number, isTrue: boolean, isFalse: boolean): void => {
    if (isTrue) setBit(bits, row);
    else if (!isFalse) fail(row);
  };
  if (column.kind === 'number') {
    for (let i = 0; i < length; i++) put(i, column.values[i] === 1, column.values[i] === 0);
  } else if (column.kind === 'int64') {
    for (let i = 0; i < length; i++) put(i, column.values[i] === 1n, column.values[i] === 0n);
  } else if (column.kind === 'utf8') {
    for (const [i, text] of textsOf(column).entries()) put(i, text === 'true', text === 'false');
  }
  return bits;
}

/** Times that a text says, as ISO 8601 has it. */
function toMoments(
  column: Column & { readonly kind: 'utf8' },
  perSecond: number,
  fail: (row: number) => void,
): BigInt64Array {
  const seconds = new Float64Array(column.length);
  const rest = new Float64Array(column.length);
  for (const [i, text] of textsOf(column).entries()) {
    if (text === null) continue;
    const moment = parseMoment(text);
    if (moment === undefined) {
      fail(i);
      continue;
    }
    seconds[i] = moment.seconds;
    rest[i] = Math.floor((moment.nanoseconds * perSecond) / 1e9);
  }
  return joinSeconds({ seconds, rest }, perSecond, fail);
}

const daySeconds = 86_400;

function toDates(
  column: Column,
  to: DataType & { readonly unit: DateUnit },
  fail: (row: number) => void,
  offsetAt: OffsetAt,
): Values {
  const { length } = column;
  const seconds = new Float64Array(length);
  if (column.kind === 'utf8') {
    for (const [i, text] of textsOf(column).entries()) {
      if (text === null) continue;
      const moment = parseMoment(text);
      if (moment === undefined) fail(i);
      else seconds[i] = moment.seconds;
    }
  } else {
    seconds.set(secondsOf(column).seconds);
    for (let i = 0; i < length; i++) seconds[i]! += offsetAt(seconds[i]!);
  }
  const days = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const day = Math.floor(seconds[i]! / daySeconds);
    days[i] = day;
    if (days[i] !== day) fail(i);
  }
  if (to.unit === DateUnit.DAY) return { of: { kind: 'number', values: days } };
  for (let i = 0; i < length; i++) seconds[i] = days[i]! * daySeconds;
  return {
    of: { kind: 'int64', values: joinSeconds({ seconds, rest: new Float64Array(length) }, 1000, fail) },
  };
}

function textsFor(column: Column): (string | null)[] {
  const { length, type } = column;
  const texts = new Array<string | null>(length).fill(null);
  const put = (text: (row: number) => string): (string | null)[] => {
    for (let i = 0; i < length; i++) if (!isNull(column, i)) texts[i] = text(i);
    return texts;
  };
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return put(timeTexts(column));
  switch (column.kind) {
    case 'number': {
      const { values } = column;
      return put(
        values instanceof Float32Array ? (i) => singleText(values[i]!) : (i) => doubleText(values[i]!),
      );
    }
    case 'int64':
      return put((i) => String(column.values[i]!));
    case 'bool':
      return put((i) => String(getBit(column.values, column.offset + i)));
    case 'utf8':
      return textsOf(column);
    default:
      return texts;
  }
}

function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The shortest digits that are this number in single precision. */
function singleText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** ISO 8601 with all the digits of the unit; in UTC, with a Z, where the column has a zone. */
function timeTexts(column: Column): (row: number) => string {
  const { seconds, rest } = secondsOf(column);
  const { type } = column;
  const civil = { year: 0, month: 0, day: 0 };
  const two = (count: number): string => String(count).padStart(2, '0');
  const date = (days: number): string => {
    const { year, month, day } = civilFromDays(days, civil);
    const sign = year < 0 ? '-' : '+';
    const digits =
      year >= 0 && year <= 9999
        ? String(year).padStart(4, '0')
        : sign + String(Math.abs(year)).padStart(6, '0');
    return `${digits}-${two(month)}-${two(day)}`;
  };
  if (DataType.isDate(type)) return (row) => date(Math.floor(seconds[row]! / daySeconds));
  const { unit, timezone } = type as DataType & {
    readonly unit: TimeUnit;
    readonly timezone?: string | null;
  };
  return (row) => {
    const days = Math.floor(seconds[row]! / daySeconds);
    const ofDay = seconds[row]! - days * daySeconds;
    const clock = `${two(Math.floor(ofDay / 3600))}:${two(Math.floor(ofDay / 60) % 60)}:${two(ofDay % 60)}`;
    const fraction = unit === 0 ? '' : `.${String(rest[row]!).padStart(3 * unit, '0')}`;
    return `${date(days)}T${clock}${fraction}${timezone ? 'Z' : ''}`;
  };
}
