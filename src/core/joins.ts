import type { Node } from './node.ts';

/** What a node that joins several upstreams knows of the graph above it. */
export interface Ancestry {
  /** All nodes above. */
  readonly above: ReadonlySet<unknown>;
  /** Those from which it can be reached by more than one of its upstreams, the uppermost first. */
  readonly forks: readonly Node<never, unknown>[];
}

/** The ancestry of `node`; of its upstreams, each node that has two ways down to it by different ones is a fork. */
export function ancestryOf(node: Node<never, unknown>): Ancestry {
  const above = new Set<Node<never, unknown>>();
  const ways = new Map<Node<never, unknown>, number>();
  for (const upstream of node.upstreams) {
    for (const ancestor of upwards(upstream, node)) {
      above.add(ancestor);
      ways.set(ancestor, (ways.get(ancestor) ?? 0) + 1);
    }
  }
  const leads = (below: unknown): boolean => below === node || above.has(below as never);
  const forks = [...above].filter(
    (ancestor) => ways.get(ancestor)! > 1 && ancestor.downstreams.filter(leads).length > 1,
  );
  const height = new Map(forks.map((fork) => [fork, upwards(fork, node).size]));
  forks.sort((a, b) => height.get(a)! - height.get(b)!);
  return { above, forks };
}

/** Whether there is a way from `node` down to `below` that does not go round a loop. */
export function isAbove(node: unknown, below: Node<never, unknown>): boolean {
  const seen = new Set<Node<never, unknown>>([below]);
  for (const one of seen) {
    for (const { from, loop } of one.connections) {
      if (loop) continue;
      if (from === node) return true;
      seen.add(from);
    }
  }
  return false;
}

/** `start` and all above it, not going through `stop`. */
function upwards(start: Node<never, unknown>, stop: unknown): Set<Node<never, unknown>> {
  const seen = new Set<Node<never, unknown>>();
  const left: Node<never, unknown>[] = [start];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node === stop || seen.has(node)) continue;
    seen.add(node);
    left.push(...(node.upstreams as Node<never, unknown>[]));
  }
  return seen;
}
