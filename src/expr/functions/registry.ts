import { didYouMean, quote, SchemaError } from '../../errors.ts';
import type { BoundExpr } from '../bound.ts';
import type { CallTree } from '../tree.ts';
import { castFunction } from './cast.ts';
import { conditionalFunctions } from './conditional.ts';
import { dateFunctions } from './dates.ts';
import type { FunctionDefinition } from './definition.ts';
import { isIn } from './membership.ts';
import { patternFunctions } from './patterns.ts';
import { stringFunctions } from './strings.ts';
import { userFunctions } from './user.ts';

/** All functions of expressions by their names in trees. */
export const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  [
    ...conditionalFunctions,
    isIn,
    castFunction,
    ...stringFunctions,
    ...patternFunctions,
    ...dateFunctions,
    ...userFunctions,
  ].map((definition) => [definition.name, definition]),
);

/** @throws `bad-expression` for a function that there is not, and what the function itself throws. */
export function bindCall(tree: CallTree, args: readonly BoundExpr[]): BoundExpr {
  const definition = functions.get(tree.fn);
  if (definition !== undefined) return definition.bind(tree, args);
  throw new SchemaError(
    'bad-expression',
    `there is no function ${quote(tree.fn)}${didYouMean(tree.fn, functions.keys())}`,
  );
}
