import { type DataType, type Field, Float64 } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { doublesOf, float64Column } from '../columnar/numbers.ts';
import { isPlainNumber } from '../columnar/rows.ts';
import { bind } from '../expr/bind.ts';
import type { BoundExpr, Rows } from '../expr/bound.ts';
import { columnsOf, type ExprTree } from '../expr/tree.ts';

/**
 * Binds an expression to the fields it is over. What is written as int64 but is a plain number to the
 * user, as counts are, is one to expressions too: float64.
 *
 * @throws `no-such-column` and `type-mismatch`.
 */
export function bindFields(expr: ExprTree, fields: readonly Field[]): BoundExpr {
  const bound = bind(expr, typesOf(fields));
  const plain = new Set(fields.filter(isPlainNumber).map(({ name }) => name));
  if (![...columnsOf(expr)].some((name) => plain.has(name))) return bound;
  return { type: bound.type, evaluate: (rows) => bound.evaluate(new PlainRows(rows, plain)) };
}

/** The types that expressions over the fields see. */
export function typesOf(fields: readonly Field[]): ReadonlyMap<string, DataType> {
  return new Map(fields.map((field) => [field.name, isPlainNumber(field) ? new Float64() : field.type]));
}

/** Rows whose columns of plain numbers are float64. */
class PlainRows implements Rows {
  readonly length: number;
  readonly #from: Rows;
  readonly #plain: ReadonlySet<string>;

  constructor(from: Rows, plain: ReadonlySet<string>) {
    this.length = from.length;
    this.#from = from;
    this.#plain = plain;
  }

  column(name: string): Column {
    const column = this.#from.column(name);
    if (column.kind !== 'int64' || !this.#plain.has(name)) return column;
    return float64Column(doublesOf(column), [column]);
  }
}
