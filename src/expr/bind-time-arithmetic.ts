import { DataType, Duration, TimeUnit } from 'apache-arrow';
import type { Column, Int64Column } from '../columnar/column.ts';
import { addWide, inUnit, unitsPerSecond } from '../columnar/instants.ts';
import { typeName } from '../columnar/type-name.ts';
import { commonValidity } from '../columnar/validity.ts';
import { isNull } from '../columnar/value.ts';
import { parseDuration } from '../core/duration.ts';
import { quote, SchemaError } from '../errors.ts';
import { type Binary, type BoundExpr, operand, wrongType } from './bound.ts';
import { describe, type ExprTree } from './tree.ts';

/**
 * Sums and differences of times, exact in their unit: two timestamps give a duration in the finer unit of the two, a
 * timestamp and a duration, as a column or a text such as `'2h'`, a timestamp in its own unit. `undefined` where it is no
 * arithmetic of times.
 */
export function bindTimeArithmetic(
  op: 'add' | 'sub',
  tree: Binary,
  left: BoundExpr,
  right: BoundExpr,
): BoundExpr | undefined {
  const [first, second] = tree.args;
  const [a, b] = [left.type, right.type];
  if (isTimes(a) && isTextLiteral(second))
    return moved(op, tree, left, durationLiteral(tree, second.value, a), a);
  if (isTimes(b) && isTextLiteral(first) && op === 'add')
    return moved(op, tree, durationLiteral(tree, first.value, b), right, b);
  if (!isTimes(a) || !isTimes(b)) return undefined;
  if (DataType.isTimestamp(a) && DataType.isTimestamp(b)) {
    if (op === 'add') throw wrongType(tree, `cannot add ${operand(first, a)} and ${operand(second, b)}`);
    const isLiteral = first.op === 'literal' || second.op === 'literal';
    if (!a.timezone !== !b.timezone && !isLiteral) {
      throw wrongType(tree, `${operand(first, a)} and ${operand(second, b)} differ: one has a zone`);
    }
    return moved(op, tree, left, right, new Duration(Math.max(a.unit, b.unit)));
  }
  if (DataType.isDuration(a) && DataType.isDuration(b)) {
    return moved(op, tree, left, right, new Duration(Math.max(a.unit, b.unit)));
  }
  const [time, length] = DataType.isTimestamp(a) ? [a, b as Duration] : [b as typeof a, a as Duration];
  if (op === 'sub' && !DataType.isTimestamp(a)) {
    throw wrongType(tree, `cannot take ${operand(second, b)} from ${operand(first, a)}`);
  }
  if (length.unit > time.unit) {
    throw wrongType(
      tree,
      `${typeName(length)} is finer than ${typeName(time)}`,
      `write .cast(timestamp('${unitNames[length.unit]}'))`,
    );
  }
  return moved(op, tree, left, right, time);
}

const unitNames = {
  [TimeUnit.SECOND]: 's',
  [TimeUnit.MILLISECOND]: 'ms',
  [TimeUnit.MICROSECOND]: 'us',
  [TimeUnit.NANOSECOND]: 'ns',
};

function isTimes(type: DataType): type is DataType & { readonly unit: TimeUnit; readonly timezone?: string } {
  return DataType.isTimestamp(type) || DataType.isDuration(type);
}

function isTextLiteral(
  tree: ExprTree,
): tree is ExprTree & { readonly op: 'literal'; readonly value: string } {
  return tree.op === 'literal' && typeof tree.value === 'string';
}

/** The sum or difference in the unit of `type`. */
function moved(
  op: 'add' | 'sub',
  tree: Binary,
  left: BoundExpr,
  right: BoundExpr,
  type: DataType,
): BoundExpr {
  const perSecond = unitsPerSecond(type);
  return {
    type,
    evaluate(rows): Int64Column {
      const { length } = rows;
      const [x, y] = [left.evaluate(rows), right.evaluate(rows)];
      const isMissing = (row: number): boolean => isNull(x, row) || isNull(y, row);
      const overflow = (row: number): void => {
        if (isMissing(row)) return;
        throw new SchemaError(
          'overflow',
          `${describe(tree)}: the result in row ${row} does not fit ${typeName(type)}`,
        );
      };
      const inSame = (column: Column): BigInt64Array => inUnit(column, perSecond, overflow);
      const values = addWide(inSame(x), inSame(y), op, length, overflow);
      return { kind: 'int64', type, length, validity: commonValidity([x, y], length), offset: 0, values };
    },
  };
}

/** A text such as `'2h'` as a duration in the unit of `type`. */
function durationLiteral(tree: ExprTree, text: string, type: DataType): BoundExpr {
  const perSecond = BigInt(unitsPerSecond(type));
  const nanoseconds = parseDuration(text, describe(tree));
  const raw = (nanoseconds * perSecond) / 1_000_000_000n;
  if (raw * 1_000_000_000n !== nanoseconds * perSecond || BigInt.asIntN(64, raw) !== raw) {
    throw new SchemaError(
      'bad-option',
      `${describe(tree)}: ${quote(text)} is no whole number of the unit of ${typeName(type)}`,
    );
  }
  const own = new Duration((type as DataType & { readonly unit: TimeUnit }).unit);
  return {
    type: own,
    evaluate: ({ length }) => ({
      kind: 'int64',
      type: own,
      length,
      validity: undefined,
      offset: 0,
      values: new BigInt64Array(length).fill(raw),
    }),
  };
}
