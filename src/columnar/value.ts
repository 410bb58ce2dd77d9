import { DataType, DateUnit, TimeUnit, Vector } from 'apache-arrow';
import { getBit } from './bitmap.ts';
import type { Column } from './column.ts';
import { decimalTextAt } from './decimal.ts';
import { textOf } from './text.ts';

/** A value of a column as JavaScript sees it. */
export type Scalar = number | bigint | boolean | string | null;

export function isNull(column: Column, row: number): boolean {
  if (column.kind === 'null') return true;
  const { validity } = column;
  return validity !== undefined && !getBit(validity, column.offset + row);
}

/**
 * Row `row` of a column as a JavaScript value: a number, a string, a boolean, a bigint for 64-bit
 * integers, `null` for null. Dates and timestamps in s or ms are numbers of milliseconds since 1970
 * (in µs and ns bigints in the type's unit); times and durations are in the type's unit, bigint where
 * their unit is µs or ns. Decimals are their digits as a string, which loses none. What is none of these is what apache-arrow gives.
 */
export function valueAt(column: Column, row: number): unknown {
  if (isNull(column, row)) return null;
  switch (column.kind) {
    case 'bool':
      return getBit(column.values, column.offset + row);
    case 'utf8':
      return textOf(column.bytes, column.valueOffsets[row]!, column.valueOffsets[row + 1]!);
    case 'dictionary':
      return valueAt(column.dictionary, column.codes[row]!);
    case 'number': {
      const value = column.values[row]!;
      return DataType.isDate(column.type) ? value * 86_400_000 : value;
    }
    case 'int64':
      return int64Value(column.type, column.values[row]!);
    case 'opaque':
      if (DataType.isDecimal(column.type)) return decimalTextAt(column, row);
      return new Vector([column.data]).get(row);
  }
  return null;
}

function int64Value(type: DataType, value: bigint): number | bigint {
  if (DataType.isTimestamp(type)) {
    if (type.unit === TimeUnit.SECOND) return Number(value) * 1000;
    return type.unit === TimeUnit.MILLISECOND ? Number(value) : value;
  }
  if (DataType.isDate(type) && type.unit === DateUnit.MILLISECOND) return Number(value);
  if (DataType.isDuration(type) && (type.unit === TimeUnit.SECOND || type.unit === TimeUnit.MILLISECOND)) {
    return Number(value);
  }
  return value;
}

/** All rows as JavaScript values; a dictionary's values are decoded once. */
export function valuesOf(column: Column): unknown[] {
  const { length } = column;
  if (column.kind === 'dictionary') {
    const decoded = valuesOf(column.dictionary);
    return Array.from({ length }, (_, row) => (isNull(column, row) ? null : decoded[column.codes[row]!]));
  }
  if (column.kind === 'opaque' && !DataType.isDecimal(column.type)) return [...new Vector([column.data])];
  return Array.from({ length }, (_, row) => valueAt(column, row));
}
