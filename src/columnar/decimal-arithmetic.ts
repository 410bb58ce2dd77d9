import type { Decimal } from 'apache-arrow';
import { newBitmap, setBit } from './bitmap.ts';
import type { Column } from './column.ts';
import { holds } from './compare.ts';
import type { Comparison } from './compare-doubles.ts';
import {
  atScale,
  type DecimalColumn,
  type DecimalFailure,
  decimalColumn,
  decimalType,
  unscaledValues,
} from './decimal.ts';
import { isNull } from './value.ts';

/** Arithmetic of decimals that is exact. */
export type DecimalOp = 'add' | 'sub' | 'mul';

/** The type that holds every result; of more digits than 256 bits hold, the type of the most. */
export function decimalResult(op: DecimalOp, a: Decimal, b: Decimal): Decimal {
  if (op === 'mul') return decimalType(a.precision + b.precision, a.scale + b.scale);
  const scale = Math.max(a.scale, b.scale);
  return decimalType(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale);
}

/** Decimals or integers with each other, exactly; null where one of them is. */
export function decimalArithmetic(
  op: DecimalOp,
  type: Decimal,
  a: Column,
  b: Column,
  fail?: DecimalFailure,
): DecimalColumn {
  const scaleOf = (column: Column): number => (column.kind === 'opaque' ? (column.type as Decimal).scale : 0);
  const x = atScale(a, op === 'mul' ? scaleOf(a) : type.scale);
  const y = atScale(b, op === 'mul' ? scaleOf(b) : type.scale);
  const apply = {
    add: (p: bigint, q: bigint) => p + q,
    sub: (p: bigint, q: bigint) => p - q,
    mul: (p: bigint, q: bigint) => p * q,
  }[op];
  const values = x.map((value, row) => apply(value, y[row]!));
  return decimalColumn(type, values, (row) => !isNull(a, row) && !isNull(b, row), fail);
}

/** The negation, or the magnitude, of each value. */
export function decimalSign(op: 'neg' | 'abs', column: DecimalColumn): DecimalColumn {
  const values = unscaledValues(column).map((value) => (op === 'neg' || value < 0n ? -value : value));
  return decimalColumn(column.type as Decimal, values, (row) => !isNull(column, row));
}

/** Bits of `a op b` for columns of decimals or integers, exactly. */
export function compareDecimals(op: Comparison, a: Column, b: Column): Uint8Array {
  const scaleOf = (column: Column): number => (column.kind === 'opaque' ? (column.type as Decimal).scale : 0);
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const x = atScale(a, scale);
  const y = atScale(b, scale);
  const bits = newBitmap(a.length);
  for (let i = 0; i < a.length; i++) {
    if (holds(op, x[i]! < y[i]! ? -1 : Number(x[i]! > y[i]!))) setBit(bits, i);
  }
  return bits;
}
