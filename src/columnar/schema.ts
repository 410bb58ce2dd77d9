import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  DurationMicrosecond,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  Field,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  Schema,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { didYouMean, quote, SchemaError } from '../errors.ts';

/** Booleans. */
export const bool: Bool = new Bool();
/** Whole numbers of 8 bits. */
export const int8: Int8 = new Int8();
/** Whole numbers of 16 bits. */
export const int16: Int16 = new Int16();
/** Whole numbers of 32 bits. */
export const int32: Int32 = new Int32();
/** Whole numbers of 64 bits; JavaScript sees them as bigint. */
export const int64: Int64 = new Int64();
/** Unsigned whole numbers of 8 bits. */
export const uint8: Uint8 = new Uint8();
/** Unsigned whole numbers of 16 bits. */
export const uint16: Uint16 = new Uint16();
/** Unsigned whole numbers of 32 bits. */
export const uint32: Uint32 = new Uint32();
/** Unsigned whole numbers of 64 bits; JavaScript sees them as bigint. */
export const uint64: Uint64 = new Uint64();
/** Numbers of half precision. */
export const float16: Float16 = new Float16();
/** Numbers of single precision. */
export const float32: Float32 = new Float32();
/** Numbers of double precision, which is what a JavaScript number is. */
export const float64: Float64 = new Float64();
/** Strings. Batches may bring them plain, as views or dictionary-encoded. */
export const utf8: Utf8 = new Utf8();
/** Days without a time. */
export const dateDay: DateDay = new DateDay();
/** Dates in milliseconds. */
export const dateMillisecond: DateMillisecond = new DateMillisecond();

/** Units of timestamps and durations. */
export type Unit = 's' | 'ms' | 'us' | 'ns';

/**
 * Points in time, 64-bit in the given unit. With a zone they are instants, without one the clock on the wall.
 *
 * In JavaScript a number is milliseconds since 1970 whatever the unit (fractions of the unit are cut off), a bigint is in
 * the unit itself; rows may also bring a `Date`, or a text as ISO 8601 has it, which is read as UTC where it names no zone.
 */
export function timestamp(unit: 's', zone?: string): TimestampSecond;
export function timestamp(unit?: 'ms', zone?: string): TimestampMillisecond;
export function timestamp(unit: 'us', zone?: string): TimestampMicrosecond;
export function timestamp(unit: 'ns', zone?: string): TimestampNanosecond;
export function timestamp(
  unit: Unit = 'ms',
  zone?: string,
): TimestampSecond | TimestampMillisecond | TimestampMicrosecond | TimestampNanosecond {
  switch (unit) {
    case 's':
      return new TimestampSecond(zone);
    case 'ms':
      return new TimestampMillisecond(zone);
    case 'us':
      return new TimestampMicrosecond(zone);
    case 'ns':
      return new TimestampNanosecond(zone);
    default:
      throw noUnit(unit);
  }
}

/** Lengths of time, 64-bit in the given unit. */
export function duration(unit: 's'): DurationSecond;
export function duration(unit?: 'ms'): DurationMillisecond;
export function duration(unit: 'us'): DurationMicrosecond;
export function duration(unit: 'ns'): DurationNanosecond;
export function duration(
  unit: Unit = 'ms',
): DurationSecond | DurationMillisecond | DurationMicrosecond | DurationNanosecond {
  switch (unit) {
    case 's':
      return new DurationSecond();
    case 'ms':
      return new DurationMillisecond();
    case 'us':
      return new DurationMicrosecond();
    case 'ns':
      return new DurationNanosecond();
    default:
      throw noUnit(unit);
  }
}

function noUnit(unit: never): SchemaError {
  return new SchemaError('bad-option', `no unit ${quote(String(unit))}; units: s, ms, us, ns`);
}

/**
 * Decimal numbers of up to `precision` digits, `scale` of them behind the point, exactly; up to 38 digits take 128 bits,
 * up to 76 take 256. JavaScript sees their digits as a string; sums, comparisons and products are exact.
 */
export function decimal(precision: number, scale = 0): Decimal {
  const whole = Number.isInteger(precision) && Number.isInteger(scale);
  if (!whole || precision < 1 || precision > 76 || scale < 0 || scale > precision) {
    throw new SchemaError(
      'bad-option',
      `decimal(${String(precision)}, ${String(scale)}): expected 1 to 76 digits, and 0 up to as many behind the point`,
    );
  }
  return new Decimal(scale, precision, precision <= 38 ? 128 : 256);
}

/** Strings stored once each, rows as 32-bit codes. */
export function dictionary(values: Utf8 = utf8): Dictionary<Utf8, Int32> {
  return new Dictionary(values, int32);
}

export interface SchemaOptions<Name extends string> {
  /** Columns that must not hold nulls. Default: none. */
  readonly required?: readonly Name[];
}

/**
 * Declares the columns of a frame, for the program and the compiler at once:
 * `schema({ name: utf8, amount: float64 })`. The result is an Arrow schema.
 */
export function schema<S extends Record<string, DataType>>(
  types: S,
  { required = [] }: SchemaOptions<keyof S & string> = {},
): Schema<S> {
  const names = Object.keys(types);
  for (const name of required) {
    if (names.includes(name)) continue;
    throw new SchemaError('no-such-column', `required: no column ${quote(name)}${didYouMean(name, names)}`);
  }
  const fields = names.map((name) => {
    const type = types[name];
    if (typeof type?.typeId !== 'number') {
      throw new SchemaError(
        'bad-option',
        `column ${quote(name)}: expected a type such as float64 or utf8, got ${typeof type === 'function' ? 'a function; call it, as in timestamp()' : String(type)}`,
      );
    }
    return new Field(name, type, !required.includes(name));
  });
  return new Schema<S>(fields as never);
}
