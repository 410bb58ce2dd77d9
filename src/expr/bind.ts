import { Bool, DataType, Float64, Int64, Null, TimestampMillisecond, Uint64, Utf8 } from 'apache-arrow';
import type { BoolColumn, Column, NumberColumn } from '../columnar/column.ts';
import { boolColumn, compareNumbers, nullTest } from '../columnar/compare.ts';
import { constantColumn, nullColumn } from '../columnar/constant.ts';
import * as logic from '../columnar/logic.ts';
import { commonValidity } from '../columnar/validity.ts';
import type { Scalar } from '../columnar/value.ts';
import { SchemaError } from '../errors.ts';
import { bindArithmetic, bindRound, bindSign } from './bind-arithmetic.ts';
import { bindComparison } from './bind-comparison.ts';
import {
  type Binary,
  type BoundExpr,
  noSuchColumn,
  operand,
  type TypeOf,
  type Unary,
  wrongType,
} from './bound.ts';
import { bindCall } from './functions/registry.ts';
import { plainValues } from './plain-values.ts';
import { describe, type ExprTree, type LiteralType, type UnaryOp } from './tree.ts';
import { isNumber } from './type-kinds.ts';

/**
 * Binds an expression to the types of its columns.
 *
 * @throws `no-such-column` and `type-mismatch`, naming the column, its type and the operation.
 */
export function bind(tree: ExprTree, types: TypeOf): BoundExpr {
  if (tree.op === 'column') return bindColumn(tree.name, types);
  if (tree.op === 'literal') return bindLiteral(tree);
  if (tree.op === 'value') throw noValue(tree);
  if (tree.op === 'running') throw wrongType(tree, `${tree.fn} is computed where a frame is run`);
  if (tree.op === 'call') {
    return bindCall(
      tree,
      tree.args.map((arg) => plainValues(bind(arg, types))),
    );
  }
  const [left, right] = tree.args.map((arg) => plainValues(bind(arg, types))) as [BoundExpr, BoundExpr];
  switch (tree.op) {
    case 'neg':
    case 'abs':
      return bindSign(tree.op, tree, left);
    case 'round':
      return bindRound(tree, left);
    case 'not':
    case 'isNull':
    case 'notNull':
    case 'isNaN':
      return bindTest(tree.op, tree, left);
    case 'and':
    case 'or':
    case 'xor':
      return bindLogic(tree.op, tree, left, right);
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return bindComparison(tree.op, tree, left, right);
    default:
      return bindArithmetic(tree.op, tree, left, right);
  }
}

function noValue(tree: ExprTree): Error {
  return new SchemaError(
    'bad-expression',
    `${describe(tree)} is a running value, which can be used only in expressions on a frame`,
  );
}

function bindColumn(name: string, types: TypeOf): BoundExpr {
  const type = types.get(name);
  if (type === undefined) throw noSuchColumn(name, types.keys());
  return { type, evaluate: (rows) => rows.column(name) };
}

/** The type of a literal, and a value that stands in the place of null. */
const literalTypes: Record<LiteralType, { readonly type: () => DataType; readonly blank: Scalar }> = {
  bool: { type: () => new Bool(), blank: false },
  float64: { type: () => new Float64(), blank: 0 },
  int64: { type: () => new Int64(), blank: 0n },
  utf8: { type: () => new Utf8(), blank: '' },
  timestamp: { type: () => new TimestampMillisecond(), blank: 0n },
  null: { type: () => new Null(), blank: null },
};

/** A literal as a column of as many rows as asked for; kept from batch to batch. */
function bindLiteral(tree: ExprTree & { op: 'literal' }): BoundExpr {
  const { type, value } = tree;
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) return bindUnsigned(tree, value);
  const blank = literalTypes[type].blank;
  const own = literalTypes[type].type();
  const raw = type === 'timestamp' && value !== null ? BigInt(value as number) : value;
  let kept: Column | undefined;
  return {
    type: own,
    evaluate({ length }) {
      if (kept?.length !== length) {
        const column =
          raw === null && blank !== null ? nullColumn(blank, length) : constantColumn(raw, length);
        kept = { ...column, type: own } as Column;
      }
      return kept;
    },
  };
}

/** A literal that only an unsigned integer can hold. */
function bindUnsigned(tree: ExprTree, value: bigint): BoundExpr {
  if (BigInt.asUintN(64, value) !== value) throw wrongType(tree, 'the literal does not fit 64 bits');
  const type = new Uint64();
  return {
    type,
    evaluate({ length }) {
      const values = new BigUint64Array(length).fill(value);
      return { kind: 'int64', type, length, validity: undefined, offset: 0, values };
    },
  };
}

function bindLogic(op: 'and' | 'or' | 'xor', tree: Binary, left: BoundExpr, right: BoundExpr): BoundExpr {
  for (const [i, side] of [left, right].entries()) {
    if (DataType.isBool(side.type)) continue;
    throw wrongType(tree, `${op} needs booleans, got ${operand(tree.args[i]!, side.type)}`);
  }
  return {
    type: new Bool(),
    evaluate: (rows) => logic[op](left.evaluate(rows) as BoolColumn, right.evaluate(rows) as BoolColumn),
  };
}

function bindTest(op: UnaryOp, tree: Unary, arg: BoundExpr): BoundExpr {
  const type = new Bool();
  const name = operand(tree.args[0], arg.type);
  if (op === 'not') {
    if (!DataType.isBool(arg.type)) throw wrongType(tree, `not needs booleans, got ${name}`);
    return { type, evaluate: (rows) => logic.not(arg.evaluate(rows) as BoolColumn) };
  }
  if (op === 'isNaN') {
    if (!isNumber(arg.type)) throw wrongType(tree, `isNaN needs numbers, got ${name}`);
    return {
      type,
      evaluate(rows) {
        const column = arg.evaluate(rows) as NumberColumn;
        return boolColumn(
          compareNumbers('ne', column, column),
          rows.length,
          commonValidity([column], rows.length),
        );
      },
    };
  }
  return { type, evaluate: (rows) => nullTest(arg.evaluate(rows), op === 'isNull') };
}
