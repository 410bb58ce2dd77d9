import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { typeName } from '../columnar/type-name.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import { describe, type ExprTree } from './tree.ts';

/** The rows an expression is evaluated over. */
export interface Rows {
  readonly length: number;
  /** The column called `name`; the caller has checked that there is one. */
  column(name: string): Column;
}

/** An expression that knows its type. Evaluation changes nothing that it reads. */
export interface BoundExpr {
  readonly type: DataType;
  evaluate(rows: Rows): Column;
}

/** The types of the columns in reach, in order. */
export type TypeOf = ReadonlyMap<string, DataType>;

export type Unary = ExprTree & { readonly args: readonly [ExprTree] };
export type Binary = ExprTree & { readonly args: readonly [ExprTree, ExprTree] };

/** `operation` is what asked for the column, where that is not plain to see. */
export function noSuchColumn(name: string, names: Iterable<string>, operation?: string): SchemaError {
  const all = [...names];
  const asked = operation === undefined ? '' : `${operation}: `;
  const list = all.length === 0 ? 'there are no columns' : `columns: ${all.join(', ')}`;
  return new SchemaError(
    'no-such-column',
    `${asked}no column ${quote(name)}${didYouMean(name, all) || ';'} ${list}`,
  );
}

export function wrongType(tree: ExprTree, problem: string, hint = ''): SchemaError {
  return new SchemaError('type-mismatch', `${describe(tree)}: ${problem}${hint === '' ? '' : `; ${hint}`}`);
}

/** `column "name" of type utf8`, or `a utf8 value`. */
export function operand(tree: ExprTree, type: DataType): string {
  const name = typeName(type);
  if (tree.op === 'column') return `column ${quote(tree.name)} of type ${name}`;
  return tree.op === 'literal' ? `${name} literal ${describe(tree)}` : `${describe(tree)} of type ${name}`;
}
