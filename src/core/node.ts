import { asMillraceError, GraphError, MillraceError } from '../errors.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { addDisposeSymbol, type Disposes } from './dispose.ts';
import { type Attempts, attemptsOf, type ErrorPolicy } from './error-policy.ts';
import { afterwards, type Flow, Gathering } from './flow.ts';
import { type Ancestry, ancestryOf, isAbove } from './joins.ts';
import {
  failAll,
  failStopped,
  type Metadata,
  noMetadata,
  referencesOf,
  releaseAll,
  retainAll,
} from './metadata.ts';
import { Meter } from './meter.ts';
import { quietly, reportUnheard } from './report.ts';
import { Stint } from './stint.ts';
import { Turns } from './turns.ts';

export type { Flow } from './flow.ts';

/** A connection. Its order is fixed when it is made, so children run in connection order however often they come and go. */
export interface Connection {
  readonly from: Node<never, unknown>;
  readonly to: Node<never, unknown>;
  readonly order: number;
  /** Whether it closes a loop. What comes back by it does not hold up the node that sends it: that would wait for itself. */
  readonly loop: boolean;
}

interface Edge extends Connection {
  live: boolean;
}

/** What every node can be told. */
export interface NodeOptions<T = unknown> {
  /** Shown in error paths and pictures. Default: the kind of the node and its function's name. */
  name?: string | undefined;
  /** Where this node takes time from. Default: the clock of its first upstream, else the platform's. */
  clock?: Clock | undefined;
  /** What becomes of an element that the node fails on. Default `'raise'`. */
  onError?: ErrorPolicy<T> | undefined;
}

/**
 * A step of the graph: takes elements of `I` in `update`, gives elements of `O` by `emit`.
 *
 * Elements go depth first, in connection order, synchronously until a node is asynchronous. A node gives out one
 * element at a time: one that comes while all below still get another (a loop, a sink that emits) waits its
 * turn, so that everything below sees elements in the same order. A node is *active* while something needs
 * it: it is a sink, somebody holds it, or an active node is below it. Only active nodes receive
 * elements, so a branch with nothing at its end costs nothing and keeps nothing alive.
 *
 * Whoever writes a node: change the state first and emit last, so that an element the node fails on leaves it as it was.
 */
export abstract class Node<I, O> implements Disposes {
  /** What sort of node this is, for pictures and error paths. */
  readonly kind: string = 'node';
  declare [Symbol.dispose]: () => void;
  readonly #name: string | undefined;
  readonly #clock: Clock | undefined;
  /** The clock found last. */
  #clockAbove: Clock | undefined;
  readonly #attempts: Attempts<never> | undefined;
  #upstreams: Edge[] = [];
  /** The live edges in order. Replaced, never changed in place: a running emission keeps its own list. */
  #live: readonly Edge[] = [];
  /** The one node below, where nothing but plain passing on is to be done. */
  #only: Node<never, unknown> | undefined;
  /** The edges to active nodes that have left. */
  #left: Set<Edge> | undefined;
  #hasLeft = false;
  #busy = false;
  #turns: Turns | undefined;
  #ancestry: Ancestry | undefined;
  /** The last of the elements that wait for one that is tried again. */
  #retrying: Promise<void> | undefined;
  /** The last of the elements of `emitEach` that wait for one before them. */
  #rest: Promise<void> | undefined;
  #stopped: AbortController | undefined;
  #meter: Meter | undefined;
  /** How many look at the meter. */
  #lookers = 0;
  #dropped = 0;
  #unfinished: Set<Promise<void>> | undefined;
  #orders = 0;
  #holds = 0;
  #active = false;
  #ended = false;
  #failure: MillraceError | undefined;
  #disposed = false;

  static {
    addDisposeSymbol(Node.prototype);
  }

  constructor({ name, clock, onError }: NodeOptions<I> = {}) {
    this.#name = name;
    this.#clock = clock;
    this.#attempts = attemptsOf(onError) as Attempts<never> | undefined;
  }

  /** Takes one element. `from` is the upstream node it came from. */
  abstract update(value: I, metadata: Metadata, from: Node<never, I>): Flow;

  /** The node's name, or its kind. */
  get label(): string {
    return this.#name ?? this.kind;
  }

  /** Where the node takes time from. What it once had from above it keeps when that is gone: its timers run on. */
  get clock(): Clock {
    let kept: Clock | undefined;
    for (const node of this.#lineage()) {
      if (node.#clock !== undefined) return node.#clock;
      kept ??= node.#clockAbove;
    }
    return kept ?? systemClock;
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

  /** What a source above has failed with, or this one, so that the end is none in good order; nothing where none has. */
  get failure(): MillraceError | undefined {
    const seen = new Set<Node<never, unknown>>([this as unknown as Node<never, unknown>]);
    for (const node of seen) {
      if (node.#failure !== undefined) return node.#failure;
      if (node.#disposed) continue; // it has ended whatever becomes of those above
      for (const { from } of node.#upstreams) seen.add(from);
    }
    return undefined;
  }

  get upstreams(): Node<never, I>[] {
    return this.#upstreams.filter(({ from }) => !from.#disposed).map(({ from }) => from as Node<never, I>);
  }

  /** The active nodes below, in the order in which they get an element. */
  get downstreams(): Node<O, unknown>[] {
    return this.#live.map((edge) => edge.to as unknown as Node<O, unknown>);
  }

  /** The downstreams and, between them in connection order, active nodes that were among them until they had all they need. */
  get followers(): Node<O, unknown>[] {
    const edges = [...this.#live, ...(this.#left ?? [])].sort((a, b) => a.order - b.order);
    return edges.map((edge) => edge.to as unknown as Node<O, unknown>);
  }

  /** The connections from above, in the order in which they were made. */
  get connections(): readonly Connection[] {
    return this.#upstreams.filter(({ from }) => !from.#disposed);
  }

  /** Whether the node is giving out an element, or has some that wait for their turn or to be tried again. */
  get busy(): boolean {
    return (
      this.#busy || this.#turns !== undefined || this.#rest !== undefined || this.#retrying !== undefined
    );
  }

  /** Whether the node is a source that has begun to give elements of its own accord. */
  get hasBegun(): boolean {
    return false;
  }

  /** Whether further streams may be connected into the node. */
  get isInlet(): boolean {
    return false;
  }

  /**
   * Asynchronous work that is in no state: what an end of the graph has begun, unless it saves what it holds, and elements that
   * are left of an emission or are tried again.
   */
  get unfinished(): readonly Promise<void>[] {
    return [this.#rest, this.#retrying, ...(this.#unfinished ?? [])].filter((work) => work !== undefined);
  }

  /** Elements that the node holds back now. */
  get waiting(): number {
    return 0;
  }

  /** Elements it has let fall, by an overflow policy or since it failed on them; those sent to a dead-letter stream are not among them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Begins to count, or goes on counting for one more who looks; each of them calls `unmeter` once. */
  meter(): Meter {
    if (this.#meter === undefined) {
      this.#meter = new Meter(this.clock);
      this.#lookAround();
    }
    this.#lookers++;
    return this.#meter;
  }

  /** Takes one `meter` back. With the last one counting stops; the next count begins at zero. */
  unmeter(): void {
    if (this.#lookers === 0 || --this.#lookers > 0) return;
    this.#meter = undefined;
    this.#lookAround();
  }

  /**
   * What the node remembers, as plain data that can be cloned; nothing where it remembers nothing. A node that
   * remembers something it cannot save throws `not-available`.
   */
  saveState?(): unknown;

  /** Takes the state that `saveState` of a node of the same kind and options gave. Called before the first element. */
  restoreState?(state: unknown): void;

  /** Whether an active node is below, so that what is emitted gets anywhere. */
  protected get isFollowed(): boolean {
    return this.#live.length > 0;
  }

  /** Connects `downstream` below this node. The same connection twice counts once. */
  connect(downstream: Node<O, unknown>): void {
    if (this.#disposed || downstream.#disposed) {
      const which = this.#disposed ? 'the first' : 'the second';
      throw new GraphError(
        'disposed',
        `cannot connect ${this.label} to ${downstream.label}: ${which} has been disposed of`,
      );
    }
    const to = downstream as unknown as Node<never, unknown>;
    if (to.#upstreams.some((edge) => edge.from === (this as unknown))) return;
    const edge: Edge = {
      from: this as unknown as Node<never, unknown>,
      to,
      order: this.#orders++,
      loop:
        to === (this as unknown) || (to.#orders > 0 && isAbove(to, this as unknown as Node<never, unknown>)),
      live: false,
    };
    to.#upstreams.push(edge);
    to.#changed(new Set());
    if (!this.#ended && !to.#hasLeft) to.#revive();
    if (to.#active && !to.#hasLeft) this.#attach(edge);
    this.onConnect?.(downstream);
    to.onUpstreamConnect?.(this as unknown as Node<never, never>);
    if (!this.#ended || !to.#active) return;
    to.onOneUpstreamEnd?.(this as unknown as Node<never, never>);
    to.#followUpstreams();
  }

  /** Removes the connection; when this returns no further element reaches `downstream` by it. */
  disconnect(downstream: Node<O, unknown>): void {
    const to = downstream as unknown as Node<never, unknown>;
    const edge = to.#upstreams.find((candidate) => candidate.from === (this as unknown));
    if (edge === undefined) {
      throw new GraphError('bad-option', `${downstream.label} is not connected below ${this.label}`);
    }
    to.#clockAbove = this.clock;
    to.#upstreams = to.#upstreams.filter((other) => other !== edge);
    to.#changed(new Set());
    this.#detach(edge);
    this.#left?.delete(edge);
    to.onUpstreamDisconnect?.(this as unknown as Node<never, never>);
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
    const { clock } = this;
    this.end();
    for (const edge of this.#live) {
      edge.live = false;
      edge.to.#clockAbove = clock;
      edge.to.#upstreams = edge.to.#upstreams.filter((other) => other !== edge);
      edge.to.#changed(new Set());
      edge.to.onUpstreamDisconnect?.(this as unknown as Node<never, never>);
    }
    this.#live = [];
    this.#left = undefined;
    this.#only = undefined;
    this.#holds = 0;
    this.#renew();
    this.#clockAbove = clock;
    this.#upstreams = [];
    this.onDispose?.();
  }

  /**
   * Gives `value` to every active node below, each even if another fails, and keeps what it refers to
   * retained until the work below is done. While the node still gives out another element, `value` waits for its
   * turn: the emission of that element then includes this one, and its emitter hears of failures.
   *
   * @throws what failed below, naming the path of nodes; as a rejection where some of the work is asynchronous.
   */
  emit(value: O, metadata: Metadata = noMetadata): Flow {
    const to = this.#only;
    if (to === undefined || metadata.length !== 0 || this.#busy || this.#turns !== undefined) {
      return this.#emitToAll(value, metadata);
    }
    this.#busy = true;
    let flow: Flow;
    try {
      flow = to.update(value as never, metadata, this as unknown as Node<never, never>);
    } catch (error) {
      this.#busy = false;
      const failure = this.#passed(error, to);
      if (this.#turns === undefined) throw failure;
      return this.#goOn(failure);
    }
    this.#busy = false;
    if (flow === undefined && this.#turns === undefined) return;
    if (flow !== undefined && to.isEnd) to.#notice(flow);
    return this.#goOn(undefined, flow === undefined ? undefined : this.#passes(flow, to));
  }

  /**
   * For a node that joins several upstreams: asks for `onStepEnd` when everything that the element now under way sets off
   * above has arrived. Gives `false` where nothing more can arrive, so that the node may act at once.
   */
  protected awaitStep(): boolean {
    this.#ancestry ??= ancestryOf(this as unknown as Node<never, unknown>);
    const fork = this.#ancestry.forks.find((node) => node.#busy);
    if (fork === undefined) return false;
    fork.#turns ??= new Turns();
    const { joins } = fork.#turns;
    const self = this as unknown as Node<never, unknown>;
    if (!joins.includes(self)) joins.push(self);
    return true;
  }

  /** Called once after `awaitStep`, when the step is over. */
  protected onStepEnd?(): Flow;

  /**
   * Emits each of `values` when the work on the one before is done, so that an asynchronous node below is never
   * given more than one at a time. The last one carries `metadata`, the others its reference counters.
   */
  protected emitEach(values: Iterable<O>, metadata: Metadata): Flow {
    const items = values[Symbol.iterator]();
    const references = referencesOf(metadata);
    if (this.#rest !== undefined) return this.#emitRest(this.#rest, items, metadata);
    let gathering: Gathering | undefined;
    for (let item = nextOf(items); item !== undefined; ) {
      const following = nextOf(items);
      let flow: Flow | undefined;
      try {
        flow = this.#emitItem(item, following === undefined ? metadata : references);
      } catch (error) {
        gathering ??= new Gathering(this);
        gathering.fail(error);
      }
      if (flow !== undefined) {
        gathering ??= new Gathering(this);
        gathering.add(following === undefined ? flow : this.#emitRest(flow, items, metadata, following));
        return gathering.flow();
      }
      item = following;
    }
    return gathering?.flow();
  }

  #emitItem(item: Item<O>, metadata: Metadata): Flow {
    if ('error' in item) throw item.error;
    return this.emit(item.value, metadata);
  }

  /** The elements that are left, when `before` is done; later calls of `emitEach` come after them. */
  #emitRest(before: Promise<void>, items: Iterator<O>, metadata: Metadata, first?: Item<O>): Promise<void> {
    const waitsForOwn = first !== undefined;
    const references = referencesOf(metadata);
    const work = (async () => {
      const gathering = new Gathering(this);
      await before.catch((error) => {
        if (waitsForOwn) gathering.fail(error); // else it is the failure of an earlier element
      });
      const { clock } = this;
      const stint = new Stint();
      stint.begin(clock);
      for (let item = first ?? nextOf(items); item !== undefined; ) {
        const following = nextOf(items);
        try {
          await this.#emitItem(item, following === undefined ? metadata : references);
        } catch (error) {
          gathering.fail(error);
        }
        item = following;
        if (stint.isLong(clock, false)) await sleep(clock, 0); // the work below may be done from promise to promise
      }
      return gathering.flow();
    })();
    this.#rest = work;
    const over = (): void => {
      if (this.#rest === work) this.#rest = undefined;
    };
    work.then(over, over);
    return work;
  }

  /**
   * Emits for an emitter that is further on by now, as nodes do that hold elements back. A failure below is not
   * thrown: it goes to this node's error policy, where `'raise'` means the global error event and a retry, which
   * would repeat what went well, is left out; its path begins at the source.
   */
  protected emitDetached(value: O, metadata: Metadata): Flow {
    try {
      return this.emit(value, metadata)?.catch((error) => this.failDetached(error, value, metadata));
    } catch (error) {
      return this.failDetached(error, value, metadata);
    }
  }

  /** Aborts when nothing needs the node any more. Asked for anew it is that of the time since then. */
  protected get stopSignal(): AbortSignal {
    this.#stopped ??= new AbortController();
    return this.#stopped.signal;
  }

  /**
   * Does own work on an element whose emitter is further on by now, again after the waits of the error policy where it
   * fails. Gives the result, or nothing where it has failed for the last time, which `failDetached` has been told of, or
   * the node was stopped. Never rejects. To be called while the node is active.
   */
  protected async attemptDetached<R>(
    work: () => R | PromiseLike<R>,
    value: I,
    metadata: Metadata,
  ): Promise<{ readonly result: R } | undefined> {
    const signal = this.stopSignal;
    const waitsMs = this.#attempts?.waitsMs ?? [];
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return { result: await work() };
      } catch (error) {
        if (signal.aborted) return;
        if (attempt >= waitsMs.length) {
          await this.failDetached(error, value, metadata);
          return;
        }
        if (this.#meter !== undefined) this.#meter.errors++;
        await sleep(this.clock, waitsMs[attempt]!, signal);
      }
    }
  }

  /** What `emitDetached` does about a failure, for one that has nothing to do with emitting. Never throws, never rejects. */
  protected failDetached(error: unknown, value: unknown, metadata: Metadata): Flow {
    const failure = this.labels.reduce(
      (passed, label) => passed.passedThrough(label),
      asMillraceError(error),
    );
    if (this.#meter !== undefined) this.#meter.errors++;
    const attempts = this.#attempts as Attempts<unknown> | undefined;
    const otherwise = attempts?.otherwise ?? 'raise';
    if (otherwise === 'raise' || typeof otherwise === 'function') failAll(metadata, failure);
    if (otherwise === 'raise') {
      reportUnheard(failure);
      return;
    }
    try {
      return this.#setAside(otherwise, failure, value, metadata)?.catch(reportUnheard);
    } catch (problem) {
      reportUnheard(problem);
    }
  }

  /** Counts elements that the node lets fall. */
  protected drop(n = 1): void {
    this.#dropped += n;
  }

  /** Rows in an element the node takes, where that is a batch. */
  protected rowsOf?(value: I): number;

  #emitToAll(value: O, metadata: Metadata): Flow {
    if (this.#meter !== undefined) this.#meter.emitted++;
    if (this.#live.length === 0) return;
    const gathering = new Gathering(this);
    if (this.#busy || this.#turns?.resting) {
      retainAll(metadata);
      this.#turns ??= new Turns();
      if (this.#busy) {
        this.#turns.waiting.push({ value, metadata, gathering: undefined });
        return;
      }
      gathering.hold();
      this.#turns.waiting.push({ value, metadata, gathering });
      return gathering.flow();
    }
    this.#give(value, metadata, gathering);
    if (this.#turns !== undefined) this.#takeTurns(gathering);
    return gathering.flow();
  }

  /** What is left to do after an element went the short way. */
  #goOn(failure: MillraceError | undefined, flow?: Promise<void>): Flow {
    if (this.#turns === undefined) return flow;
    const gathering = new Gathering(this);
    if (failure !== undefined) gathering.fail(failure);
    if (flow !== undefined) gathering.add(flow);
    this.#endStep(gathering);
    this.#takeTurns(gathering);
    return gathering.flow();
  }

  /** Gives one element to all below and lets the joins among them act. */
  #give(value: O, metadata: Metadata, gathering: Gathering): void {
    const edges = this.#live;
    const counted = metadata.length > 0;
    if (counted) retainAll(metadata, edges.length);
    this.#busy = true;
    for (const edge of edges) {
      if (!edge.live) {
        if (counted) releaseAll(metadata);
        continue;
      }
      const { to } = edge;
      try {
        const flow =
          to.#retrying === undefined
            ? this.#deliver(to, value, metadata)
            : to.#afterRetries(() => this.#deliver(to, value, metadata), metadata);
        if (flow === undefined) {
          if (counted) releaseAll(metadata);
        } else this.#follow(edge, flow, metadata, gathering);
      } catch (error) {
        failAll(metadata, error);
        releaseAll(metadata);
        gathering.fail(error);
      }
    }
    this.#busy = false;
    if (this.#turns !== undefined) this.#endStep(gathering);
  }

  /** Lets go of the element when `flow` is done, and waits for that unless it closes a loop. */
  #follow({ loop }: Edge, flow: Promise<void>, metadata: Metadata, gathering: Gathering): void {
    const work =
      metadata.length === 0
        ? flow
        : flow.then(
            () => releaseAll(metadata),
            (error) => {
              failAll(metadata, error);
              releaseAll(metadata);
              throw error;
            },
          );
    if (loop) work.catch(reportUnheard);
    else gathering.add(work);
  }

  /** Lets the joins that wait for this node act, those above others first. */
  #endStep(gathering: Gathering): void {
    const { joins } = this.#turns!;
    this.#busy = true;
    while (joins.length > 0) {
      const at = joins.findIndex((join) => !joins.some((other) => other !== join && join.#isBelow(other)));
      const [join] = joins.splice(Math.max(0, at), 1);
      try {
        const flow = join!.onStepEnd?.();
        if (flow !== undefined) gathering.add(this.#passes(flow, join!));
      } catch (error) {
        gathering.fail(this.#passed(error, join!));
      }
    }
    this.#busy = false;
  }

  #isBelow(other: unknown): boolean {
    this.#ancestry ??= ancestryOf(this as unknown as Node<never, unknown>);
    return this.#ancestry.above.has(other);
  }

  /** Gives out the elements that wait. After a while it lets timers run, and then goes on. */
  #takeTurns(outer: Gathering): void {
    const turns = this.#turns!;
    const { waiting } = turns;
    if (waiting.length === 0) {
      this.#turns = undefined;
      return;
    }
    const { clock } = this;
    const stint = new Stint();
    stint.begin(clock);
    while (waiting.length > 0) {
      const { value, metadata, gathering } = waiting.shift()!;
      if (this.#live.length === 0) failStopped(metadata, this.label);
      this.#give(value as O, metadata, gathering ?? outer);
      this.#busy = true; // what is emitted where the element is said to be done comes after those that wait
      releaseAll(metadata);
      this.#busy = false;
      gathering?.release();
      if (!stint.isLong(clock)) continue;
      outer.hold();
      turns.resting = true;
      clock.setTimer(0, () => {
        turns.resting = false;
        this.#takeTurns(outer);
        outer.release();
      });
      return;
    }
    this.#turns = undefined;
  }

  /** Gives one element to one node, and does what its policy says where it fails. */
  #deliver(to: Node<never, unknown>, value: O, metadata: Metadata, attempt = 0): Flow {
    const from = this as unknown as Node<never, never>;
    const meter = to.#meter;
    let flow: Flow;
    try {
      if (meter === undefined) flow = to.update(value as never, metadata, from);
      else {
        const work = meter.begin(to.rowsOf?.(value as never) ?? 0);
        try {
          flow = to.update(value as never, metadata, from);
        } finally {
          meter.end(work, this.#meter);
        }
      }
    } catch (error) {
      return this.#failedAt(to, error, value, metadata, attempt);
    }
    const work = flow?.catch((error) => this.#failedAt(to, error, value, metadata, attempt));
    if (work !== undefined && to.isEnd) to.#notice(work);
    return work;
  }

  /** Remembers the work that an end of the graph has begun, until it is finished. */
  #notice(work: Promise<void>): void {
    if (this.saveState !== undefined) return;
    this.#unfinished ??= new Set();
    const unfinished = this.#unfinished;
    unfinished.add(work);
    const over = (): void => {
      unfinished.delete(work);
      if (unfinished.size === 0) this.onIdle?.();
    };
    work.then(over, over);
  }

  #failedAt(to: Node<never, unknown>, error: unknown, value: O, metadata: Metadata, attempt: number): Flow {
    const isBelow = error instanceof MillraceError && error.hasLeft(to);
    const failure = this.#passed(error, to);
    if (isBelow) throw failure;
    if (to.#meter !== undefined) to.#meter.errors++;
    const attempts = to.#attempts as Attempts<unknown> | undefined;
    if (attempts === undefined) throw failure;
    const { waitsMs, otherwise } = attempts;
    if (attempt < waitsMs.length) {
      return to.#retry(waitsMs[attempt]!, () => this.#deliver(to, value, metadata, attempt + 1), metadata);
    }
    if (otherwise === 'raise') throw failure;
    return to.#setAside(otherwise, failure, value, metadata);
  }

  /** Does what the policy says about an element that has failed for the last time, where it is not to raise. */
  #setAside(
    otherwise: Exclude<Attempts<unknown>['otherwise'], 'raise'>,
    failure: MillraceError,
    value: unknown,
    metadata: Metadata,
  ): Flow {
    if (otherwise !== 'skip' && typeof otherwise !== 'function') {
      return otherwise.node.emit({ value, error: failure }, metadata);
    }
    this.#dropped++;
    if (otherwise !== 'skip') quietly(() => otherwise(failure, value));
  }

  /** Tries again after a while, unless the node is stopped by then. */
  #retry(waitMs: number, again: () => Flow, metadata: Metadata): Promise<void> {
    const signal = this.stopSignal;
    const work = sleep(this.clock, waitMs, signal).then(() => {
      if (signal.aborted) failStopped(metadata, this.label);
      else return again();
    });
    if (this.#retrying === undefined) this.#queueBehind(work);
    return work;
  }

  /** Does `work` when the elements before it have been tried for the last time. */
  #afterRetries(work: () => Flow, metadata: Metadata): Promise<void> {
    const signal = this.stopSignal;
    const next = (): Flow => (signal.aborted ? failStopped(metadata, this.label) : work());
    const flow = this.#retrying!.then(next, next);
    this.#queueBehind(flow);
    return flow;
  }

  /** Makes later elements wait for `work`. */
  #queueBehind(work: Promise<void>): void {
    this.#retrying = work;
    const over = (): void => {
      if (this.#retrying === work) this.#retrying = undefined;
    };
    work.then(over, over);
  }

  /** The error as it leaves this node's `emit`, from the node `to` below. */
  #passed(error: unknown, to: Node<never, unknown>): MillraceError {
    return passedThrough(error, to).leaving(this);
  }

  #passes(flow: Promise<void>, to: Node<never, unknown>): Promise<void> {
    return flow.catch((error) => Promise.reject(this.#passed(error, to)));
  }

  /** Called when the node becomes active, after it has been connected above. */
  protected onActivate?(): void;
  /** Called when nothing needs the node any more. It lets go of elements that it holds back. */
  protected onDeactivate?(): void;
  /** Called once, when the node is disposed of. */
  protected onDispose?(): void;
  /** Called after `downstream` was connected. */
  protected onConnect?(downstream: Node<O, unknown>): void;
  /** Called after `from` was connected above. */
  protected onUpstreamConnect?(from: Node<never, I>): void;
  /** Called after `from` was disconnected above, or disposed of. */
  protected onUpstreamDisconnect?(from: Node<never, I>): void;

  /** Called when `from` has ended, though others may go on; for a node that cannot do without any of them. */
  protected onOneUpstreamEnd?(from: Node<never, I>): void;

  /** Called when an end of the graph has finished all that it had begun. */
  protected onIdle?(): void;

  /** Called when all upstreams have ended. The node then ends, too; one that holds elements back does so later. */
  protected onUpstreamEnd(): void {
    this.end();
  }

  /** Whether nothing more comes from above now. Another stream may be connected there later. */
  protected get isCutOff(): boolean {
    return this.#upstreams.every(({ from }) => from.#ended);
  }

  /** For a node that may have several upstreams, when one has been disconnected: ends where those left have all ended. */
  protected endWithTheOthers(): void {
    if (this.#active && this.upstreams.length > 0) this.#followUpstreams();
  }

  /** Ends when `flow` is done, unless another stream has been connected above by then. */
  protected endAfter(flow: Flow): void {
    afterwards(flow, () => {
      if (this.isCutOff) this.end();
    });
  }

  /** Says that nothing will be emitted any more, so that iterations below can come to their end: a bad one after `failure`. */
  protected end(failure?: MillraceError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const { to, live } of this.#live) {
      if (!live) continue; // taken away by what the end has set off
      to.onOneUpstreamEnd?.(this as unknown as Node<never, never>);
      to.#followUpstreams();
    }
  }

  /** Takes no more from above, for good: the nodes there work for it no longer. They stay its upstreams. */
  protected leave(): void {
    this.#hasLeft = true;
    if (this.#active) this.#noteLeft();
    for (const edge of this.#upstreams) edge.from.#detach(edge);
  }

  #noteLeft(): void {
    for (const edge of this.#upstreams) {
      edge.from.#left ??= new Set();
      edge.from.#left.add(edge);
    }
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
    if (this.#hasLeft) this.#noteLeft();
    else for (const edge of this.#upstreams) edge.from.#attach(edge);
    this.onActivate?.();
    if (this.#upstreams.length === 0) return;
    for (const { from } of this.#upstreams)
      if (from.#ended) this.onOneUpstreamEnd?.(from as Node<never, never>);
    this.#followUpstreams();
  }

  #deactivate(): void {
    this.#active = false;
    for (const edge of this.#upstreams) {
      edge.from.#left?.delete(edge);
      edge.from.#detach(edge);
    }
    this.#stopped?.abort();
    this.#stopped = undefined;
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
    this.#look();
    edge.to.#changed(new Set());
    if (!this.#active) this.#activate();
  }

  #detach(edge: Edge): void {
    if (!edge.live) return;
    edge.live = false;
    this.#live = this.#live.filter((other) => other !== edge);
    this.#look();
    this.#renew();
  }

  /** Looks whether elements can go the short way: to a single node that needs no more than its `update`. */
  #look(): void {
    const [edge] = this.#live;
    const isPlain =
      this.#live.length === 1 &&
      !edge!.loop &&
      this.#meter === undefined &&
      edge!.to.#meter === undefined &&
      edge!.to.#attempts === undefined;
    this.#only = isPlain ? edge!.to : undefined;
  }

  #lookAround(): void {
    this.#look();
    for (const { from } of this.#upstreams) from.#look();
  }

  /** Forgets what this node and those below know of the graph above them. */
  #changed(seen: Set<unknown>): void {
    if (seen.has(this)) return;
    seen.add(this);
    this.#ancestry = undefined;
    for (const { to } of this.#live) to.#changed(seen);
  }

  #followUpstreams(): void {
    if (!this.#ended && this.isCutOff) this.onUpstreamEnd();
  }

  #revive(): void {
    if (!this.#ended || this.#disposed) return;
    this.#ended = false;
    this.#failure = undefined;
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

/** One of several elements to emit, or the failure of the iteration that should have given it. */
type Item<T> = { readonly value: T } | { readonly error: unknown };

function nextOf<T>(items: Iterator<T>): Item<T> | undefined {
  try {
    const { done, value } = items.next();
    return done ? undefined : { value };
  } catch (error) {
    return { error };
  }
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

  override get isInlet(): boolean {
    return true;
  }

  protected override onUpstreamEnd(): void {}
}

/** `map(inc)` for a named function, `map` for one without a name. */
export function labelOf(kind: string, fn: unknown): string {
  const name = typeof fn === 'function' ? fn.name : '';
  return name === '' ? kind : `${kind}(${name})`;
}
