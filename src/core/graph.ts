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
   * The nodes: each after those above it, as far as loops allow, and otherwise in the order of connection, so that the
   * same program gives the same order; in a graph with one source, whichever node it is asked of. O(nodes + edges).
   */
  get nodes(): Node<never, unknown>[] {
    const tops = connectedWith([this.#start]).filter((node) =>
      node.connections.every(({ from, loop }) => loop || from === node),
    );
    return connectedWith([...tops, this.#start]);
  }

  /**
   * What the nodes remember now. Take it between two elements: what asynchronous sinks still work on is not part of it,
   * elements that wait in a node are. Nodes that are over and have left their streams, as `slice` and `zip` do at
   * their end, are not in it, nor what is below them only: it fits no graph in which they have yet to run.
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

/** Goes up before it goes down, and down in connection order. Without recursion: graphs may be deep. */
function connectedWith(starts: readonly Node<never, unknown>[]): Node<never, unknown>[] {
  const found: Node<never, unknown>[] = [];
  const seen = new Set<unknown>();
  /** What to do next is last. */
  const tasks: { node: Node<never, unknown>; aboveIsDone: boolean }[] = [];
  const plan = (nodes: readonly Node<never, unknown>[]): void => {
    for (let i = nodes.length - 1; i >= 0; i--) tasks.push({ node: nodes[i]!, aboveIsDone: false });
  };
  const above = (node: Node<never, unknown>, byLoop: boolean): Node<never, unknown>[] =>
    node.connections.filter(({ loop }) => loop === byLoop).map(({ from }) => from);
  plan(starts);
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    const { node, aboveIsDone } = task;
    if (aboveIsDone) {
      found.push(node);
      plan([...(node.downstreams as unknown as Node<never, unknown>[]), ...above(node, true)]);
    } else if (!seen.has(node)) {
      seen.add(node);
      tasks.push({ node, aboveIsDone: true });
      plan(above(node, false));
    }
  }
  return found;
}

function ordinal(i: number): string {
  return ['first', 'second', 'third'][i] ?? `${i + 1}th`;
}
