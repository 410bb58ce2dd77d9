import { DataType } from 'apache-arrow';
import { decoded } from '../columnar/decoded.ts';
import type { BoundExpr } from './bound.ts';
import { isText } from './type-kinds.ts';

/** An expression whose values are no codes into a dictionary, strings apart, which are worked on as codes. */
export function plainValues(bound: BoundExpr): BoundExpr {
  const { type } = bound;
  if (!DataType.isDictionary(type) || isText(type)) return bound;
  return {
    type: type.dictionary as DataType,
    evaluate(rows) {
      const column = bound.evaluate(rows);
      return column.kind === 'dictionary' ? decoded(column) : column;
    },
  };
}
