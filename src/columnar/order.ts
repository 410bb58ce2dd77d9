import { DataType } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { getBit } from './bitmap.ts';
import type { Column, Utf8Column } from './column.ts';
import { unscaledOf } from './decimal.ts';
import { typeName } from './type-name.ts';
import { isNull } from './value.ts';

/** Whether rows of this type have an order: numbers and decimals, booleans, dates and times, strings however they are stored. */
export function hasOrder(type: DataType): boolean {
  if (DataType.isDictionary(type)) return hasOrder(type.dictionary as DataType);
  return (
    DataType.isNull(type) ||
    DataType.isBool(type) ||
    DataType.isInt(type) ||
    DataType.isFloat(type) ||
    DataType.isUtf8(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isUtf8View(type) ||
    DataType.isDate(type) ||
    DataType.isTime(type) ||
    DataType.isTimestamp(type) ||
    DataType.isDuration(type) ||
    DataType.isDecimal(type)
  );
}

/** Whether row `row` has no place in an order: null, or NaN. */
export function isMissing(column: Column, row: number): boolean {
  if (isNull(column, row)) return true;
  if (column.kind === 'number') return Number.isNaN(column.values[row]!);
  return column.kind === 'dictionary' && isMissing(column.dictionary, column.codes[row]!);
}

/**
 * The order of row `i` of `a` and row `j` of `b`, neither missing, of one logical type: numbers by value, 64-bit ones exactly,
 * strings by code point, false before true. Negative, 0 or positive.
 */
export function compareCells(a: Column, i: number, b: Column, j: number): number {
  if (a.kind === 'dictionary') return compareCells(a.dictionary, a.codes[i]!, b, j);
  if (b.kind === 'dictionary') return compareCells(a, i, b.dictionary, b.codes[j]!);
  if (a.kind === 'number' || a.kind === 'int64') {
    const x = a.values[i]!;
    const y = (b as typeof a).values[j]!;
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a.kind === 'bool' && b.kind === 'bool') {
    return +getBit(a.values, a.offset + i) - +getBit(b.values, b.offset + j);
  }
  if (a.kind === 'utf8' && b.kind === 'utf8') return compareTexts(a, i, b, j);
  if (a.kind === 'opaque' && b.kind === 'opaque') {
    // Of one type, so of one scale.
    const [x, y] = [unscaledOf(a, i), unscaledOf(b, j)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return 0;
}

function compareTexts(a: Utf8Column, i: number, b: Utf8Column, j: number): number {
  const start = a.valueOffsets[i]!;
  const otherStart = b.valueOffsets[j]!;
  const length = a.valueOffsets[i + 1]! - start;
  const otherLength = b.valueOffsets[j + 1]! - otherStart;
  const shared = Math.min(length, otherLength);
  for (let k = 0; k < shared; k++) {
    const difference = a.bytes[start + k]! - b.bytes[otherStart + k]!;
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}

/** A column to sort by. */
export interface SortColumn {
  readonly column: Column;
  readonly descending: boolean;
  /** Where rows go that are null or NaN, whatever the direction; NaN is before null there. */
  readonly nulls: 'first' | 'last';
}

/**
 * The rows `0 … length - 1` in order of the first column, where that is equal of the second, and so on; what is equal in
 * all stays in the order it has. O(length · log length).
 *
 * @throws SchemaError `type-mismatch` for a type without order.
 */
export function sortedRows(columns: readonly SortColumn[], length: number): Int32Array {
  for (const { column } of columns) {
    if (!hasOrder(column.type)) {
      throw new SchemaError('type-mismatch', `cannot sort by a column of type ${typeName(column.type)}`);
    }
  }
  const orders = columns.map(orderOf);
  const rows = Int32Array.from({ length }, (_, i) => i);
  return rows.sort((i, j) => {
    for (const order of orders) {
      const difference = order(i, j);
      if (difference !== 0) return difference;
    }
    return i - j;
  });
}

function orderOf({ column, descending, nulls }: SortColumn): (i: number, j: number) => number {
  const sign = descending ? -1 : 1;
  const side = nulls === 'first' ? -1 : 1;
  const mark = new Uint8Array(column.length);
  for (let i = 0; i < mark.length; i++)
    if (isMissing(column, i)) mark[i] = isNull(column, i) || column.kind === 'dictionary' ? 2 : 1;
  return (i, j) => {
    if (mark[i] !== 0 || mark[j] !== 0) {
      if (mark[i] === 0 || mark[j] === 0) return mark[i] === 0 ? -side : side;
      return mark[i]! - mark[j]!;
    }
    return sign * compareCells(column, i, column, j);
  };
}
