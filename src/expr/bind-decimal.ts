import { Bool, DataType, type Decimal } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { boolColumn } from '../columnar/compare.ts';
import type { Comparison } from '../columnar/compare-doubles.ts';
import {
  type DecimalColumn,
  type DecimalFailure,
  type DecimalNumber,
  decimalColumn,
  decimalOf,
  decimalOfInteger,
  decimalToDouble,
  isDecimal,
  maxDigits,
  typeOfDecimal,
} from '../columnar/decimal.ts';
import {
  compareDecimals,
  type DecimalOp,
  decimalArithmetic,
  decimalResult,
  decimalSign,
} from '../columnar/decimal-arithmetic.ts';
import { typeName } from '../columnar/type-name.ts';
import { commonValidity } from '../columnar/validity.ts';
import { SchemaError } from '../errors.ts';
import { type Binary, type BoundExpr, operand, type Unary, wrongType } from './bound.ts';
import { describe, type ExprTree } from './tree.ts';

/** Whether one of two sides is decimal and the other can be worked with beside it. */
export function isDecimalPair(left: BoundExpr, right: BoundExpr): boolean {
  return (isDecimal(left.type) && isPartner(right.type)) || (isDecimal(right.type) && isPartner(left.type));
}

/** Strings are partners as literals only, which is found out when they are read. */
function isPartner(type: DataType): boolean {
  return isDecimal(type) || DataType.isInt(type) || DataType.isFloat(type) || DataType.isUtf8(type);
}

/**
 * The two sides as decimals or integers; `undefined` where one is a float, which decimals are made into then. A literal is
 * what its digits say, so that 0.1 is one tenth.
 */
function exactSides(tree: Binary, left: BoundExpr, right: BoundExpr): [BoundExpr, BoundExpr] | undefined {
  const sides: BoundExpr[] = [];
  for (const [i, side] of [left, right].entries()) {
    const arg = tree.args[i]!;
    const literal = arg.op === 'literal' && !(arg.explicit && arg.type === 'float64');
    if (literal && arg.value !== null && !isDecimal(side.type)) {
      const number = decimalOf(arg.value);
      // A number of more digits than there are decimals of is worked with as the float that it is.
      const isTooLong = typeof arg.value === 'number' && number !== undefined && digitsOf(number) > maxDigits;
      if (number !== undefined && !isTooLong) sides.push(constantDecimal(number));
      else if (typeof arg.value !== 'number') {
        const partner = [left, right][1 - i]!;
        throw wrongType(
          tree,
          `${operand(tree.args[1 - i]!, partner.type)} needs a number, got ${operand(arg, side.type)}`,
        );
      }
    } else if (DataType.isUtf8(side.type)) {
      throw wrongType(tree, `cannot work with decimals and ${operand(arg, side.type)}`);
    } else if (!DataType.isFloat(side.type)) sides.push(side);
  }
  return sides.length === 2 ? (sides as [BoundExpr, BoundExpr]) : undefined;
}

function digitsOf({ unscaled }: DecimalNumber): number {
  return String(unscaled < 0n ? -unscaled : unscaled).length;
}

function constantDecimal(number: DecimalNumber): BoundExpr {
  const type = typeOfDecimal(number);
  let kept: DecimalColumn | undefined;
  return {
    type,
    evaluate({ length }) {
      if (kept?.length !== length)
        kept = decimalColumn(type, new Array<bigint>(length).fill(number.unscaled));
      return kept;
    },
  };
}

/** A decimal as float64, for whatever works on these; anything else stays as it is. */
export function decimalAsDouble(side: BoundExpr): BoundExpr {
  if (!isDecimal(side.type)) return side;
  return {
    type: decimalToDouble(decimalColumn(side.type, [])).type,
    evaluate: (rows) => decimalToDouble(side.evaluate(rows) as DecimalColumn),
  };
}

/**
 * A comparison of decimals with decimals of any scale, integers and literals, exactly; with floats as floats, for which
 * `undefined` is given.
 */
export function bindDecimalComparison(
  op: Comparison,
  tree: Binary,
  left: BoundExpr,
  right: BoundExpr,
): BoundExpr | undefined {
  const sides = exactSides(tree, left, right);
  if (sides === undefined) return undefined;
  const [a, b] = sides;
  return {
    type: new Bool(),
    evaluate(rows) {
      const x = a.evaluate(rows);
      const y = b.evaluate(rows);
      return boolColumn(compareDecimals(op, x, y), rows.length, commonValidity([x, y], rows.length));
    },
  };
}

/** Sums, differences and products of decimals, exactly; `undefined` where they are to be worked on as floats. */
export function bindDecimalArithmetic(
  op: string,
  tree: Binary,
  left: BoundExpr,
  right: BoundExpr,
): BoundExpr | undefined {
  const sides = exactSides(tree, left, right);
  if (sides === undefined || !isExact(op)) return undefined;
  const [a, b] = sides;
  const type = decimalResult(op, decimalTypeOf(a.type), decimalTypeOf(b.type));
  if (type.scale > type.precision) {
    throw wrongType(tree, `${type.scale} digits behind the point are more than a decimal has`);
  }
  const fail = overflow(tree, type);
  return {
    type,
    evaluate: (rows): Column => decimalArithmetic(op, type, a.evaluate(rows), b.evaluate(rows), fail),
  };
}

function isExact(op: string): op is DecimalOp {
  return op === 'add' || op === 'sub' || op === 'mul';
}

function decimalTypeOf(type: DataType): Decimal {
  return isDecimal(type) ? type : decimalOfInteger(type);
}

/** The negation or magnitude of a decimal. */
export function bindDecimalSign(op: 'neg' | 'abs', _tree: Unary, arg: BoundExpr): BoundExpr {
  return { type: arg.type, evaluate: (rows) => decimalSign(op, arg.evaluate(rows) as DecimalColumn) };
}

function overflow(tree: ExprTree, type: Decimal): DecimalFailure {
  return (_problem, row, value) => {
    throw new SchemaError(
      'overflow',
      `${describe(tree)}: ${value} in row ${row} does not fit ${typeName(type)}`,
    );
  };
}
