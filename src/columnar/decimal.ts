import { Data, DataType, Decimal } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { columnOf } from './arrow.ts';
import { newBitmap, setBit } from './bitmap.ts';
import type { Column, Int64Column, NumberColumn, OpaqueColumn } from './column.ts';
import { float64Column } from './numbers.ts';
import { typeName } from './type-name.ts';
import { isNull } from './value.ts';

/** A column whose type is `Decimal`; its values are in its data, little-endian words of 32 bits. */
export type DecimalColumn = OpaqueColumn;

/** A decimal number by itself: `unscaled · 10^-scale`. */
export interface DecimalNumber {
  readonly unscaled: bigint;
  readonly scale: number;
}

export function isDecimal(type: DataType): type is Decimal {
  return DataType.isDecimal(type);
}

/** Most digits that 256 bits hold for certain. */
export const maxDigits = 76;

/** A decimal type of that many digits, 128 bits wide where that is enough, else 256. */
export function decimalType(digits: number, scale: number): Decimal {
  const precision = Math.min(Math.max(digits, 1), maxDigits);
  return new Decimal(scale, precision, precision <= 38 ? 128 : 256);
}

/** The decimal type that holds every integer of a type. */
export function decimalOfInteger(type: DataType): Decimal {
  const digits: Readonly<Record<number, number>> = { 8: 3, 16: 5, 32: 10, 64: 20 };
  return decimalType(DataType.isInt(type) ? digits[type.bitWidth]! : 20, 0);
}

/** The unscaled integer of each row, 0 for a null. */
export function unscaledValues(column: DecimalColumn): bigint[] {
  const { values, stride } = column.data;
  const words = values as Uint32Array | undefined;
  return Array.from({ length: column.length }, (_, row) =>
    isNull(column, row) ? 0n : unscaledAt(words!, stride, row),
  );
}

/** The unscaled integer of a row that is not null. */
export function unscaledOf({ data }: DecimalColumn, row: number): bigint {
  return unscaledAt(data.values as Uint32Array, data.stride, row);
}

function unscaledAt(words: Uint32Array, stride: number, row: number): bigint {
  const first = stride * row;
  let value = BigInt(words[first + stride - 1]! | 0);
  for (let k = stride - 2; k >= 0; k--) value = (value << 32n) | BigInt(words[first + k]! >>> 0);
  return value;
}

/** Told of a row whose value does not fit; what it returns stands there, `undefined` for null. */
export type DecimalFailure = (
  problem: 'overflow' | 'inexact',
  row: number,
  value: string,
) => bigint | undefined;

/**
 * A decimal column of unscaled integers; rows where `present` is 0 are null.
 *
 * @throws `overflow` for a value of more digits than the type has, unless `fail` says otherwise.
 */
export function decimalColumn(
  type: Decimal,
  values: readonly bigint[],
  present?: (row: number) => boolean,
  fail: DecimalFailure = doesNotFit(type),
): DecimalColumn {
  const { length } = values;
  const stride = type.bitWidth / 32;
  const words = new Uint32Array(stride * length);
  const bits = newBitmap(length);
  const limit = limitOf(type);
  let nulls = 0;
  for (let row = 0; row < length; row++) {
    let value: bigint | undefined = present?.(row) === false ? undefined : values[row]!;
    if (value !== undefined && (value >= limit || value <= -limit)) {
      value = fail('overflow', row, decimalText(value, type.scale));
    }
    if (value === undefined) {
      nulls++;
      continue;
    }
    setBit(bits, row);
    for (let k = 0; k < stride; k++) {
      words[stride * row + k] = Number(BigInt.asUintN(32, value));
      value >>= 32n;
    }
  }
  const validity = nulls === 0 ? undefined : bits;
  return columnOf(new Data(type, 0, length, nulls, [undefined, words, validity] as never)) as DecimalColumn;
}

/** What a value of this type is below, without its sign: its digits, and no more than its bits hold. */
function limitOf({ precision, bitWidth }: Decimal): bigint {
  const digits = 10n ** BigInt(precision);
  const bits = 1n << BigInt(bitWidth - 1);
  return digits < bits ? digits : bits;
}

function doesNotFit(type: Decimal): DecimalFailure {
  return (problem, row, value) => {
    const what = problem === 'overflow' ? 'does not fit' : 'has more decimals than';
    throw new SchemaError('overflow', `${value} in row ${row} ${what} ${typeName(type)}`);
  };
}

/** A decimal number in digits: `-0.05`. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Row `row` in digits; the row is not null. */
export function decimalTextAt(column: DecimalColumn, row: number): string {
  return decimalText(unscaledOf(column, row), (column.type as Decimal).scale);
}

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i;

/**
 * A literal as a decimal number, exactly: an integer, digits, or a number, which is what its shortest digits say (0.1 is
 * one tenth). `undefined` for anything else.
 */
export function decimalOf(value: unknown): DecimalNumber | undefined {
  if (typeof value === 'bigint') return { unscaled: value, scale: 0 };
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isFinite(value))) return undefined;
  const match = pattern.exec(String(value).trim());
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  return scale >= 0 ? { unscaled: digits, scale } : { unscaled: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** The decimal type of as many digits as a number has. */
export function typeOfDecimal({ unscaled, scale }: DecimalNumber): Decimal {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).length;
  return decimalType(Math.max(digits, scale), scale);
}

/** Integers as decimals without decimals. */
export function decimalOfIntegers(column: NumberColumn | Int64Column): DecimalColumn {
  const values = Array.from({ length: column.length }, (_, row) =>
    isNull(column, row) ? 0n : BigInt(column.values[row]!),
  );
  return decimalColumn(decimalOfInteger(column.type), values, (row) => !isNull(column, row));
}

/** The nearest doubles. */
export function doublesOfDecimal(column: DecimalColumn): Float64Array {
  const { scale } = column.type as Decimal;
  const out = new Float64Array(column.length);
  const divisor = 10 ** scale;
  for (let row = 0; row < out.length; row++) {
    if (isNull(column, row)) continue;
    const value = unscaledOf(column, row);
    const double = Number(value);
    // A quotient of two exact doubles is the nearest one; of others, the digits are read.
    const exact = Number.isSafeInteger(double) && scale >= 0 && scale <= 22;
    out[row] = exact ? double / divisor : Number(`${value}e${-scale}`);
  }
  return out;
}

/** A decimal column as float64: the nearest double of each value. Null stays null. */
export function decimalToDouble(column: DecimalColumn): NumberColumn {
  return float64Column(doublesOfDecimal(column), [column]);
}

/**
 * A decimal column as another decimal type. Decimals that the type has no room for are rounded, half to even.
 *
 * @throws `overflow` for a value of more digits than the type has, unless `fail`, which is told of such values, says
 * otherwise; with `exact`, values that would be rounded are told of, too.
 */
export function rescaleDecimal(
  column: DecimalColumn,
  type: Decimal,
  { exact = false, fail = doesNotFit(type) }: { exact?: boolean; fail?: DecimalFailure } = {},
): DecimalColumn {
  const { scale } = column.type as Decimal;
  const failed = new Set<number>();
  const values = unscaledValues(column).map((value, row) => {
    const result = moved(value, type.scale - scale);
    if (!exact || result.exact || isNull(column, row)) return result.value;
    const instead = fail('inexact', row, decimalText(value, scale));
    if (instead === undefined) failed.add(row);
    return instead ?? 0n;
  });
  return decimalColumn(type, values, (row) => !isNull(column, row) && !failed.has(row), fail);
}

function moved(value: bigint, digits: number): { value: bigint; exact: boolean } {
  if (digits >= 0) return { value: value * 10n ** BigInt(digits), exact: true };
  const unit = 10n ** BigInt(-digits);
  const rest = value % unit;
  const whole = value / unit;
  if (rest === 0n) return { value: whole, exact: true };
  const twice = 2n * (rest < 0n ? -rest : rest);
  const up = twice > unit || (twice === unit && whole % 2n !== 0n);
  return { value: up ? whole + (value < 0n ? -1n : 1n) : whole, exact: false };
}

/** The unscaled integers of columns of decimals or integers, all at one scale. */
export function atScale(column: Column, scale: number): bigint[] {
  const decimal = column.kind === 'opaque' ? column : decimalOfIntegers(column as NumberColumn | Int64Column);
  const factor = 10n ** BigInt(scale - (decimal.type as Decimal).scale);
  const values = unscaledValues(decimal);
  return factor === 1n ? values : values.map((value) => value * factor);
}

/** The unscaled integer of a literal in a type; `undefined` where it is none, has more decimals or does not fit. */
export function decimalIn(value: unknown, type: Decimal): bigint | undefined {
  const number = decimalOf(value);
  if (number === undefined) return undefined;
  const result = moved(number.unscaled, type.scale - number.scale);
  const limit = limitOf(type);
  return result.exact && result.value < limit && result.value > -limit ? result.value : undefined;
}
