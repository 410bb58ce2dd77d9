import type { Node } from '../core/node.ts';

/** Takes `node` away from all its upstreams, which then work for it no longer. */
export function leave<I>(node: Node<I, unknown>): void {
  for (const upstream of node.upstreams) upstream.disconnect(node);
}
