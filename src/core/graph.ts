import { GraphError, MillraceError, quote, textOfThrown } from '../errors.ts';
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
   * Ends when no end of the graph is in the middle of asynchronous work. Take a snapshot then and there, in the same
   * turn; stop the sources first where elements come without a pause.
   */
  async settled(): Promise<void> {
    for (let work = this.#unfinished; work.length > 0; work = this.#unfinished)
      await Promise.allSettled(work);
  }

  get #unfinished(): Promise<void>[] {
    return this.nodes.flatMap((node) => node.unfinished);
  }

  /**
   * What the nodes remember now, elements that wait in them and calls of `mapAsync` that are under way included: those are
   * made again. For `structuredClone`, IndexedDB and `node:v8`'s `serialize`; JSON would lose maps, sets and dates.
   *
   * @throws `not-available` while an element is given out or an asynchronous sink still works on one, as it would be lost
   * (`await graph.settled()` first), and where a node cannot save what it remembers.
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
      const open = node.unfinished.length;
      if (open > 0) {
        throw new GraphError(
          'not-available',
          `${node.label} still works on ${open} element(s), which a snapshot would lose; await graph.settled() first`,
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
   * @throws `bad-option` where the snapshot is none, or is of another graph (nothing is changed then), where a source has begun, or where a state is not what a node saved.
   */
  restore(snapshot: GraphSnapshot): void {
    if (snapshot?.version !== 1 || !Array.isArray(snapshot.nodes)) {
      throw new GraphError('bad-option', 'this is not a snapshot of a graph, or one of a later version');
    }
    const running = this.nodes.find((node) => node.hasBegun);
    if (running !== undefined) {
      throw new GraphError(
        'bad-option',
        `${running.label} has begun already; restore in the turn in which the graph is built, or make the source with { start: false } and call start() then`,
      );
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
    for (const [i, node] of here.entries()) {
      try {
        node.restoreState!(wanted[i]!.state);
      } catch (cause) {
        const hint = cause instanceof MillraceError ? '' : '; was the snapshot kept as JSON?';
        throw new GraphError(
          'bad-option',
          `${node.label} cannot take back its state: ${textOfThrown(cause)}${hint}`,
          { cause },
        );
      }
    }
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
      plan([...(node.followers as unknown as Node<never, unknown>[]), ...above(node, true)]);
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
