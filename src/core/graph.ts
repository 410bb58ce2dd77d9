import { GraphError, quote } from '../errors.ts';
import type { Node } from './node.ts';

/** What one node remembers. */
export interface NodeSnapshot {
  readonly kind: string;
  readonly label: string;
  readonly state: unknown;
}

/** What the nodes of a graph remember between two elements: plain data, fit for `structuredClone` and IndexedDB. */
export interface GraphSnapshot {
  readonly version: 1;
  /** Of the nodes that remember something, in the order of `Graph.nodes`. */
  readonly nodes: readonly NodeSnapshot[];
}

/**
 * All nodes that are connected with one another, by live connections upwards and downwards.
 *
 * Branches without a sink are not part of it: they do nothing and remember nothing.
 */
export class Graph {
  readonly #start: Node<never, unknown>;

  /** The graph that `start` belongs to. */
  constructor(start: Node<never, unknown>) {
    this.#start = start;
  }

  /**
   * The nodes: each after those above it and otherwise in the order of connection, so that the same program gives
   * the same order. O(nodes + edges).
   */
  get nodes(): Node<never, unknown>[] {
    const found = new Set<Node<never, unknown>>([this.#start]);
    // A set that grows while it is read: each node brings its neighbours.
    for (const node of found) {
      for (const above of node.upstreams) found.add(above);
      for (const below of node.downstreams) found.add(below as Node<never, unknown>);
    }
    const listed = new Set<Node<never, unknown>>();
    const entered = new Set<Node<never, unknown>>();
    for (const start of found) {
      const left = [start];
      for (let node = left.at(-1); node !== undefined; node = left.at(-1)) {
        const above = entered.has(node) ? undefined : node.upstreams.toReversed();
        entered.add(node);
        const missing = above?.filter((upstream) => !entered.has(upstream)) ?? [];
        if (missing.length > 0) left.push(...missing);
        else listed.add(left.pop()!);
      }
    }
    return [...listed];
  }

  /**
   * What the nodes remember now. Take it between two elements: what asynchronous sinks still work on is not part of it,
   * elements that wait in a node are.
   *
   * @throws `not-available` while an element is given out, or where a node cannot save what it remembers.
   */
  snapshot(): GraphSnapshot {
    const nodes: NodeSnapshot[] = [];
    for (const node of this.nodes) {
      if (node.busy) {
        throw new GraphError(
          'not-available',
          `cannot take a snapshot while ${node.label} gives out an element`,
        );
      }
      const state = node.saveState?.();
      if (state !== undefined) nodes.push({ kind: node.kind, label: node.label, state });
    }
    return { version: 1, nodes };
  }

  /**
   * Makes the nodes of this graph remember what those of another did, which was built by the same program. To be called
   * before the first element; what comes out then is what would have come out of the other.
   *
   * @throws `bad-option` where the snapshot is none, or is of another graph; nothing is changed then.
   */
  restore(snapshot: GraphSnapshot): void {
    if (snapshot?.version !== 1 || !Array.isArray(snapshot.nodes)) {
      throw new GraphError('bad-option', 'this is not a snapshot of a graph, or one of a later version');
    }
    const nodes = this.nodes.filter((node) => node.restoreState !== undefined);
    const wanted = snapshot.nodes;
    const here = nodes.filter((node) => node.saveState?.() !== undefined);
    for (let i = 0; i < Math.max(here.length, wanted.length); i++) {
      const [node, saved] = [here[i], wanted[i]];
      if (node?.kind === saved?.kind && node?.label === saved?.label) continue;
      throw new GraphError(
        'bad-option',
        `the snapshot is of another graph: its ${ordinal(i)} node with a memory is ${
          saved === undefined ? 'missing' : quote(saved.label)
        }, here it is ${node === undefined ? 'missing' : quote(node.label)}`,
      );
    }
    for (const [i, node] of here.entries()) node.restoreState!(wanted[i]!.state);
  }
}

function ordinal(i: number): string {
  return ['first', 'second', 'third'][i] ?? `${i + 1}th`;
}
