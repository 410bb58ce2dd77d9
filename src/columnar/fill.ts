import { DataType, DateUnit, TimeUnit } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { setBit } from './bitmap.ts';
import type { NumberArray } from './column.ts';
import { roundToHalf } from './half.ts';
import { parseMoment } from './timestamp-text.ts';
import { typeName } from './type-name.ts';

/** Values of one column as they came; `undefined` and `null` are null. */
export type Values = ArrayLike<unknown>;

/** Told of each row that does not fit, with what the value should have been. */
export type Reject = (row: number, reason: string) => void;

/** Writes the non-null values of a column into `target`, rejecting what does not fit. */
export type Fill<A> = (values: Values, target: A, reject: Reject) => void;

const int32Range = 2 ** 32;

/** `"abc"`, `5n`, `{…}`: a value short enough for an error. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object`;
  return typeof value === 'function' ? 'a function' : String(value);
}

export function fillBools(values: Values, target: Uint8Array, reject: Reject): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === true) setBit(target, i);
    else if (value !== false && value !== undefined && value !== null)
      reject(i, `expected bool, got ${show(value)}`);
  }
}

function fillFloat64(values: Values, target: Float64Array, reject: Reject): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number') target[i] = value;
    else if (value === 'NaN') target[i] = Number.NaN;
    else if (value !== undefined && value !== null) reject(i, `expected float64, got ${show(value)}`);
  }
}

function fillFloat32(values: Values, target: Float32Array, reject: Reject): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number') {
      const rounded = Math.fround(value);
      if (Number.isFinite(rounded) || !Number.isFinite(value)) target[i] = rounded;
      else reject(i, `${value} is outside the range of float32`);
    } else if (value === 'NaN') target[i] = Number.NaN;
    else if (value !== undefined && value !== null) reject(i, `expected float32, got ${show(value)}`);
  }
}

function fillFloat16(values: Values, target: Float32Array, reject: Reject): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number') {
      const rounded = roundToHalf(value);
      if (Number.isFinite(rounded) || !Number.isFinite(value)) target[i] = rounded;
      else reject(i, `${value} is outside the range of float16`);
    } else if (value === 'NaN') target[i] = Number.NaN;
    else if (value !== undefined && value !== null) reject(i, `expected float16, got ${show(value)}`);
  }
}

/** Integers of up to 32 bits. */
function fillInts(name: string, min: number, max: number): Fill<NumberArray> {
  return (values, target, reject) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'number') {
        if (!Number.isInteger(value)) reject(i, `expected ${name}, got ${value}`);
        else if (value < min || value > max) reject(i, `${value} is outside the range of ${name}`);
        else target[i] = value;
      } else if (value !== undefined && value !== null) reject(i, `expected ${name}, got ${show(value)}`);
    }
  };
}

/** Integers of 64 bits: bigints, and numbers up to 2^53. No bigint is made for a number. */
function fillInt64(
  signed: boolean,
  name: string = signed ? 'int64' : 'uint64',
): Fill<BigInt64Array | BigUint64Array> {
  return (values, target, reject) => {
    const halves = new Int32Array(target.buffer, target.byteOffset, target.length * 2);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'number') {
        if (!Number.isInteger(value)) reject(i, `expected ${name}, got ${value}`);
        else if (!Number.isSafeInteger(value))
          reject(i, `${value} is beyond 2^53 and no exact ${name}; give a bigint`);
        else if (!signed && value < 0) reject(i, `${value} is outside the range of uint64`);
        else writeSafeInteger(halves, i, value);
      } else if (typeof value === 'bigint') {
        if (fits64(value, signed)) target[i] = value;
        else reject(i, `${value}n is outside the range of ${name}`);
      } else if (value !== undefined && value !== null) reject(i, `expected ${name}, got ${show(value)}`);
    }
  };
}

function fits64(value: bigint, signed: boolean): boolean {
  return (signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value;
}

/** Writes an integer of at most 53 bits as 64-bit two's complement, low half first. */
function writeSafeInteger(halves: Int32Array, index: number, value: number): void {
  halves[2 * index] = value | 0;
  halves[2 * index + 1] = Math.floor(value / int32Range);
}

/** Units of a second: what one raw step of a timestamp is. */
const perSecond: readonly bigint[] = [1n, 1_000n, 1_000_000n, 1_000_000_000n];
const perSecondNumber: readonly number[] = [1, 1e3, 1e6, 1e9];

/**
 * Timestamps: a `Date`, a number of milliseconds since 1970, an ISO text, or a bigint in the column's own
 * unit. What is finer than the unit is cut off towards the past.
 */
function fillTimestamps(type: DataType, unit: TimeUnit): Fill<BigInt64Array> {
  const name = typeName(type);
  const scale = perSecondNumber[unit]!;
  const bigScale = perSecond[unit]!;
  return (values, target, reject) => {
    const halves = new Int32Array(target.buffer, target.byteOffset, target.length * 2);
    const write = (i: number, seconds: number, nanoseconds: number): void => {
      const rest = Math.floor(nanoseconds / (1e9 / scale));
      const whole = seconds * scale + rest;
      if (Number.isSafeInteger(whole)) {
        writeSafeInteger(halves, i, whole);
        return;
      }
      const exact = BigInt(seconds) * bigScale + BigInt(rest);
      if (fits64(exact, true)) target[i] = exact;
      else reject(i, `${show(values[i])} is outside the range of ${name}`);
    };
    const writeMs = (i: number, ms: number): void => {
      if (unit === TimeUnit.MILLISECOND && Number.isSafeInteger(ms)) {
        writeSafeInteger(halves, i, ms);
        return;
      }
      if (!(Math.abs(ms) <= Number.MAX_SAFE_INTEGER)) {
        reject(i, `expected ${name}, got ${show(values[i])}`);
        return;
      }
      const seconds = Math.floor(ms / 1000);
      // A fraction of a millisecond is good to about a quarter of a microsecond in a double of today's size.
      const micros = Math.floor((ms - seconds * 1000) * 1000 + 0.25);
      write(i, seconds, micros * 1000);
    };
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'number') writeMs(i, value);
      else if (value === undefined || value === null) continue;
      else if (value instanceof Date) writeMs(i, value.getTime());
      else if (typeof value === 'bigint') {
        if (fits64(value, true)) target[i] = value;
        else reject(i, `${value}n is outside the range of ${name}`);
      } else {
        const moment = typeof value === 'string' ? parseMoment(value) : undefined;
        if (moment === undefined) reject(i, `expected ${name}, got ${show(value)}`);
        else write(i, moment.seconds, moment.nanoseconds);
      }
    }
  };
}

const dayMs = 86_400_000;

/** Dates: a `Date`, a number of milliseconds since 1970, an ISO text, or a bigint in the column's unit. Time of day is cut off. */
function fillDates(unit: DateUnit): Fill<Int32Array | BigInt64Array> {
  const name = unit === DateUnit.DAY ? 'dateDay' : 'dateMillisecond';
  return (values, target, reject) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === undefined || value === null) continue;
      let days = Number.NaN;
      if (typeof value === 'number') days = Math.floor(value / dayMs);
      else if (value instanceof Date) days = Math.floor(value.getTime() / dayMs);
      else if (typeof value === 'bigint')
        days = unit === DateUnit.DAY ? Number(value) : Math.floor(Number(value) / dayMs);
      else if (typeof value === 'string')
        days = Math.floor((parseMoment(value)?.seconds ?? Number.NaN) / 86_400);
      if (!(Math.abs(days) < 2 ** 31)) reject(i, `expected ${name}, got ${show(value)}`);
      else if (target instanceof Int32Array) target[i] = days;
      else target[i] = BigInt(days * dayMs);
    }
  };
}

export function fillNulls(values: Values, reject: Reject): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== undefined && values[i] !== null) reject(i, `expected null, got ${show(values[i])}`);
  }
}

/** The typed array of a field of numbers, and how it is filled. */
export interface NumberStorage {
  readonly kind: 'number' | 'int64';
  readonly make: (length: number) => NumberArray | BigInt64Array | BigUint64Array;
  readonly fill: Fill<never>;
  /** Whether typed arrays are not taken as they are. */
  readonly rounds?: boolean;
}

const ints = new Map<string, NumberStorage>([
  ['int8', { kind: 'number', make: (n) => new Int8Array(n), fill: fillInts('int8', -128, 127) }],
  ['int16', { kind: 'number', make: (n) => new Int16Array(n), fill: fillInts('int16', -32_768, 32_767) }],
  [
    'int32',
    { kind: 'number', make: (n) => new Int32Array(n), fill: fillInts('int32', -(2 ** 31), 2 ** 31 - 1) },
  ],
  ['int64', { kind: 'int64', make: (n) => new BigInt64Array(n), fill: fillInt64(true) }],
  ['uint8', { kind: 'number', make: (n) => new Uint8Array(n), fill: fillInts('uint8', 0, 255) }],
  ['uint16', { kind: 'number', make: (n) => new Uint16Array(n), fill: fillInts('uint16', 0, 65_535) }],
  ['uint32', { kind: 'number', make: (n) => new Uint32Array(n), fill: fillInts('uint32', 0, 2 ** 32 - 1) }],
  ['uint64', { kind: 'int64', make: (n) => new BigUint64Array(n), fill: fillInt64(false) }],
  [
    'float16',
    { kind: 'number', make: (n) => new Float32Array(n), fill: fillFloat16 as Fill<never>, rounds: true },
  ],
  ['float32', { kind: 'number', make: (n) => new Float32Array(n), fill: fillFloat32 as Fill<never> }],
  ['float64', { kind: 'number', make: (n) => new Float64Array(n), fill: fillFloat64 as Fill<never> }],
]);

/**
 * How a column of `type` is stored; `undefined` for types that are not numbers.
 *
 * @throws `type-mismatch` for types that rows cannot be made into.
 */
export function numberStorage(type: DataType): NumberStorage | undefined {
  const known = ints.get(typeName(type));
  if (known !== undefined) return known;
  if (DataType.isTimestamp(type)) {
    return {
      kind: 'int64',
      make: (n) => new BigInt64Array(n),
      fill: fillTimestamps(type, type.unit) as Fill<never>,
    };
  }
  if (DataType.isTime(type)) {
    return type.bitWidth === 64
      ? { kind: 'int64', make: (n) => new BigInt64Array(n), fill: fillInt64(true, typeName(type)) }
      : {
          kind: 'number',
          make: (n) => new Int32Array(n),
          fill: fillInts(typeName(type), -(2 ** 31), 2 ** 31 - 1),
        };
  }
  if (DataType.isDuration(type)) {
    return { kind: 'int64', make: (n) => new BigInt64Array(n), fill: fillInt64(true, typeName(type)) };
  }
  if (DataType.isDate(type)) {
    return type.unit === DateUnit.DAY
      ? { kind: 'number', make: (n) => new Int32Array(n), fill: fillDates(type.unit) as Fill<never> }
      : { kind: 'int64', make: (n) => new BigInt64Array(n), fill: fillDates(type.unit) as Fill<never> };
  }
  return undefined;
}

export function cannotBuild(type: DataType, field: string): SchemaError {
  return new SchemaError(
    'type-mismatch',
    `field ${JSON.stringify(field)}: rows cannot be made into a column of type ${typeName(type)}`,
  );
}
