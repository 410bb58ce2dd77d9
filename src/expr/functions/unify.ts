import { DataType, Float64, Int64, Utf8 } from 'apache-arrow';
import type { Column } from '../../columnar/column.ts';
import { isTemporal, isWide, isWideInt } from '../../columnar/types.ts';
import { checkLiteralBeside } from '../bind-arithmetic.ts';
import { rawTime } from '../bind-comparison.ts';
import { type BoundExpr, operand, wrongType } from '../bound.ts';
import type { CallTree, ExprTree } from '../tree.ts';
import { isNumber, isText } from '../type-kinds.ts';

/** Arguments of one type. */
export interface Unified {
  readonly type: DataType;
  readonly args: readonly BoundExpr[];
}

/**
 * The arguments brought to the type that all of them have: strings are utf8, numbers of different types as arithmetic
 * has it, and a literal beside times is one. Nulls are of any type.
 *
 * @throws `type-mismatch` where there is no such type.
 */
export function unify(tree: CallTree, trees: readonly ExprTree[], given: readonly BoundExpr[]): Unified {
  const lead = leadOf(trees, given);
  if (lead < 0) return { type: given[0]!.type, args: given };
  const { type: first } = given[lead]!;
  const mismatch = (i: number): never => {
    throw wrongType(
      tree,
      `${operand(trees[i]!, given[i]!.type)} is of another type than ${operand(trees[lead]!, first)}`,
    );
  };
  const args = [...given];
  const types: DataType[] = [];
  for (const [i, { type }] of given.entries()) {
    const literal = trees[i]!;
    if (DataType.isNull(type)) continue;
    if (isTemporal(first) && literal.op === 'literal' && trees[lead]!.op !== 'literal') {
      args[i] = timeLiteral(tree, literal, type, trees[lead]!, first);
    } else if (
      isUint64(first) &&
      literal.op === 'literal' &&
      typeof literal.value === 'bigint' &&
      literal.value >= 0n
    ) {
      args[i] = constant(first, BigUint64Array.of(literal.value));
    } else if (isNumber(first) && isNumber(type)) {
      checkLiteralBeside(tree, literal, trees[lead]!, first);
    } else if (!(isText(first) && isText(type)) && String(first) !== String(type)) mismatch(i);
    types.push(args[i]!.type);
  }
  if (isText(first)) return { type: new Utf8(), args };
  if (!isKnown(first)) {
    throw wrongType(tree, `cannot choose among values of ${operand(trees[lead]!, first)}`);
  }
  if (!isNumber(first) || types.every((type) => String(type) === String(first))) return { type: first, args };
  if (types.some(isWideInt) && !types.some((type) => DataType.isFloat(type))) {
    for (const [i, { type }] of given.entries()) {
      if (isUint64(type)) mismatch(i === lead ? types.length - 1 : i);
    }
    return { type: new Int64(), args };
  }
  return { type: new Float64(), args };
}

function isUint64(type: DataType): boolean {
  return DataType.isInt(type) && type.bitWidth === 64 && !type.isSigned;
}

/** A literal beside times, as one of them. */
function timeLiteral(
  tree: CallTree,
  literal: ExprTree & { readonly op: 'literal' },
  own: DataType,
  partner: ExprTree,
  type: DataType,
): BoundExpr {
  const value = rawTime(literal.value, literal.type === 'timestamp', type);
  if (value === undefined || (typeof value === 'number' && !Number.isInteger(value))) {
    const problem = value === undefined ? 'is of another type than' : 'is finer than the unit of';
    throw wrongType(
      tree,
      `${operand(literal, own)} ${problem} ${operand(partner, type)}`,
      value === undefined ? 'give a Date, or milliseconds since 1970' : '',
    );
  }
  return constant(type, isWide(type) ? BigInt64Array.of(BigInt(value)) : Int32Array.of(Number(value)));
}

function constant(type: DataType, value: BigInt64Array | BigUint64Array | Int32Array): BoundExpr {
  const kind = value instanceof Int32Array ? 'number' : 'int64';
  const { constructor: TypedArray } = value as unknown as {
    constructor: new (length: number) => { fill(value: unknown): never };
  };
  return {
    type,
    evaluate: ({ length }) =>
      ({
        kind,
        type,
        length,
        validity: undefined,
        offset: 0,
        values: new TypedArray(length).fill(value[0]),
      }) as Column,
  };
}

/** The argument that says what the others are: the first that is neither null nor a literal, else the first that is not null. */
function leadOf(trees: readonly ExprTree[], given: readonly BoundExpr[]): number {
  const isValue = (i: number): boolean => !DataType.isNull(given[i]!.type);
  const column = trees.findIndex((tree, i) => isValue(i) && tree.op !== 'literal');
  return column >= 0 ? column : given.findIndex((_, i) => isValue(i));
}

function isKnown(type: DataType): boolean {
  return isNumber(type) || DataType.isBool(type) || isTemporal(type);
}
