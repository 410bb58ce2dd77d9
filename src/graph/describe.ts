import { Graph } from '../core/graph.ts';
import type { Node } from '../core/node.ts';

/** Something that is a node or has one, such as a stream. */
export interface HasNode {
  readonly node: Node<never, unknown>;
}

/** A node as plain data. */
export interface GraphNode {
  /** Its place in the description, `n0`, `n1` and so on: nodes with equal labels have ids of their own. */
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  /** Whether elements reach it. */
  readonly active: boolean;
  /** Elements it holds back now. */
  readonly waiting: number;
  /** Elements it has let fall so far. */
  readonly dropped: number;
}

/** A connection as plain data. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Its place among the connections of `from`, from 0: the order in which they get an element. */
  readonly order: number;
  /** Whether it leads back up, closing a loop. */
  readonly loop: boolean;
}

/** A graph as plain data, to be drawn, compared or sent elsewhere. */
export interface GraphDescription {
  /** Each after those above it, as far as loops allow. */
  readonly nodes: readonly GraphNode[];
  /** By the node they come from, then in connection order. */
  readonly edges: readonly GraphEdge[];
}

/**
 * The whole graph that `stream` belongs to, above and below: the same graph gives the same description.
 *
 * Branches that begin elsewhere and have no sink are not in it: nothing refers to them. O(nodes and connections).
 */
export function describeGraph({ node }: HasNode): GraphDescription {
  return descriptionOf(new Graph(node).nodes);
}

/** The description of `nodes`; their places become the ids. */
export function descriptionOf(nodes: readonly Node<never, unknown>[]): GraphDescription {
  const ids = new Map(nodes.map((node, i) => [node, `n${i}`]));
  const below = new Map<unknown, { to: string; order: number; loop: boolean }[]>();
  for (const node of nodes) {
    for (const { from, order, loop } of node.connections) {
      const edges = below.get(from) ?? [];
      below.set(from, edges);
      edges.push({ to: ids.get(node)!, order, loop: loop || from === node });
    }
  }
  return {
    nodes: nodes.map((node) => ({
      id: ids.get(node)!,
      kind: node.kind,
      label: node.label,
      active: node.active,
      waiting: node.waiting,
      dropped: node.dropped,
    })),
    edges: nodes.flatMap((node) =>
      (below.get(node) ?? [])
        .sort((a, b) => a.order - b.order)
        .map(({ to, loop }, order) => ({ from: ids.get(node)!, to, order, loop })),
    ),
  };
}
