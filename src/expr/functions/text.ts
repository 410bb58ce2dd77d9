import { type DataType, DataType as Types, Utf8 } from 'apache-arrow';
import type { Column, DictionaryColumn, Utf8Column } from '../../columnar/column.ts';
import { nullColumn } from '../../columnar/constant.ts';
import { gather } from '../../columnar/gather.ts';
import { plainStrings } from '../../columnar/plain-strings.ts';
import { type BoundExpr, operand, wrongType } from '../bound.ts';
import type { CallTree, ExprTree } from '../tree.ts';
import { isText } from '../type-kinds.ts';

/**
 * A function of strings. Those of a dictionary are computed once each, and kept from batch to batch while the dictionary
 * stays the same.
 */
export function overText(
  tree: CallTree,
  arg: BoundExpr,
  type: DataType,
  compute: (column: Utf8Column) => Column,
): BoundExpr {
  checkText(tree, tree.args[0]!, arg.type);
  let seen: Column | undefined;
  let known: Column | undefined;
  const ofDictionary = (column: DictionaryColumn): Column => {
    const { dictionary } = column;
    if (known === undefined || dictionary !== seen) {
      // A large dictionary is worth it when it comes again.
      const again = dictionary === seen;
      seen = dictionary;
      known = undefined;
      if (!again && dictionary.length > 2 * column.length) return compute(plainStrings(column) as Utf8Column);
      try {
        known = compute(dictionary as Utf8Column);
      } catch {
        // One of its values fails: perhaps one that no row has, and if not, the row is to be named.
        return compute(plainStrings(column) as Utf8Column);
      }
    }
    return gather(column, known);
  };
  return {
    type,
    evaluate(rows) {
      const column = arg.evaluate(rows);
      if (column.kind === 'dictionary') return ofDictionary(column);
      return compute(column.kind === 'utf8' ? column : (nullColumn('', rows.length) as Utf8Column));
    },
  };
}

/** @throws `type-mismatch` where the type is not one of strings. */
export function checkText(tree: CallTree, arg: ExprTree, type: DataType): void {
  if (isText(type) || Types.isNull(type)) return;
  throw wrongType(tree, `${tree.fn} needs strings, got ${operand(arg, type)}`);
}

/** The column of an expression of strings as plain utf8. */
export function plainText(arg: BoundExpr): (rows: Parameters<BoundExpr['evaluate']>[0]) => Utf8Column {
  return (rows) => {
    const column = plainStrings(arg.evaluate(rows));
    return column.kind === 'utf8' ? column : (nullColumn('', rows.length) as Utf8Column);
  };
}

export const utf8Type: Utf8 = new Utf8();
