import { asMillraceError, GraphError, type MillraceError } from '../errors.ts';
import { type Clock, systemClock } from './clock.ts';
import { addDisposeSymbol, type Disposes } from './dispose.ts';
import { failAll, type Metadata, noMetadata, releaseAll, retainAll } from './metadata.ts';

/**
 * What `emit` and `update` return: nothing when all work below is done, else a promise that ends when it
 * is. Awaiting it is the backpressure.
 */
export type Flow = void | Promise<void>;

/** A connection. Its order is fixed when it is made, so children run in connection order however often they come and go. */
interface Edge {
  readonly from: Node<never, unknown>;
  readonly to: Node<never, unknown>;
  readonly order: number;
  live: boolean;
}

/** What every node can be told. */
export interface NodeOptions {
  /** Shown in error paths and pictures. Default: the kind of the node and its function's name. */
  name?: string | undefined;
  /** Where this node takes time from. Default: the clock of its first upstream, else the platform's. */
  clock?: Clock | undefined;
}

/**
 * A step of the graph: takes elements of `I` in `update`, gives elements of `O` by `emit`.
 *
 * Elements go depth first, in connection order, synchronously until a node is asynchronous. A node is
 * *active* while something needs it: it is a sink, somebody holds it, or an active node is below it. Only
 * active nodes receive elements, so a branch with nothing at its end costs nothing and keeps nothing alive.
 */
export abstract class Node<I, O> implements Disposes {
  /** What sort of node this is, for pictures and error paths. */
  readonly kind: string = 'node';
  declare [Symbol.dispose]: () => void;
  readonly #name: string | undefined;
  readonly #clock: Clock | undefined;
  #upstreams: Edge[] = [];
  /** The live edges in order. Replaced, never changed in place: a running emission keeps its own list. */
  #live: readonly Edge[] = [];
  #orders = 0;
  #holds = 0;
  #active = false;
  #ended = false;
  #disposed = false;

  static {
    addDisposeSymbol(Node.prototype);
  }

  constructor({ name, clock }: NodeOptions = {}) {
    this.#name = name;
    this.#clock = clock;
  }

  /** Takes one element. `from` is the upstream node it came from. */
  abstract update(value: I, metadata: Metadata, from: Node<never, I>): Flow;

  /** The node's name, or its kind. */
  get label(): string {
    return this.#name ?? this.kind;
  }

  get clock(): Clock {
    for (const node of this.#lineage()) if (node.#clock !== undefined) return node.#clock;
    return systemClock;
  }

  /** The labels of this node and of those above it, following the first upstream of each; this node's first. */
  get labels(): string[] {
    return Array.from(this.#lineage(), (node) => node.label);
  }

  /** Whether elements reach this node. */
  get active(): boolean {
    return this.#active;
  }

  /** Whether nothing more can come from above: the node is disposed of, or all its upstreams have ended. */
  get ended(): boolean {
    return this.#ended;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  get upstreams(): Node<never, I>[] {
    return this.#upstreams.filter(({ from }) => !from.#disposed).map(({ from }) => from as Node<never, I>);
  }

  /** The active nodes below, in the order in which they get an element. */
  get downstreams(): Node<O, unknown>[] {
    return this.#live.map((edge) => edge.to as unknown as Node<O, unknown>);
  }

  /** Whether an active node is below, so that what is emitted gets anywhere. */
  protected get isFollowed(): boolean {
    return this.#live.length > 0;
  }

  /** Connects `downstream` below this node. The same connection twice counts once. */
  connect(downstream: Node<O, unknown>): void {
    if (this.#disposed || downstream.#disposed) {
      const gone = this.#disposed ? this.label : downstream.label;
      throw new GraphError('disposed', `cannot connect ${gone}: it has been disposed of`);
    }
    const to = downstream as unknown as Node<never, unknown>;
    if (to.#upstreams.some((edge) => edge.from === (this as unknown))) return;
    const edge: Edge = {
      from: this as unknown as Node<never, unknown>,
      to,
      order: this.#orders++,
      live: false,
    };
    to.#upstreams.push(edge);
    if (!this.#ended) to.#revive();
    if (to.#active) this.#attach(edge);
    this.onConnect?.(downstream);
  }

  /** Removes the connection; when this returns no further element reaches `downstream` by it. */
  disconnect(downstream: Node<O, unknown>): void {
    const to = downstream as unknown as Node<never, unknown>;
    const edge = to.#upstreams.find((candidate) => candidate.from === (this as unknown));
    if (edge === undefined) {
      throw new GraphError('bad-option', `${downstream.label} is not connected below ${this.label}`);
    }
    to.#upstreams = to.#upstreams.filter((other) => other !== edge);
    this.#detach(edge);
  }

  /** Keeps the node active until `release` is called as often. */
  hold(): void {
    this.#holds++;
    this.#renew();
  }

  /** Takes one `hold` back; harmless once the node is disposed of. */
  release(): void {
    if (this.#holds === 0) return;
    this.#holds--;
    this.#renew();
  }

  /** Takes the node out of the graph, above and below, for good. Harmless when repeated. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.end();
    for (const edge of this.#live) {
      edge.live = false;
      edge.to.#upstreams = edge.to.#upstreams.filter((other) => other !== edge);
    }
    this.#live = [];
    this.#holds = 0;
    this.#renew();
    this.#upstreams = [];
    this.onDispose?.();
  }

  /**
   * Gives `value` to every active node below, each even if another fails, and keeps what it refers to
   * retained until the work below is done.
   *
   * @throws what failed below, naming the path of nodes; as a rejection where some of the work is asynchronous.
   */
  emit(value: O, metadata: Metadata = noMetadata): Flow {
    const edges = this.#live;
    if (edges.length !== 1 || metadata.length !== 0) {
      return edges.length === 0 ? undefined : this.#emitToAll(edges, value, metadata);
    }
    const { to } = edges[0]!;
    let flow: Flow;
    try {
      flow = to.update(value as never, metadata, this as unknown as Node<never, never>);
    } catch (error) {
      throw passedThrough(error, to);
    }
    if (flow !== undefined) return flowThrough(flow, to);
  }

  #emitToAll(edges: readonly Edge[], value: O, metadata: Metadata): Flow {
    const counted = metadata.length > 0;
    if (counted) retainAll(metadata, edges.length);
    let failures: MillraceError[] | undefined;
    let pending: Promise<MillraceError | undefined>[] | undefined;
    for (const edge of edges) {
      if (!edge.live) {
        if (counted) releaseAll(metadata);
        continue;
      }
      const { to } = edge;
      try {
        const flow = to.update(value as never, metadata, this as unknown as Node<never, never>);
        if (flow === undefined) {
          if (counted) releaseAll(metadata);
        } else {
          pending ??= [];
          pending.push(outcome(flow, to, metadata));
        }
      } catch (error) {
        failures ??= [];
        failures.push(failedAt(to, error, metadata));
      }
    }
    if (pending !== undefined) return allDone(pending, failures ?? []);
    if (failures !== undefined) throw oneOf(failures);
  }

  /** Called when the node becomes active, after it has been connected above. */
  protected onActivate?(): void;
  /** Called when nothing needs the node any more. It lets go of elements that it holds back. */
  protected onDeactivate?(): void;
  /** Called once, when the node is disposed of. */
  protected onDispose?(): void;
  /** Called after `downstream` was connected. */
  protected onConnect?(downstream: Node<O, unknown>): void;

  /** Called when all upstreams have ended. The node then ends, too; one that holds elements back does so later. */
  protected onUpstreamEnd(): void {
    this.end();
  }

  /** Says that nothing will be emitted any more, so that iterations below can come to their end. */
  protected end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { to } of this.#live) to.#followUpstreams();
  }

  /** Whether the node is an end of the graph, active by itself. */
  protected get isEnd(): boolean {
    return false;
  }

  /** A subclass that is an end calls this once it is built. */
  protected begin(): void {
    this.#renew();
  }

  #renew(): void {
    const needed = !this.#disposed && this.#leadsToEnd(new Set());
    if (needed && !this.#active) this.#activate();
    else if (!needed && this.#active) this.#deactivate();
  }

  #activate(): void {
    this.#active = true;
    for (const edge of this.#upstreams) edge.from.#attach(edge);
    this.onActivate?.();
    if (this.#upstreams.length > 0) this.#followUpstreams();
  }

  #deactivate(): void {
    this.#active = false;
    for (const edge of this.#upstreams) edge.from.#detach(edge);
    this.onDeactivate?.();
  }

  /** Whether an end or a held node can be reached; asked anew each time, since a loop would keep itself alive. */
  #leadsToEnd(seen: Set<unknown>): boolean {
    if (this.isEnd || this.#holds > 0) return true;
    if (this.#live.length === 0) return false;
    seen.add(this);
    return this.#live.some(({ to }) => !seen.has(to) && to.#leadsToEnd(seen));
  }

  #attach(edge: Edge): void {
    if (edge.live || this.#disposed) return;
    edge.live = true;
    const before = this.#live;
    let at = before.length;
    while (at > 0 && before[at - 1]!.order > edge.order) at--;
    this.#live = [...before.slice(0, at), edge, ...before.slice(at)];
    if (!this.#active) this.#activate();
  }

  #detach(edge: Edge): void {
    if (!edge.live) return;
    edge.live = false;
    this.#live = this.#live.filter((other) => other !== edge);
    this.#renew();
  }

  #followUpstreams(): void {
    if (!this.#ended && this.#upstreams.every(({ from }) => from.#ended)) this.onUpstreamEnd();
  }

  #revive(): void {
    if (!this.#ended || this.#disposed) return;
    this.#ended = false;
    for (const { to } of this.#live) to.#revive();
  }

  *#lineage(): Iterable<Node<never, unknown>> {
    const seen = new Set<unknown>();
    let node: Node<never, unknown> | undefined = this as unknown as Node<never, unknown>;
    for (; node !== undefined && !seen.has(node); node = node.#upstreams[0]?.from) {
      seen.add(node);
      yield node;
    }
  }
}

/** The error as one of ours, its path beginning with `node`. */
export function passedThrough(error: unknown, node: Node<never, unknown>): MillraceError {
  return asMillraceError(error).passedThrough(node.label);
}

/** The flow, what it fails with having passed through `node`. Apart from `emit`, where a closure would cost every element. */
export function flowThrough(flow: Promise<void>, node: Node<never, unknown>): Promise<void> {
  return flow.catch((error) => Promise.reject(passedThrough(error, node)));
}

/** Lets go of an element that `to` failed on. */
function failedAt(to: Node<never, unknown>, error: unknown, metadata: Metadata): MillraceError {
  const failure = passedThrough(error, to);
  failAll(metadata, failure);
  releaseAll(metadata);
  return failure;
}

/** Waits for `to` to be done with an element, lets go of it, and gives the failure, if any. */
function outcome(
  flow: Promise<void>,
  to: Node<never, unknown>,
  metadata: Metadata,
): Promise<MillraceError | undefined> {
  return flow.then(
    () => {
      releaseAll(metadata);
      return undefined;
    },
    (error) => failedAt(to, error, metadata),
  );
}

async function allDone(
  pending: Promise<MillraceError | undefined>[],
  failures: MillraceError[],
): Promise<void> {
  for (const failure of await Promise.all(pending)) if (failure !== undefined) failures.push(failure);
  if (failures.length > 0) throw oneOf(failures);
}

/** The only failure, or one that lists all. */
function oneOf(failures: readonly MillraceError[]): MillraceError {
  if (failures.length === 1) return failures[0]!;
  const texts = failures.map((failure) => failure.message).join('; ');
  return new GraphError(failures[0]!.code, `${failures.length} branches failed: ${texts}`, {
    cause: new AggregateError(failures),
  });
}

/**
 * Passes elements on as they are: the top of a graph. It ends only when it is disposed of, since elements
 * may be emitted into it from outside whatever becomes of its upstreams.
 */
export class PassNode<T> extends Node<T, T> {
  override readonly kind: string = 'stream';

  override update(value: T, metadata: Metadata): Flow {
    return this.emit(value, metadata);
  }

  protected override onUpstreamEnd(): void {}
}

/** `map(inc)` for a named function, `map` for one without a name. */
export function labelOf(kind: string, fn: unknown): string {
  const name = typeof fn === 'function' ? fn.name : '';
  return name === '' ? kind : `${kind}(${name})`;
}
