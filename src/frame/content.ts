import type { Table } from 'apache-arrow';
import type { Scope } from './aggregate-request.ts';
import { Scalar } from './scalar.ts';
import { tableOf, WindowContentNode } from './window-content.ts';

/** What `fn` makes of the rows in view, after each batch. */
export function content<R>(scope: Scope, label: string, fn: (table: Table) => R): Scalar<R> {
  const node = new WindowContentNode(scope, label);
  scope.frame.base.node.connect(node);
  return Scalar.of(node, (pieces) => fn(tableOf(node.output!, pieces)));
}
