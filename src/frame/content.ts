import type { Table } from 'apache-arrow';
import type { Scope } from './aggregate-request.ts';
import { type Made, madeOf } from './made.ts';
import { Scalar } from './scalar.ts';
import { tableOf, WindowContentNode } from './window-content.ts';

/** What `fn` makes of the rows in view, after each batch. */
export function content<R>(
  scope: Scope,
  label: string,
  fn: (table: Table) => R,
  made: Made = (writer) => ({ op: 'content', ...madeOf(writer, scope), label, fn }),
): Scalar<R> {
  const node = new WindowContentNode(scope, label);
  scope.frame.base.node.connect(node);
  return Scalar.of(node, (pieces) => fn(tableOf(node.output!, pieces)), made);
}
