import type { ExprTree } from '../expr/tree.ts';
import type { AggregateRequest, Asked, GroupKeys, Scope } from './aggregate-request.ts';
import type { FrameState } from './state.ts';
import type { NamedExpr } from './steps.ts';
import type { UserRequest } from './user-node.ts';

/** The same request over a frame that has computed its running expressions. */
export function settledRequest(request: AggregateRequest): AggregateRequest {
  const { items } = request;
  const inputs = ('definition' in items ? [items] : items).flatMap(exprsOf);
  const { frame, groups, next } = settledScope(request, inputs);
  const settled = <I extends Asked & { readonly exprs?: readonly ExprTree[] }>(item: I): I => ({
    ...item,
    ...(item.exprs === undefined ? {} : { exprs: item.exprs.map(next) }),
    ...(item.where === undefined ? {} : { where: next() }),
  });
  return { ...request, frame, groups, items: 'definition' in items ? settled(items) : items.map(settled) };
}

function exprsOf({ exprs = [], where }: Asked & { readonly exprs?: readonly ExprTree[] }): ExprTree[] {
  return where === undefined ? [...exprs] : [...exprs, where];
}

/** The same request over a frame that has computed its running expressions. */
export function settledUser(request: UserRequest): UserRequest {
  const { input } = request;
  const { frame, groups, next } = settledScope(request, input === undefined ? [] : [input.expr]);
  return { ...request, frame, groups, input: input && { ...input, expr: next() } };
}

interface Settled {
  readonly frame: FrameState;
  readonly groups: GroupKeys | undefined;
  /** The other expressions, one after the other. */
  readonly next: () => ExprTree;
}

/** A scope over a frame that has computed its running expressions, and those of `others`. */
export function settledScope({ frame, groups }: Scope, others: readonly ExprTree[]): Settled {
  const keys: readonly NamedExpr[] = groups?.keys ?? [];
  const settled = frame.settled([...keys.map(({ expr }) => expr), ...others]);
  const rest = settled.exprs.values();
  const next = (): ExprTree => rest.next().value!;
  const named = keys.map((key) => ({ ...key, expr: next() }));
  return { frame: settled.frame, groups: groups && { ...groups, keys: named }, next };
}
