import type { AnySchema, ColumnsOrAny, ColumnTypes } from './columnar/type-families.ts';
import {
  isOptions,
  nodeOptionNames,
  nodeOptionsOf,
  optionsOf,
  shown,
  streamOf,
  wholeNumberOrInfinity,
} from './core/check.ts';
import type { Clock } from './core/clock.ts';
import { addDisposeSymbol, type Disposes } from './core/dispose.ts';
import type { Duration } from './core/duration.ts';
import { putBelow } from './core/end-node.ts';
import { Graph } from './core/graph.ts';
import { failAll, type Metadata, noMetadata, releaseAll, retainAll } from './core/metadata.ts';
import { type Flow, flowThrough, Node, type NodeOptions, PassNode, passedThrough } from './core/node.ts';
import { checkApiName, isNodeClass, type StreamApi } from './core/plugin.ts';
import { GraphError } from './errors.ts';
import { frameOf, type StreamingDataFrame, type StreamingDataFrameOptions } from './frame/dataframe.ts';
import type { FrameInput } from './frame/frame-node.ts';
import { StreamingBatch } from './frame/streaming-batch.ts';
import { describeGraph } from './graph/describe.ts';
import { MetricsNode, type MetricsOptions } from './graph/metrics.ts';
import type { NodeMetrics } from './graph/observer.ts';
import { type GraphTextOptions, toDot, toMermaid } from './graph/text.ts';
import { type GraphPicture, type VisualizeOptions, visualize } from './graph/visualize.ts';
import { AccumulateNode } from './nodes/accumulate.ts';
import { BufferNode, type BufferOptions, bufferOptionsOf } from './nodes/buffer.ts';
import { CollectNode, type CollectOptions } from './nodes/collect.ts';
import { CombineLatestNode } from './nodes/combine-latest.ts';
import { DebounceNode } from './nodes/debounce.ts';
import { DedupeNode, type DedupeOptions } from './nodes/dedupe.ts';
import { DelayNode, type DelayOptions } from './nodes/delay.ts';
import { FilterNode } from './nodes/filter.ts';
import { FlattenNode } from './nodes/flatten.ts';
import { FrequenciesNode } from './nodes/frequencies.ts';
import { LatestNode } from './nodes/latest.ts';
import { MapNode } from './nodes/map.ts';
import { type MapAsyncContext, MapAsyncNode, type MapAsyncOptions } from './nodes/map-async.ts';
import { addObservableSymbol, type InteropObservable, ObserveNode } from './nodes/observe.ts';
import { PartitionNode, type PartitionOptions } from './nodes/partition.ts';
import { PartitionUniqueNode, type PartitionUniqueOptions } from './nodes/partition-unique.ts';
import { PluckNode } from './nodes/pluck.ts';
import { RateLimitNode } from './nodes/rate-limit.ts';
import { RemoveNode } from './nodes/remove.ts';
import { SampleNode } from './nodes/sample.ts';
import type { Place } from './nodes/sides.ts';
import { type Sink, SinkNode, type SinkOptions } from './nodes/sink.ts';
import { SliceNode, type SliceOptions } from './nodes/slice.ts';
import { SlidingWindowNode, type SlidingWindowOptions } from './nodes/sliding-window.ts';
import { StarmapNode } from './nodes/starmap.ts';
import { TailNode } from './nodes/tail.ts';
import { ThrottleNode } from './nodes/throttle.ts';
import { TimedWindowNode, type TimedWindowOptions } from './nodes/timed-window.ts';
import { TimedWindowUniqueNode, type TimedWindowUniqueOptions } from './nodes/timed-window-unique.ts';
import { UnionNode } from './nodes/union.ts';
import { UniqueNode, type UniqueOptions } from './nodes/unique.ts';
import { ValuesNode, type ValuesOptions } from './nodes/values.ts';
import { ZipNode, type ZipOptions, type ZipSide } from './nodes/zip.ts';
import { ZipLatestNode, type ZipLatestOptions } from './nodes/zip-latest.ts';

/** Options of a stream to emit into. */
export interface StreamOptions {
  /** Shown in error paths. Default `'stream'`. */
  name?: string;
  /** Where the nodes below take time from. Default: the platform. */
  clock?: Clock;
}

/** Options of `emit`. */
export interface EmitOptions {
  /**
   * What travels beside the element. The reference counters in it are released once all work that the element
   * caused is done, or has failed.
   */
  metadata?: Metadata;
}

/** Options of `sinkToList`. */
export interface SinkToListOptions {
  /** Ends the sink when aborted. The list stays as it is. */
  signal?: AbortSignal;
  /** How many elements to keep; the oldest go first. Default: all. */
  max?: number;
}

/** Options of `combineLatest`. */
export interface CombineLatestOptions extends NodeOptions {
  /**
   * The streams whose elements set off an emission, or their places, this stream's being 0. An element that comes before
   * all streams have given one sets off nothing. Default: all streams.
   */
  emitOn?: Stream<unknown> | number | readonly (Stream<unknown> | number)[] | undefined;
  /**
   * Where one element comes by several ways, emit once, when it has come by all. `false`: emit at each arrival, with the
   * old elements of the ways that come later. Default `true`.
   */
  consistent?: boolean | undefined;
}

/** The elements of the streams among `A`, anything else being itself; without options `O` at the end. */
export type ElementsOf<A extends readonly unknown[], O> = A extends readonly [...infer Rest, infer Last]
  ? IsOptions<Last, O> extends true
    ? Elements<Rest>
    : Elements<A>
  : Elements<A>;

type Elements<A extends readonly unknown[]> = {
  -readonly [K in keyof A]: A[K] extends Stream<infer U> ? U : A[K];
};

type IsOptions<X, O> = X extends Stream<unknown> | readonly unknown[] | ((...args: never[]) => unknown)
  ? false
  : X extends object
    ? keyof X extends keyof O
      ? true
      : false
    : false;

/** What a predicate may give: anything but a promise. */
export type AtOnce<R> = [Extract<R, PromiseLike<unknown>>] extends [never]
  ? unknown
  : 'a predicate must not give a promise: await it in mapAsync before';

/** Options of `registerApi`. */
export interface RegisterApiOptions {
  /** Make it a method of the class, as sources are. Default `false`. */
  static?: boolean | undefined;
}

/** A stream that takes elements of `T`: one of `T` or of something wider. */
export interface Inlet<T> {
  readonly node: Node<never, unknown>;
  readonly emit: (value: T) => Flow;
}

/**
 * A stream of elements of any kind: a node of the graph with the methods that put others below it.
 *
 * Elements are pushed, depth first and in the order in which nodes were connected; all is synchronous until
 * a node is not. A branch without a sink does nothing. Methods return new streams and leave this
 * one as it is.
 */
export class Stream<T> implements Disposes, AsyncIterable<T, undefined> {
  /** The node whose elements these are. */
  readonly node: Node<never, T>;
  declare [Symbol.dispose]: () => void;
  /** The same as `accumulate`. */
  declare readonly scan: Stream<T>['accumulate'];
  /** The same as `flatten`. */
  declare readonly concat: Stream<T>['flatten'];

  static {
    addDisposeSymbol(Stream.prototype);
    addObservableSymbol(Stream.prototype);
    Object.assign(Stream.prototype, { scan: Stream.prototype.accumulate, concat: Stream.prototype.flatten });
  }

  /** A stream to emit into, or, given a node, the stream of that node's elements. */
  constructor(options: StreamOptions | Node<never, T> = {}) {
    this.node = options instanceof Node ? options : new PassNode<T>(nodeOptionsOf(options, [], 'Stream'));
  }

  /**
   * Puts a method on this class and those made from it, which TypeScript sees where it is declared:
   * `declare module 'millrace' { interface Stream<T> { repeat(n: number): Stream<T> } }`.
   *
   * `stream.name(...args)` puts `new api(...args)` below the stream where `api` is a class of nodes, and calls
   * `api(stream, ...args)` where it is a function. With `static`, `Stream.name(...args)` gives the stream of `new
   * api(...args)`, or what `api(...args)` gives. Harmless when repeated with the same `api`.
   *
   * @throws `bad-option` where the class has a member of that name, or `api` is neither.
   */
  static registerApi(name: string, api: StreamApi, options: RegisterApiOptions = {}): void {
    // biome-ignore lint/complexity/noThisInStatic: a class made from this one registers for itself
    registerOn(this, name, api, optionsOf(options, ['static'], 'registerApi').static === true);
  }

  /** The stream of the elements that `node` emits. */
  static of<T>(node: Node<never, T>): Stream<T> {
    return new Stream(node);
  }

  /**
   * Gives `value` to everything below and returns when that is done, or returns a promise where some of the
   * work is asynchronous: awaiting it is the backpressure. On an inner stream, `value` comes out of that
   * stream as it is. On a stream that has been disposed of, nothing happens.
   *
   * @throws what failed below, its message and `path` naming the nodes on the way; as a rejection where the
   * work is asynchronous. Other branches get the element all the same, and the stream stays usable.
   */
  emit(value: T, options?: EmitOptions): Flow {
    if (options !== undefined) return this.#emitWith(value, metadataOf(options));
    const { node } = this;
    let flow: Flow;
    try {
      flow = node.emit(value, noMetadata);
    } catch (error) {
      throw passedThrough(error, node);
    }
    if (flow !== undefined) return flowThrough(flow, node);
  }

  /** Holds the reference counters itself, so that they come to zero with nobody below, too. */
  #emitWith(value: T, metadata: Metadata): Flow {
    const { node } = this;
    retainAll(metadata);
    const done = (): void => releaseAll(metadata);
    const failed = (error: unknown): never => {
      const failure = passedThrough(error, node);
      failAll(metadata, failure);
      releaseAll(metadata);
      throw failure;
    };
    if (node.disposed) failAll(metadata, new GraphError('disposed', `${node.label} has been disposed of`));
    let flow: Flow;
    try {
      flow = node.emit(value, metadata);
    } catch (error) {
      return failed(error);
    }
    if (flow !== undefined) return flow.then(done, failed);
    done();
  }

  /** `fn(value)` for each value. A promise is a value like any other. */
  map<U>(fn: (value: T) => U, options?: NodeOptions<T>): Stream<U> {
    return this.through(new MapNode(fn, options));
  }

  /** The values for which `predicate` gives something truthy; a type guard narrows the type. */
  filter<U extends T>(predicate: (value: T) => value is U, options?: NodeOptions<T>): Stream<U>;
  filter<R>(predicate: (value: T) => R & AtOnce<R>, options?: NodeOptions<T>): Stream<T>;
  filter(predicate: (value: T) => unknown, options?: NodeOptions<T>): Stream<T> {
    return this.through(new FilterNode(predicate, options));
  }

  /**
   * The state after each value, `state = fn(state, value)`. Without `start` the first value is the
   * state and comes out as it is. With `returnsState`, `fn` gives `[state, result]` and the results come out. Where
   * `fn` throws, the state stays as it was.
   */
  accumulate<S, R>(
    fn: (state: S, value: T) => readonly [state: S, result: R],
    options: NodeOptions<T> & { start: S; returnsState: true; withState: true },
  ): Stream<[state: S, result: R]>;
  accumulate<S, R>(
    fn: (state: S, value: T) => readonly [state: S, result: R],
    options: NodeOptions<T> & { start: S; returnsState: true; withState?: false },
  ): Stream<R>;
  accumulate<R>(
    fn: (state: T, value: T) => readonly [state: T, result: R],
    options: NodeOptions<T> & { returnsState: true; withState: true },
  ): Stream<[state: T, result: T | R]>;
  accumulate<R>(
    fn: (state: T, value: T) => readonly [state: T, result: R],
    options: NodeOptions<T> & { returnsState: true; withState?: false },
  ): Stream<T | R>;
  accumulate<S>(
    fn: (state: S, value: T) => S,
    options: NodeOptions<T> & { start: S; returnsState?: false; withState: true },
  ): Stream<[state: S, result: S]>;
  accumulate<S>(
    fn: (state: S, value: T) => S,
    options: NodeOptions<T> & { start: S; returnsState?: false; withState?: false },
  ): Stream<S>;
  accumulate(
    fn: (state: T, value: T) => T,
    options: NodeOptions<T> & { returnsState?: false; withState: true },
  ): Stream<[state: T, result: T]>;
  accumulate(
    fn: (state: T, value: T) => T,
    options?: NodeOptions<T> & { returnsState?: false; withState?: false },
  ): Stream<T>;
  accumulate(
    fn: (state: never, value: T) => unknown,
    options?: NodeOptions<T> & { start?: unknown; returnsState?: boolean; withState?: boolean },
  ): Stream<unknown> {
    return this.through(new AccumulateNode<never, T, unknown>(fn, options as object));
  }

  /** `fn(...value)` for each value, an array of arguments. */
  starmap<A extends readonly unknown[], U>(
    this: Stream<A>,
    fn: (...args: A) => U,
    options?: NodeOptions<A>,
  ): Stream<U> {
    return this.through(new StarmapNode(fn, options));
  }

  /** The values for which `predicate` gives something falsy. */
  remove<R>(predicate: (value: T) => R & AtOnce<R>, options?: NodeOptions<T>): Stream<T> {
    return this.through(new RemoveNode(predicate, options));
  }

  /**
   * The elements at positions `start`, `start + step` and so on, below `end`, counted from 0. The stream ends when no more
   * can come.
   *
   * @throws `bad-option` for a negative or broken position.
   */
  slice(options?: SliceOptions<T>): Stream<T> {
    return this.through(new SliceNode(options));
  }

  /** Each element of the arrays and other iterables that come, one after the other; of strings the characters. */
  flatten<U>(this: Stream<Iterable<U>>, options?: NodeOptions<Iterable<U>>): Stream<U> {
    return this.through(new FlattenNode<U>(options));
  }

  /**
   * Arrays of `size` elements, of each `key` its own; of fewer when the oldest has waited for `timeout`, and at the end of the
   * stream.
   */
  partition(size: number, options?: PartitionOptions<T>): Stream<T[]> {
    return this.through(new PartitionNode(size, options));
  }

  /** Arrays of `size` elements with different keys; of several of one key the first stays, or with `keep` the last. */
  partitionUnique(size: number, options?: PartitionUniqueOptions<T>): Stream<T[]> {
    return this.through(new PartitionUniqueNode(size, options));
  }

  /** The last `size` elements each time one comes; at the start fewer, unless `returnPartial` is `false`. */
  slidingWindow(size: number, options?: SlidingWindowOptions<T>): Stream<T[]> {
    return this.through(new SlidingWindowNode(size, options));
  }

  /** The elements whose key is not among the `maxsize` that came last; without `maxsize`, not among all there ever were. */
  unique(options?: UniqueOptions<T>): Stream<T> {
    return this.through(new UniqueNode(options));
  }

  /**
   * One field or element of each value, or several as a tuple. A value that lacks one fails as `bad-value`, with the
   * names that come near.
   */
  pluck<K extends keyof T>(key: K, options?: NodeOptions<T>): Stream<T[K]>;
  pluck<const K extends readonly (keyof T)[]>(
    keys: K,
    options?: NodeOptions<T>,
  ): Stream<{ -readonly [I in keyof K]: T[K[I]] }>;
  pluck(keys: PropertyKey | readonly PropertyKey[], options?: NodeOptions<T>): Stream<unknown> {
    return this.through(new PluckNode(keys, options));
  }

  /** How often each value has come so far, as a new map each time, in the order in which they first came. */
  frequencies(options?: NodeOptions<T>): Stream<Map<T, number>> {
    return this.through(new FrequenciesNode(options));
  }

  /** Keeps the elements until `flush` is called on the stream it gives, which then emits them all as one array. */
  collect(options?: CollectOptions<T>): CollectStream<T> {
    const node = new CollectNode(options);
    this.node.connect(node);
    return new CollectStream(node);
  }

  /**
   * Tuples of the first elements of this stream and the others, then of the second, and so on. What is no stream stands in every
   * tuple as it is; a last argument with nothing in it but options is the options. A stream that is ahead waits for the
   * others, and beyond `maxsize` elements its emitters do. Ends with the shortest.
   */
  zip<A extends readonly unknown[]>(...others: A): ZipStream<[T, ...ElementsOf<A, ZipOptions>]> {
    const { members, options } = withOptions(others, zipOptionNames, 'zip');
    const places = [this, ...members].map((member) =>
      member instanceof Stream ? member.node : { literal: member },
    );
    const node = new ZipNode(places, options);
    connectAll(places, node);
    return new ZipStream(node) as never;
  }

  /**
   * A tuple of the newest elements of this stream and the others each time one of them comes, or one of `emitOn`, from when all have
   * given one. Where they come of one source, each element of that gives one tuple, made of it throughout; with
   * `consistent: false` there is one for each way on which it comes.
   */
  combineLatest<A extends readonly (Stream<unknown> | CombineLatestOptions)[]>(
    ...others: A
  ): Stream<[T, ...ElementsOf<A, CombineLatestOptions>]> {
    const { members, options } = streamsOf(this, others, combineLatestOptionNames, 'combineLatest');
    const { emitOn, ...rest } = options as CombineLatestOptions;
    const places = members.map(({ node }) => node);
    const emitOnNodes = emitOn === undefined ? undefined : [emitOn].flat().map((on) => nodeOf(on, places));
    const node = new CombineLatestNode(places, { ...rest, emitOn: emitOnNodes });
    connectAll(places, node);
    return Stream.of(node) as never;
  }

  /**
   * Every element of this stream, with the newest ones of the others. Elements wait until all others have given one, and
   * beyond `maxsize` of them the emitters do.
   */
  zipLatest<A extends readonly (Stream<unknown> | ZipLatestOptions)[]>(
    ...others: A
  ): Stream<[T, ...ElementsOf<A, ZipLatestOptions>]> {
    const { members, options } = streamsOf(this, others, zipOptionNames, 'zipLatest');
    const [lossless, ...places] = members.map(({ node }) => node);
    const node = new ZipLatestNode(lossless!, places, options);
    connectAll([lossless!, ...places], node);
    return Stream.of(node) as never;
  }

  /** The elements, which are arrays or other iterables, as batches whose elements can be worked on one by one. */
  toBatch<U>(this: Stream<Iterable<U>>): StreamingBatch<U> {
    return new StreamingBatch(this);
  }

  /** The elements of this stream and of the others, as they come. */
  union<U extends readonly unknown[]>(...others: { [K in keyof U]: Stream<U[K]> }): Stream<T | U[number]> {
    const places = [this, ...others].map((stream) => streamOf(stream as Stream<T | U[number]>, 'union').node);
    const node = new UnionNode<T | U[number]>();
    connectAll(places, node as Node<unknown, unknown>);
    return Stream.of(node);
  }

  /**
   * What `fn(value)` resolves with, for each value, up to `parallelism` (default 1) calls being under way at once; in the
   * order of the values, or with `ordered: false` as the calls end. An emitter waits until its call begins. Failed calls go
   * to `onError`, where `{ retry: 3 }` makes them again. `signal` aborts when the result is not needed any more.
   */
  mapAsync<U>(
    fn: (value: T, context: MapAsyncContext) => U | PromiseLike<U>,
    options?: MapAsyncOptions<T>,
  ): Stream<U> {
    return this.through(new MapAsyncNode(fn, options));
  }

  /**
   * Takes emitter and work below apart: `size` elements, or `maxBytes`, may wait in between. What becomes of more
   * says `overflow`: emitters wait (default), elements are dropped and counted, or an error is thrown. Failures below go
   * to `onError`, since the emitter is further on by then.
   *
   * @throws `bad-option` where neither bound is given.
   */
  buffer(size: number, options?: BufferOptions<T>): Stream<T>;
  buffer(options: BufferOptions<T>): Stream<T>;
  buffer(size: number | BufferOptions<T>, options?: BufferOptions<T>): Stream<T> {
    return this.through(
      new BufferNode(typeof size === 'object' ? size : { ...bufferOptionsOf(options ?? {}), size }),
    );
  }

  /** The newest value whenever the work below on the one before is done; emitters never wait, values between are dropped. */
  latest(options?: NodeOptions<T>): Stream<T> {
    return this.through(new LatestNode(options));
  }

  /** Each element `interval` after it came, in order. Emitters wait only where `maxsize` elements do. */
  delay(interval: Duration, options?: DelayOptions<T>): Stream<T> {
    return this.through(new DelayNode(interval, options));
  }

  /** At most one element per `interval`, such as `'10ms'`; emitters of the others wait for their turn. */
  rateLimit(interval: Duration, options?: NodeOptions<T>): Stream<T> {
    return this.through(new RateLimitNode(interval, options));
  }

  /** A value, and then none for `interval`: those that come meanwhile are dropped. */
  throttle(interval: Duration, options?: NodeOptions<T>): Stream<T> {
    return this.through(new ThrottleNode(interval, options));
  }

  /** The newest value when none has come for `interval`; those before it are dropped. */
  debounce(interval: Duration, options?: NodeOptions<T>): Stream<T> {
    return this.through(new DebounceNode(interval, options));
  }

  /** Every `interval` the newest value, where one has come; those before it are dropped. */
  sample(interval: Duration, options?: NodeOptions<T>): Stream<T> {
    return this.through(new SampleNode(interval, options));
  }

  /** Every `interval` the list of the values that have come meanwhile; none where nothing has, unless `empty` is set. */
  timedWindow(interval: Duration, options?: TimedWindowOptions<T>): Stream<T[]> {
    return this.through(new TimedWindowNode(interval, options));
  }

  /** Every `interval` the list of the values with different keys that have come meanwhile, the first of each or the last. */
  timedWindowUnique(interval: Duration, options?: TimedWindowUniqueOptions<T>): Stream<T[]> {
    return this.through(new TimedWindowUniqueNode(interval, options));
  }

  /** The values without those whose key was there less than `within` before: `dedupe({ within: '10s' })`. */
  dedupe(options: DedupeOptions<T>): Stream<T> {
    return this.through(new DedupeNode(options));
  }

  /** The last `size` values, one by one, when the sources have ended. */
  tail(size: number, options?: NodeOptions<T>): Stream<T> {
    return this.through(new TailNode(size, options));
  }

  /** How many elements the node of this stream holds back now. */
  get waiting(): number {
    return this.node.waiting;
  }

  /** How many elements the node of this stream has dropped: by its overflow policy, or since it failed on them. */
  get dropped(): number {
    return this.node.dropped;
  }

  /**
   * Calls `fn` with each value, from now until the sink is disposed of or `signal` aborts. A promise that
   * `fn` returns holds up emitters that wait.
   */
  sink(fn: (value: T) => unknown, options?: SinkOptions<T>): Sink {
    return putBelow(this.node, new SinkNode(fn, options));
  }

  /**
   * A list to which each value is added as it comes, until `signal` aborts. It grows without bound
   * unless `max` is given; removing the oldest costs O(max).
   *
   * @throws `bad-option` where `max` is not a whole number from 1.
   */
  sinkToList(options: SinkToListOptions = {}): T[] {
    const { max = Number.POSITIVE_INFINITY, signal } = optionsOf(options, ['max', 'signal'], 'sinkToList');
    wholeNumberOrInfinity(max, 'max of sinkToList', 1);
    const list: T[] = [];
    const add = (value: T): void => {
      list.push(value);
      if (list.length > max) list.shift();
    };
    this.sink(add, { name: 'sinkToList', signal });
    return list;
  }

  /**
   * An iteration over the elements from now on that loses none and holds up emitters that wait until it asks for the
   * next. It ends when this stream's sources have ended, when `signal` aborts, or when the loop is left; where a source has
   * failed, it throws that error in the end.
   */
  values(options?: ValuesOptions): AsyncIterableIterator<T, undefined> {
    return putBelow(this.node, new ValuesNode<T>(options));
  }

  /** The same as `values()`: `for await (const value of stream)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.values();
  }

  /**
   * The elements from now on as an Observable, for libraries that look for one, also under `Symbol.observable` where that
   * exists when this module is loaded: `from(stream)` of RxJS. Subscribing puts a sink below the stream, unsubscribing
   * takes it away; an observer holds nobody up. It completes when the stream's sources have ended, with an error where one
   * has failed.
   */
  '@@observable'(): InteropObservable<T> {
    const observable: InteropObservable<T> = {
      subscribe: (observer) => putBelow(this.node, new ObserveNode(observer)),
      '@@observable': () => observable,
    };
    return observable;
  }

  /**
   * The elements, which are record batches, tables, arrays of rows or objects of columns, as a frame.
   *
   * @throws `no-such-column` where the schema has no column for the time key.
   */
  toDataFrame<S extends ColumnTypes = AnySchema>(
    this: Stream<unknown extends T ? T : FrameInput>,
    options?: StreamingDataFrameOptions<S>,
  ): StreamingDataFrame<ColumnsOrAny<S>> {
    return frameOf(this as Stream<never>, options) as never;
  }

  /**
   * The graph this stream belongs to as an SVG element, which is there at once and filled when the layout has been
   * loaded: `document.body.append(stream.visualize())`. It takes the colour of the text around it and is
   * never wider than its place.
   *
   * @throws `not-available` where there is no document: see `toDot` and `toMermaid`.
   */
  visualize(options?: VisualizeOptions): GraphPicture {
    return visualize(this, options);
  }

  /** The graph this stream belongs to in the language of Graphviz. */
  toDot(options?: GraphTextOptions): string {
    return toDot(describeGraph(this), options);
  }

  /** The graph this stream belongs to as a flowchart of Mermaid. */
  toMermaid(options?: GraphTextOptions): string {
    return toMermaid(describeGraph(this), options);
  }

  /**
   * Figures of every node of the graph this stream belongs to, one row each, once per interval: what it took, failed
   * on, let fall, holds back, and how long it worked. Counting begins with the first sink and ends with the
   * last; nodes that come later are there from the next reading on. As a frame: `stream.metrics().toDataFrame()`.
   *
   * @throws `bad-option` for an interval that is none.
   */
  metrics(options?: MetricsOptions): Stream<readonly NodeMetrics[]> {
    return Stream.of(new MetricsNode(this.node, options));
  }

  /** The graph that the stream is part of, to look at and to take snapshots of. */
  get graph(): Graph {
    return new Graph(this.node);
  }

  /** Puts a node of one's own below this stream. */
  through<U>(node: Node<T, U>): Stream<U> {
    if (!(node instanceof Node)) {
      throw new GraphError('bad-option', `through takes a node, got ${shown(node)}`);
    }
    this.node.connect(node);
    return Stream.of(node);
  }

  /**
   * Lets the elements flow into `downstream` as well. Harmless when repeated.
   *
   * @throws `bad-option` where `downstream` does not take elements of its own kind (streams made by
   * `new Stream()`, `union`, `zip` and their like do), `disposed` where one of the two has been disposed of.
   */
  connect(downstream: Inlet<T>): void {
    this.node.connect(inletOf(downstream));
  }

  /**
   * Takes back `connect`, or takes a stream made from this one away from it. No further element arrives there by
   * this way.
   *
   * @throws `bad-option` where the two are not connected.
   */
  disconnect(downstream: Stream<unknown>): void {
    this.node.disconnect(streamOf(downstream, 'disconnect').node as unknown as Node<T, unknown>);
  }

  /** Takes the stream out of the graph, above and below, for good. Harmless when repeated. */
  dispose(): void {
    this.node.dispose();
  }
}

/** The stream of a `collect`. */
export class CollectStream<T> extends Stream<T[]> {
  declare readonly node: CollectNode<T>;

  /** Emits what has come since the last time, which may be nothing; what comes meanwhile is kept for the next. */
  flush(): Flow {
    const { node } = this;
    let flow: Flow;
    try {
      flow = node.flush();
    } catch (error) {
      throw passedThrough(error, node);
    }
    if (flow !== undefined) return flowThrough(flow, node);
  }
}

/** The stream of a `zip`. */
export class ZipStream<T> extends Stream<T> {
  /** The streams in the order of their places, and how many elements of each wait for the others. */
  get sides(): ZipSide[] {
    return (this.node as unknown as ZipNode).sides;
  }

  /** The names of the streams that the others wait for; none where nothing waits. */
  get lagging(): string[] {
    const { sides } = this;
    if (sides.every(({ waiting }) => waiting === 0)) return [];
    return sides.filter(({ waiting }) => waiting === 0).map(({ name }) => name);
  }
}

const zipOptionNames = [...nodeOptionNames, 'maxsize'];
const combineLatestOptionNames = [...nodeOptionNames, 'emitOn', 'consistent'];

/** The arguments without the last where that is an object of nothing but options. */
function withOptions(
  given: readonly unknown[],
  names: readonly string[],
  what: string,
): { members: unknown[]; options: object } {
  const last = given.at(-1);
  return isOptions(last, names, what)
    ? { members: given.slice(0, -1), options: last }
    : { members: [...given], options: {} };
}

function streamsOf(
  first: Stream<unknown>,
  others: readonly unknown[],
  names: readonly string[],
  what: string,
): { members: Stream<unknown>[]; options: object } {
  const { members, options } = withOptions(others, names, what);
  return { members: [first, ...members.map((member) => streamOf(member as Stream<unknown>, what))], options };
}

/** The node that an item of `emitOn` means: that of a stream, or the one at a place. */
function nodeOf(on: Stream<unknown> | number, places: readonly Node<never, unknown>[]): Node<never, unknown> {
  if (on instanceof Stream) return on.node;
  const node = places[on];
  if (node !== undefined) return node;
  throw new GraphError(
    'bad-option',
    `emitOn of combineLatest: there is no stream ${String(on)} among ${places.length}`,
  );
}

/** Puts `node` below all nodes among `places`; below none where that is not possible. */
function connectAll(places: readonly Place[], node: Node<unknown, unknown>): void {
  try {
    for (const place of places) if (place instanceof Node) place.connect(node);
  } catch (error) {
    node.dispose();
    throw error;
  }
}

/** @throws `bad-option` for options that are none, and metadata that is no list. */
function metadataOf(options: EmitOptions): Metadata {
  const metadata = options?.metadata;
  if (Array.isArray(metadata)) return metadata;
  optionsOf(options, ['metadata'], 'emit');
  if (metadata === undefined) return noMetadata;
  throw new GraphError(
    'bad-option',
    `metadata of emit takes a list such as [{ ref }], got ${shown(metadata)}`,
  );
}

/** The node of a stream, as one that takes elements. */
function inletOf<T>(downstream: Inlet<T>): Node<T, unknown> {
  const { node } = streamOf(downstream, 'connect');
  if (node.isInlet) return node as unknown as Node<T, unknown>;
  throw new GraphError(
    'bad-option',
    `cannot connect into ${node.label}: it takes the elements of the stream it was made from; connect to a stream made by new Stream()`,
  );
}

/** What a method was made from, to tell a repeated registration from another one. */
const registered = Symbol('registered');

function registerOn(owner: typeof Stream, name: string, api: StreamApi, isStatic: boolean): void {
  const target: object = isStatic ? owner : owner.prototype;
  const there: unknown = Object.getOwnPropertyDescriptor(target, name)?.value;
  if (typeof there === 'function' && Reflect.get(there, registered) === api) return;
  checkApiName(name, target, isStatic ? owner.name : 'a stream');
  const method = methodOf(name, api, isStatic);
  Object.defineProperty(method, registered, { value: api });
  Object.defineProperty(method, 'name', { value: name });
  Object.defineProperty(target, name, { value: method, configurable: true, writable: true });
}

function methodOf(name: string, api: StreamApi, isStatic: boolean): (...args: never[]) => unknown {
  if (isNodeClass(name, api)) {
    if (isStatic) return (...args) => Stream.of(new api(...args));
    return function (this: Stream<never>, ...args) {
      return this.through(new api(...args));
    };
  }
  if (isStatic) return (...args) => api(...args);
  return function (this: Stream<never>, ...args) {
    return (api as (...args: readonly unknown[]) => unknown)(this, ...args);
  };
}
