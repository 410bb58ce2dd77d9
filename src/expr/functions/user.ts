import { Field, Schema } from 'apache-arrow';
import { BatchBuilder } from '../../columnar/build.ts';
import { valuesOf } from '../../columnar/value.ts';
import { SchemaError, textOfThrown, UserCodeError } from '../../errors.ts';
import type { BoundExpr } from '../bound.ts';
import { type CallTree, describe } from '../tree.ts';
import { typeOption } from './cast.ts';
import type { FunctionDefinition } from './definition.ts';

/** Runs the function of the user's for every row in which nothing is null. */
function bindUser(tree: CallTree, args: readonly BoundExpr[]): BoundExpr {
  const fn = tree.code as ((...values: unknown[]) => unknown) | undefined;
  if (fn === undefined) {
    throw new SchemaError(
      'not-available',
      `${describe(tree)}: the function is not here; it is not part of a plan as data`,
    );
  }
  const type = typeOption(tree);
  const forgiving = tree.options?.onError === 'null';
  const builder = new BatchBuilder(new Schema([new Field('value', type, true)]));
  const call = (values: unknown[], row: number): unknown => {
    let result: unknown;
    try {
      result = fn(...values);
    } catch (cause) {
      if (forgiving) return null;
      throw new UserCodeError('user-code', `${describe(tree)} in row ${row}: ${textOfThrown(cause)}`, {
        cause,
      });
    }
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new UserCodeError(
        'user-code',
        `${describe(tree)}: the function gave a promise; values are computed at once`,
      );
    }
    return result;
  };
  return {
    type,
    evaluate(rows) {
      const columns = args.map((arg) => valuesOf(arg.evaluate(rows)));
      const results = new Array<unknown>(rows.length).fill(null);
      for (let row = 0; row < rows.length; row++) {
        const values = columns.map((column) => column[row]);
        if (!values.includes(null)) results[row] = call(values, row);
      }
      let built = builder.fromColumns({ value: results });
      if (built.rejected.length > 0) {
        const { row, reason } = built.rejected[0]!;
        if (!forgiving) throw new UserCodeError('user-code', `${describe(tree)} in row ${row}: ${reason}`);
        for (const rejected of built.rejected) results[rejected.row] = null;
        built = builder.fromColumns({ value: results });
      }
      return built.batch.column(0);
    },
  };
}

/** The functions that run code of the user's. */
export const userFunctions: readonly FunctionDefinition[] = [
  { name: 'map', bind: bindUser },
  { name: 'mapValues', bind: bindUser },
];
