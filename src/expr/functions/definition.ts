import type { BoundExpr } from '../bound.ts';
import type { CallTree } from '../tree.ts';

/** A function of expressions: how it is bound to the types of its arguments. */
export interface FunctionDefinition {
  /** As it stands in trees; see `CallTree`. */
  readonly name: string;
  /** @throws `type-mismatch`, and `bad-option` for options that it cannot work with. */
  bind(tree: CallTree, args: readonly BoundExpr[]): BoundExpr;
}
