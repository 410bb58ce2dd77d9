import { DataType, Float64, Int64 } from 'apache-arrow';
import * as arithmetic from '../columnar/arithmetic.ts';
import type { Int64Column, NumberColumn } from '../columnar/column.ts';
import { constantColumn, nullColumn } from '../columnar/constant.ts';
import { isDecimal } from '../columnar/decimal.ts';
import { type Int64Failure, type Int64Op, int64Abs, int64Arithmetic } from '../columnar/int64.ts';
import { doublesOf, exactDoubles, float64Column } from '../columnar/numbers.ts';
import { isUnsigned, isWideInt } from '../columnar/types.ts';
import { isNull } from '../columnar/value.ts';
import { SchemaError } from '../errors.ts';
import { bindDecimalArithmetic, bindDecimalSign, decimalAsDouble, isDecimalPair } from './bind-decimal.ts';
import { bindTimeArithmetic } from './bind-time-arithmetic.ts';
import { type Binary, type BoundExpr, operand, type Unary, wrongType } from './bound.ts';
import { describe, type ExprTree } from './tree.ts';
import { isNumber } from './type-kinds.ts';

type Op = Int64Op | 'div';
type Numeric = NumberColumn | Int64Column;

/**
 * Arithmetic of two numbers. Columns of up to 32 bits and floats give float64, which is a JavaScript
 * number; a 64-bit integer with an integer stays int64 and exact, with a float it becomes float64; `div`
 * is always float64. Sums, differences and products of decimals with decimals and integers are exact decimals, all else
 * of them float64.
 */
export function bindArithmetic(op: Op, tree: Binary, left: BoundExpr, right: BoundExpr): BoundExpr {
  if (op === 'add' || op === 'sub') {
    const ofTimes = bindTimeArithmetic(op, tree, left, right);
    if (ofTimes !== undefined) return ofTimes;
  }
  if (isDecimalPair(left, right)) {
    const exact = bindDecimalArithmetic(op, tree, left, right);
    if (exact !== undefined) return exact;
    left = decimalAsDouble(left);
    right = decimalAsDouble(right);
  }
  const sides = [left, right];
  for (const [i, { type }] of sides.entries()) {
    if (isNumber(type) || DataType.isNull(type)) continue;
    throw wrongType(tree, `${op} needs numbers, got ${operand(tree.args[i]!, type)}`);
  }
  checkLiterals(tree, left, right);
  if (sides.some(({ type }) => DataType.isNull(type))) {
    return { type: new Float64(), evaluate: (rows) => nullColumn(0, rows.length) };
  }
  const exact =
    sides.some(({ type }) => isWideInt(type)) && !sides.some(({ type }) => DataType.isFloat(type));
  if (op === 'div' || !exact) {
    const compute = arithmetic[op];
    const doubles = exact ? doublesOf : mixedDoubles(tree);
    return {
      type: new Float64(),
      evaluate(rows) {
        const a = left.evaluate(rows) as Numeric;
        const b = right.evaluate(rows) as Numeric;
        const out = new Float64Array(rows.length);
        compute(doubles(a), doubles(b), out);
        return float64Column(out, [a, b]);
      },
    };
  }
  const compute = op === 'pow' ? wholePow : arithmetic[op];
  const fail = int64Failure(op, tree);
  return {
    type: new Int64(),
    evaluate: (rows) =>
      int64Arithmetic(op, compute, left.evaluate(rows) as Numeric, right.evaluate(rows) as Numeric, fail),
  };
}

/** Numbers as doubles beside floats; says once where a 64-bit integer loses digits. */
function mixedDoubles(tree: ExprTree): (column: Numeric) => Float64Array {
  let warned = false;
  return (column) => {
    if (column.kind !== 'int64') return doublesOf(column);
    const exact = exactDoubles(column);
    if (exact !== undefined) return exact;
    const isRounded = (value: bigint, row: number): boolean =>
      !Number.isSafeInteger(Number(value)) && !isNull(column, row);
    if (!warned && (column.values as BigInt64Array).subarray(0, column.length).some(isRounded)) {
      warned = true;
      console.warn(
        `millrace: ${describe(tree)}: 64-bit integers beyond 2^53 are rounded where they meet floats`,
      );
    }
    return doublesOf(column);
  };
}

/** No number where the exponent is below 0, so that such a row is looked at by itself. */
const wholePow: arithmetic.Arithmetic = (a, b, out) => {
  arithmetic.pow(a, b, out);
  for (let i = 0; i < out.length; i++) if (b[i]! < 0) out[i] = Number.NaN;
};

function int64Failure(op: string, tree: ExprTree): Int64Failure {
  return (problem, row, result) => {
    if (problem === 'overflow') {
      const what = result === undefined ? 'a power' : String(result);
      throw new SchemaError('overflow', `${describe(tree)}: ${what} in row ${row} does not fit int64`);
    }
    throw wrongType(
      tree,
      `${op} of 64-bit integers needs exponents of at least 0, got one below in row ${row}`,
    );
  };
}

/** A literal must be of the kind of its partner: a number beside a 64-bit column would lose digits. */
export function checkLiterals(tree: Binary, left: BoundExpr, right: BoundExpr): void {
  const [first, second] = tree.args;
  checkLiteralBeside(tree, first, second, right.type);
  checkLiteralBeside(tree, second, first, left.type);
}

/** The same of one side, if it is a literal at all. */
export function checkLiteralBeside(
  tree: ExprTree,
  literal: ExprTree,
  partner: ExprTree,
  type: DataType,
): void {
  if (literal.op !== 'literal' || literal.explicit || partner.op === 'literal') return;
  const { value } = literal;
  if (literal.type === 'float64' && isWideInt(type)) {
    const hint = Number.isInteger(value)
      ? `write ${String(value)}n`
      : `write literal(${String(value)}, 'float64') to compute with floats`;
    throw wrongType(tree, `${operand(partner, type)} needs a bigint, got number ${String(value)}`, hint);
  }
  if (literal.type === 'int64' && isNumber(type) && !isWideInt(type)) {
    throw wrongType(tree, `${operand(partner, type)} needs a number, got bigint ${describe(literal)}`);
  }
}

/** The rows and nothing behind them: the buffers of a batch may be padded. */
function rowsOf(column: Numeric): Float64Array {
  return doublesOf(column).subarray(0, column.length);
}

export function bindSign(op: 'neg' | 'abs', tree: Unary, arg: BoundExpr): BoundExpr {
  const [inner] = tree.args;
  if (isDecimal(arg.type)) return bindDecimalSign(op, tree, arg);
  if (!isNumber(arg.type)) throw wrongType(tree, `${op} needs numbers, got ${operand(inner, arg.type)}`);
  if (!isWideInt(arg.type)) {
    const apply = op === 'abs' ? arithmetic.abs : arithmetic.neg;
    return {
      type: new Float64(),
      evaluate(rows) {
        const column = arg.evaluate(rows) as NumberColumn;
        return float64Column(apply(rowsOf(column)), [column]);
      },
    };
  }
  const fail = int64Failure(op, tree);
  const fromZero = (way: 'add' | 'sub', column: Int64Column): Int64Column =>
    int64Arithmetic(way, arithmetic[way], constantColumn(0n, column.length) as Int64Column, column, fail);
  return {
    type: new Int64(),
    evaluate(rows) {
      const column = arg.evaluate(rows) as Int64Column;
      if (op === 'abs' && isUnsigned(column.type)) return fromZero('add', column);
      const negated = fromZero('sub', column);
      return op === 'neg' ? negated : int64Abs(column, negated);
    },
  };
}

export function bindRound(tree: Unary & { readonly op: 'round' }, arg: BoundExpr): BoundExpr {
  const { decimals } = tree;
  if (!Number.isInteger(decimals)) {
    throw new SchemaError(
      'bad-option',
      `${describe(tree)}: round needs a whole number of decimals, got ${String(decimals)}`,
    );
  }
  if (!isNumber(arg.type))
    throw wrongType(tree, `round needs numbers, got ${operand(tree.args[0], arg.type)}`);
  if (!DataType.isFloat(arg.type) && decimals >= 0) return arg;
  return {
    type: new Float64(),
    evaluate(rows) {
      const column = arg.evaluate(rows) as Numeric;
      return float64Column(arithmetic.round(rowsOf(column), decimals), [column]);
    },
  };
}
