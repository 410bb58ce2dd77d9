import type { Clock } from '../core/clock.ts';
import { Graph } from '../core/graph.ts';
import type { Meter } from '../core/meter.ts';
import type { Node } from '../core/node.ts';

/** What one node has done since somebody began to look. A row of a frame, too. */
export interface NodeMetrics {
  /** When the figures were read, in milliseconds since 1970. */
  readonly time: number;
  /** Tells nodes with equal labels apart; stays the same as long as somebody looks. */
  readonly node: string;
  readonly label: string;
  readonly kind: string;
  /** Elements it took; of a stream to emit into and of a source, those it gave out. */
  readonly elements: number;
  /** Rows in the elements it took, where these are batches of rows. */
  readonly rows: number;
  /** Elements it failed on. */
  readonly errors: number;
  /** Elements it let fall, by an overflow policy or since it failed on them. */
  readonly dropped: number;
  /** Elements it holds back now. */
  readonly waiting: number;
  /** Milliseconds it worked, without the work below it and without waiting for promises. */
  readonly busyMs: number;
  /** Of the time since the figures before, as are the next two. */
  readonly elementsPerSecond: number;
  readonly rowsPerSecond: number;
  /** Milliseconds of work per element; null where there was none. */
  readonly msPerElement: number | null;
}

/** The counts of a node at some time. */
interface Counts {
  readonly elements: number;
  readonly rows: number;
  readonly errors: number;
  readonly dropped: number;
  readonly busyMs: number;
}

/** A node that is looked at. */
interface Observed {
  readonly id: string;
  readonly meter: Meter;
  readonly first: Counts;
  last: Counts;
}

/** Meters all nodes of a graph, those that come later from the next look on, until `stop`. Others may do so at the same time. */
export class GraphObserver {
  readonly #graph: Graph;
  readonly #clock: Clock;
  readonly #observed = new Map<Node<never, unknown>, Observed>();
  #ids = 0;
  #lastMs: number;

  constructor(start: Node<never, unknown>, clock: Clock) {
    this.#graph = new Graph(start);
    this.#clock = clock;
    this.#lastMs = clock.monotonic();
    this.#gather();
  }

  /** Figures of each node of the graph, in the order of its description. */
  look(): Map<Node<never, unknown>, NodeMetrics> {
    const nodes = this.#gather();
    const time = this.#clock.now();
    const nowMs = this.#clock.monotonic();
    const seconds = (nowMs - this.#lastMs) / 1000;
    this.#lastMs = nowMs;
    return new Map(nodes.map((node) => [node, this.#figures(node, time, seconds)]));
  }

  stop(): void {
    for (const node of this.#observed.keys()) node.unmeter();
    this.#observed.clear();
  }

  /** The nodes that are there now; those that are new become metered, those that are gone are let go of. */
  #gather(): Node<never, unknown>[] {
    const nodes = this.#graph.nodes;
    for (const node of nodes) {
      if (this.#observed.has(node)) continue;
      const meter = node.meter();
      const first = countsOf(node, meter);
      this.#observed.set(node, { id: `n${this.#ids++}`, meter, first, last: first });
    }
    if (this.#observed.size > nodes.length) {
      const there = new Set(nodes);
      for (const node of this.#observed.keys()) {
        if (there.has(node)) continue;
        node.unmeter();
        this.#observed.delete(node);
      }
    }
    return nodes;
  }

  #figures(node: Node<never, unknown>, time: number, seconds: number): NodeMetrics {
    const observed = this.#observed.get(node)!;
    const { id, meter, first, last } = observed;
    const now = countsOf(node, meter);
    observed.last = now;
    const elements = now.elements - last.elements;
    const perSecond = (n: number): number => (seconds > 0 ? n / seconds : 0);
    return {
      time,
      node: id,
      label: node.label,
      kind: node.kind,
      elements: now.elements - first.elements,
      rows: now.rows - first.rows,
      errors: now.errors - first.errors,
      dropped: now.dropped - first.dropped,
      waiting: node.waiting,
      busyMs: now.busyMs - first.busyMs,
      elementsPerSecond: perSecond(elements),
      rowsPerSecond: perSecond(now.rows - last.rows),
      msPerElement: elements === 0 ? null : (now.busyMs - last.busyMs) / elements,
    };
  }
}

function countsOf(node: Node<never, unknown>, { elements, emitted, rows, errors, busyMs }: Meter): Counts {
  const isFed = node.connections.length > 0 && !node.isInlet;
  return {
    elements: isFed ? elements : Math.max(elements, emitted),
    rows,
    errors,
    dropped: node.dropped,
    busyMs,
  };
}
