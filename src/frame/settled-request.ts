import type { ExprTree } from '../expr/tree.ts';
import type { AggregateRequest, GroupKeys, Scope } from './aggregate-request.ts';
import type { FrameState } from './state.ts';
import type { NamedExpr } from './steps.ts';
import type { UserRequest } from './user-node.ts';

/** The same request over a frame that has computed its running expressions. */
export function settledRequest(request: AggregateRequest): AggregateRequest {
  const { items } = request;
  const inputs = 'definition' in items ? [] : items.flatMap(({ expr }) => expr ?? []);
  const { frame, groups, next } = settledScope(request, inputs);
  if ('definition' in items) return { ...request, frame, groups };
  return {
    ...request,
    frame,
    groups,
    items: items.map((item) => (item.expr === undefined ? item : { ...item, expr: next() })),
  };
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
