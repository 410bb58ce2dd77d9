import { type DataType, DateUnit, TimeUnit, Type } from 'apache-arrow';
import { MillraceError, SchemaError } from '../errors.ts';
import { getBit } from './bitmap.ts';
import type { Column, Int64Column } from './column.ts';
import { doublesOfDecimal, isDecimal } from './decimal.ts';
import { textOf } from './text.ts';

/**
 * Columns as plain JavaScript values, for whoever shows them (charts, tables): doubles with `NaN` for a
 * missing value, and strings.
 */

/** A string, a boolean, or `null` for a missing value. */
export type PlainText = string | boolean | null;

/**
 * Writes rows `from … to` of `column` into `into` from `at` on, as doubles.
 *
 * Null becomes NaN. Dates and timestamps become milliseconds since 1970 with fractions, times and durations
 * milliseconds, whatever their unit; 64-bit integers the nearest double; booleans 0 and 1. O(to − from),
 * allocates nothing (a dictionary is decoded once).
 *
 * @throws `type-mismatch` for a type that is not a number.
 */
export function writeNumbers(column: Column, from: number, to: number, into: Float64Array, at: number): void {
  const length = to - from;
  const { validity, offset } = column;
  switch (column.kind) {
    case 'number': {
      const { values } = column;
      const factor = millisecondsPer(column.type);
      if (factor === 1)
        into.set(values.subarray(from, to), at); // the array may be padded
      else for (let i = 0; i < length; i++) into[at + i] = values[from + i]! * factor;
      break;
    }
    case 'int64':
      writeInt64(column, from, to, into, at);
      break;
    case 'bool': {
      const { values } = column;
      for (let i = 0; i < length; i++) into[at + i] = getBit(values, offset + from + i) ? 1 : 0;
      break;
    }
    case 'dictionary': {
      const { codes } = column;
      const numbers = dictionaryNumbers(column.dictionary);
      for (let i = 0; i < length; i++) into[at + i] = numbers[codes[from + i]!] ?? Number.NaN;
      break;
    }
    case 'null':
      into.fill(Number.NaN, at, at + length);
      return;
    default:
      if (column.kind !== 'opaque' || !isDecimal(column.type)) {
        throw new SchemaError('type-mismatch', `${column.type} cannot be read as a number`);
      }
      into.set(doublesOfDecimal(column).subarray(from, to), at);
  }
  if (validity === undefined) return;
  for (let i = 0; i < length; i++) if (!getBit(validity, offset + from + i)) into[at + i] = Number.NaN;
}

/**
 * Writes rows `from … to` of a string or boolean column (or a dictionary of them) into `into` from `at` on.
 * Null stays null. A dictionary is decoded once, however many batches share it.
 *
 * @throws `type-mismatch` for other types.
 */
export function writeTexts(column: Column, from: number, to: number, into: PlainText[], at: number): void {
  const { validity, offset } = column;
  const valid = (row: number): boolean => validity === undefined || getBit(validity, offset + row);
  switch (column.kind) {
    case 'utf8': {
      const { valueOffsets, bytes } = column;
      for (let row = from; row < to; row++) {
        into[at + row - from] = valid(row) ? textOf(bytes, valueOffsets[row]!, valueOffsets[row + 1]!) : null;
      }
      break;
    }
    case 'bool':
      for (let row = from; row < to; row++) {
        into[at + row - from] = valid(row) ? getBit(column.values, offset + row) : null;
      }
      break;
    case 'dictionary': {
      const { codes } = column;
      const texts = dictionaryTexts(column.dictionary);
      for (let row = from; row < to; row++) {
        into[at + row - from] = valid(row) ? (texts[codes[row]!] ?? null) : null;
      }
      break;
    }
    case 'null':
      into.length = Math.max(into.length, at + to - from);
      into.fill(null, at, at + to - from);
      break;
    default:
      throw new SchemaError('type-mismatch', `${column.type} cannot be read as text`);
  }
}

/** A batch column that holds one plain value: what a scalar result is as a table of one row. */
export function plainValue(value: unknown): number | PlainText {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.getTime();
  throw new MillraceError('bad-value', `${Object.prototype.toString.call(value)} is not a plain value`);
}

const textsOfDictionaries = new WeakMap<Column, PlainText[]>();
const numbersOfDictionaries = new WeakMap<Column, Float64Array>();

function dictionaryTexts(dictionary: Column): PlainText[] {
  let texts = textsOfDictionaries.get(dictionary);
  if (texts === undefined) {
    texts = [];
    writeTexts(dictionary, 0, dictionary.length, texts, 0);
    textsOfDictionaries.set(dictionary, texts);
  }
  return texts;
}

function dictionaryNumbers(dictionary: Column): Float64Array {
  let numbers = numbersOfDictionaries.get(dictionary);
  if (numbers === undefined) {
    numbers = new Float64Array(dictionary.length);
    writeNumbers(dictionary, 0, dictionary.length, numbers, 0);
    numbersOfDictionaries.set(dictionary, numbers);
  }
  return numbers;
}

/** Reads the two halves, so that no bigint is made per row. */
function writeInt64(column: Int64Column, from: number, to: number, into: Float64Array, at: number): void {
  const { values } = column;
  const words = new Int32Array(values.buffer, values.byteOffset + 8 * from, 2 * (to - from));
  const signed = values instanceof BigInt64Array;
  const factor = millisecondsPer(column.type);
  const divisor = factor < 1 ? Math.round(1 / factor) : 1;
  for (let i = 0; i < to - from; i++) {
    const high = words[2 * i + 1]!;
    const value = (signed ? high : high >>> 0) * 4294967296 + (words[2 * i]! >>> 0);
    into[at + i] = divisor === 1 ? value * factor : value / divisor;
  }
}

/** How many milliseconds one step of a temporal type is; 1 for every other type. */
function millisecondsPer(type: DataType): number {
  switch (type.typeId) {
    case Type.Date:
      return (type as unknown as { unit: DateUnit }).unit === DateUnit.DAY ? 86_400_000 : 1;
    case Type.Time:
    case Type.Timestamp:
    case Type.Duration:
      switch ((type as unknown as { unit: TimeUnit }).unit) {
        case TimeUnit.SECOND:
          return 1000;
        case TimeUnit.MILLISECOND:
          return 1;
        case TimeUnit.MICROSECOND:
          return 1e-3;
        default:
          return 1e-6;
      }
    default:
      return 1;
  }
}
