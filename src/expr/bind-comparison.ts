import { Bool, DataType, DateUnit, TimeUnit } from 'apache-arrow';
import type { BoolColumn, Column, DictionaryColumn, NumberColumn, Utf8Column } from '../columnar/column.ts';
import {
  boolColumn,
  compareBools,
  compareNumbers,
  compareString,
  compareStrings,
} from '../columnar/compare.ts';
import { type Comparison, compareWithNumber } from '../columnar/compare-doubles.ts';
import { compareTimes } from '../columnar/compare-times.ts';
import { constantColumn, nullColumn } from '../columnar/constant.ts';
import { isTemporal, isWideInt } from '../columnar/types.ts';
import { commonValidity } from '../columnar/validity.ts';
import type { Scalar } from '../columnar/value.ts';
import { checkLiterals } from './bind-arithmetic.ts';
import { type Binary, type BoundExpr, operand, wrongType } from './bound.ts';
import type { ExprTree } from './tree.ts';
import { comparableTimes, comparableUnits, isNumber, isText } from './type-kinds.ts';

/**
 * A comparison: numbers with numbers, strings with strings by code point, booleans, and times with times of the
 * same sort or with a literal. A null on either side gives null.
 */
export function bindComparison(op: Comparison, tree: Binary, left: BoundExpr, right: BoundExpr): BoundExpr {
  const [a, b] = [left.type, right.type];
  const [first, second] = tree.args;
  if (DataType.isNull(a) || DataType.isNull(b)) {
    return { type: new Bool(), evaluate: (rows) => nullColumn(false, rows.length) };
  }
  if (isTemporal(a) && second.op === 'literal') right = temporalLiteral(tree, second, b, first, a);
  else if (isTemporal(b) && first.op === 'literal') left = temporalLiteral(tree, first, a, second, b);
  else if (isNumber(a) && isNumber(b)) {
    checkLiterals(tree, left, right);
    if (second.op === 'literal' && typeof second.value === 'number' && !isWideInt(a))
      return withNumber(op, left, second.value);
  } else if (isText(a) && isText(b)) {
    if (second.op === 'literal') return withText(op, left, second.value as string);
    return compared(left, right, (x, y) => compareStrings(op, x as Utf8Column, y as Utf8Column));
  } else if (DataType.isBool(a) && DataType.isBool(b)) {
    return compared(left, right, (x, y) => compareBools(op, x as BoolColumn, y as BoolColumn));
  } else if (isTemporal(a) && isTemporal(b) && comparableTimes(a, b)) {
    return compared(left, right, (x, y) => compareTimes(op, x, y));
  } else if (!(isTemporal(a) && isTemporal(b) && comparableUnits(a, b))) {
    throw wrongType(tree, `cannot compare ${operand(first, a)} with ${operand(second, b)}`);
  }
  return compared(left, right, (x, y) => compareNumbers(op, x as NumberColumn, y as NumberColumn));
}

function compared(left: BoundExpr, right: BoundExpr, bits: (a: Column, b: Column) => Uint8Array): BoundExpr {
  return {
    type: new Bool(),
    evaluate(rows) {
      const a = left.evaluate(rows);
      const b = right.evaluate(rows);
      return boolColumn(bits(a, b), rows.length, commonValidity([a, b], rows.length));
    },
  };
}

/** A column that is no 64-bit one against a number: the common filter, without a column of copies of the number. */
function withNumber(op: Comparison, left: BoundExpr, limit: number): BoundExpr {
  return {
    type: new Bool(),
    evaluate(rows) {
      const column = left.evaluate(rows) as NumberColumn;
      const { length } = rows;
      const bits = compareWithNumber(op, column.values, limit, length);
      return boolColumn(bits, length, commonValidity([column], length));
    },
  };
}

function withText(op: Comparison, left: BoundExpr, value: string): BoundExpr {
  const text = new TextEncoder().encode(value);
  return {
    type: new Bool(),
    evaluate(rows) {
      const column = left.evaluate(rows) as Utf8Column | DictionaryColumn;
      return boolColumn(compareString(op, column, text), rows.length, commonValidity([column], rows.length));
    },
  };
}

/** A literal beside a time column, in that column's raw unit. */
function temporalLiteral(
  tree: ExprTree,
  literal: ExprTree & { op: 'literal' },
  own: DataType,
  partner: ExprTree,
  type: DataType,
): BoundExpr {
  const value = rawTime(literal.value, literal.type === 'timestamp', type);
  if (value === undefined) {
    throw wrongType(
      tree,
      `cannot compare ${operand(partner, type)} with ${operand(literal, own)}`,
      'give a Date, or milliseconds since 1970',
    );
  }
  return { type, evaluate: (rows) => constantColumn(value, rows.length) };
}

/** A literal in the raw unit of a type of times; `undefined` where it is none. It may be a fraction. */
export function rawTime(value: Scalar, isDate: boolean, type: DataType): number | bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') return undefined;
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? value / 86_400_000 : value;
  if (!DataType.isTimestamp(type)) return isDate ? undefined : value;
  switch (type.unit) {
    case TimeUnit.SECOND:
      return value / 1000;
    case TimeUnit.MILLISECOND:
      return value;
    default: {
      const perMs = type.unit === TimeUnit.MICROSECOND ? 1000n : 1_000_000n;
      if (!Number.isFinite(value)) return value;
      const whole = Math.floor(value);
      return BigInt(whole) * perMs + BigInt(Math.round((value - whole) * Number(perMs)));
    }
  }
}
