import { DataType, type Decimal } from 'apache-arrow';
import type { Column, Int64Column, NumberArray, NumberColumn } from './column.ts';
import { type DecimalColumn, isDecimal, rescaleDecimal } from './decimal.ts';
import { nullsOf } from './nulls.ts';
import { isFloat } from './types.ts';
import { isNull } from './value.ts';

/** Bits of a whole number that floats of each precision (half, single, double) hold exactly. */
const wholeBits: readonly number[] = [11, 24, 53];

/** Whether every value of type `from` is one of type `to`: wider integers and floats, decimals with more room, nulls. */
export function canWiden(from: DataType, to: DataType): boolean {
  if (DataType.isNull(from)) return true;
  if (DataType.isInt(from) && DataType.isInt(to)) {
    if (from.isSigned === to.isSigned) return from.bitWidth <= to.bitWidth;
    return to.isSigned && from.bitWidth < to.bitWidth;
  }
  if (DataType.isInt(from) && DataType.isFloat(to)) {
    return from.bitWidth - Number(from.isSigned) <= wholeBits[to.precision]!;
  }
  if (DataType.isFloat(from) && DataType.isFloat(to)) return from.precision <= to.precision;
  if (isDecimal(from) && isDecimal(to)) {
    return from.scale <= to.scale && from.precision - from.scale <= to.precision - to.scale;
  }
  return false;
}

/** A column as one of a type that its own can be widened to. */
export function widen(column: Column, type: DataType): Column {
  const { length, validity, offset } = column;
  if (column.kind === 'null') return nullsOf(type, length);
  if (isDecimal(type)) return rescaleDecimal(column as DecimalColumn, type as Decimal);
  const { values } = column as NumberColumn | Int64Column;
  const base = { type, length, validity, offset };
  if (DataType.isInt(type) && type.bitWidth === 64) {
    const wide = type.isSigned ? new BigInt64Array(length) : new BigUint64Array(length);
    for (let i = 0; i < length; i++) if (!isNull(column, i)) wide[i] = BigInt(values[i]!);
    return { ...base, kind: 'int64', values: wide };
  }
  const half = isFloat(type) && type.ArrayType === Uint16Array;
  const TypedArray = (half ? Float32Array : type.ArrayType) as unknown as new (length: number) => NumberArray;
  const numbers = new TypedArray(length);
  for (let i = 0; i < length; i++) numbers[i] = Number(values[i]!);
  return { ...base, kind: 'number', values: numbers };
}
