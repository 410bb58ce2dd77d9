import { Bool, DataType } from 'apache-arrow';
import { getBit, newBitmap, setBit } from '../../columnar/bitmap.ts';
import type { BoolColumn, Column } from '../../columnar/column.ts';
import { boolColumn } from '../../columnar/compare.ts';
import { nullColumn } from '../../columnar/constant.ts';
import { numbersIn, textsIn, wideIn } from '../../columnar/membership.ts';
import { isTemporal, isUnsigned, isWide } from '../../columnar/types.ts';
import { commonValidity } from '../../columnar/validity.ts';
import { checkLiteralBeside } from '../bind-arithmetic.ts';
import { rawTime } from '../bind-comparison.ts';
import { type BoundExpr, operand, wrongType } from '../bound.ts';
import type { ExprTree } from '../tree.ts';
import { isNumber, isText } from '../type-kinds.ts';
import type { FunctionDefinition } from './definition.ts';
import { overText } from './text.ts';

type Literal = ExprTree & { readonly op: 'literal' };

/** Whether a value is one of the literals that stand after it. */
export const isIn: FunctionDefinition = {
  name: 'isIn',
  bind(tree, [arg, ...given]) {
    const { type } = arg!;
    const [first, ...rest] = tree.args;
    const literals = rest as readonly Literal[];
    const result = new Bool();
    if (DataType.isNull(type)) return { type: result, evaluate: ({ length }) => nullColumn(false, length) };
    const refuse = (literal: Literal, i: number): never => {
      throw wrongType(
        tree,
        `cannot look for ${operand(literal, given[i]!.type)} in ${operand(first!, type)}`,
      );
    };
    for (const [i, literal] of literals.entries()) {
      if (literal.type === 'null') throw wrongType(tree, 'null is in no list', 'write .isNull().or(…)');
      const { type: own } = given[i]!;
      if (isNumber(type) && isNumber(own)) checkLiteralBeside(tree, literal, first!, type);
      else if (!(isText(type) && isText(own)) && !(DataType.isBool(type) && DataType.isBool(own))) {
        if (!isTemporal(type) || rawTime(literal.value, literal.type === 'timestamp', type) === undefined)
          refuse(literal, i);
      }
    }
    const values = literals.map(({ value }) => value);
    if (isText(type)) return overText(tree, arg!, result, textsIn(values as string[]));
    const over = (compute: (column: never) => Column): BoundExpr => ({
      type: result,
      evaluate: (rows) => compute(arg!.evaluate(rows) as never),
    });
    if (DataType.isBool(type)) return over(boolsIn(values as boolean[]));
    const raw = literals.map((literal) =>
      isTemporal(type) ? rawTime(literal.value, literal.type === 'timestamp', type)! : literal.value!,
    );
    if (!isWide(type)) return over(numbersIn(raw.map(Number)));
    const whole = raw.filter((value) => typeof value === 'bigint' || Number.isInteger(value)) as (
      | bigint
      | number
    )[];
    const wide = wideIn(whole.map(BigInt), isUnsigned(type));
    return over(wide);
  },
};

function boolsIn(wanted: readonly boolean[]): (column: BoolColumn) => Column {
  return (column) => {
    const { length, values, offset } = column;
    const bits = newBitmap(length);
    for (let i = 0; i < length; i++) if (wanted.includes(getBit(values, offset + i))) setBit(bits, i);
    return boolColumn(bits, length, commonValidity([column], length));
  };
}
