import type { AnySchema, ColumnTypes } from './columnar/type-families.ts';
import type { Clock } from './core/clock.ts';
import { addDisposeSymbol, type Disposes } from './core/dispose.ts';
import type { Duration } from './core/duration.ts';
import { failAll, type Metadata, noMetadata, releaseAll, retainAll } from './core/metadata.ts';
import { type Flow, flowThrough, Node, type NodeOptions, PassNode, passedThrough } from './core/node.ts';
import { checkApiName, isNodeClass, type StreamApi } from './core/plugin.ts';
import { GraphError } from './errors.ts';
import { frameOf, type StreamingDataFrame, type StreamingDataFrameOptions } from './frame/dataframe.ts';
import type { FrameInput } from './frame/frame-node.ts';
import { describeGraph } from './graph/describe.ts';
import { MetricsNode, type MetricsOptions } from './graph/metrics.ts';
import type { NodeMetrics } from './graph/observer.ts';
import { type GraphTextOptions, toDot, toMermaid } from './graph/text.ts';
import { type GraphPicture, type VisualizeOptions, visualize } from './graph/visualize.ts';
import { AccumulateNode } from './nodes/accumulate.ts';
import { BufferNode, type BufferOptions } from './nodes/buffer.ts';
import { FilterNode } from './nodes/filter.ts';
import { MapNode } from './nodes/map.ts';
import { RateLimitNode } from './nodes/rate-limit.ts';
import { type Sink, SinkNode, type SinkOptions } from './nodes/sink.ts';
import { UnionNode } from './nodes/union.ts';
import { ValuesNode, type ValuesOptions } from './nodes/values.ts';

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

  static {
    addDisposeSymbol(Stream.prototype);
  }

  /** A stream to emit into, or, given a node, the stream of that node's elements. */
  constructor(options: StreamOptions | Node<never, T> = {}) {
    this.node = options instanceof Node ? options : new PassNode<T>(options);
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
    registerOn(this, name, api, options.static === true);
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
    if (options?.metadata !== undefined) return this.#emitWith(value, options.metadata);
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
  filter(predicate: (value: T) => unknown, options?: NodeOptions<T>): Stream<T>;
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
    options: NodeOptions<T> & { start: S; returnsState: true },
  ): Stream<R>;
  accumulate<R>(
    fn: (state: T, value: T) => readonly [state: T, result: R],
    options: NodeOptions<T> & { returnsState: true },
  ): Stream<T | R>;
  accumulate<S>(
    fn: (state: S, value: T) => S,
    options: NodeOptions<T> & { start: S; returnsState?: false },
  ): Stream<S>;
  accumulate(fn: (state: T, value: T) => T, options?: NodeOptions<T> & { returnsState?: false }): Stream<T>;
  accumulate(
    fn: (state: never, value: T) => unknown,
    options?: NodeOptions<T> & { start?: unknown; returnsState?: boolean },
  ): Stream<unknown> {
    return this.through(new AccumulateNode<never, T, unknown>(fn, options as object));
  }

  /** The elements of this stream and of the others, as they come. */
  union<U extends readonly unknown[]>(...others: { [K in keyof U]: Stream<U[K]> }): Stream<T | U[number]> {
    const node = new UnionNode<T | U[number]>();
    this.node.connect(node);
    for (const other of others) other.node.connect(node);
    return Stream.of(node);
  }

  /**
   * Takes emitter and work below apart: `size` elements may wait in between, and an emitter waits only when
   * they do. Failures below go to `onError`, since the emitter is further on by then.
   */
  buffer(size: number, options?: BufferOptions<T>): Stream<T> {
    return this.through(new BufferNode(size, options));
  }

  /** At most one element per `interval`, such as `'10ms'`; emitters of the others wait for their turn. */
  rateLimit(interval: Duration, options?: NodeOptions<T>): Stream<T> {
    return this.through(new RateLimitNode(interval, options));
  }

  /**
   * Calls `fn` with each value, from now until the sink is disposed of or `signal` aborts. A promise that
   * `fn` returns holds up emitters that wait.
   */
  sink(fn: (value: T) => unknown, options?: SinkOptions<T>): Sink {
    return this.#end(new SinkNode(fn, options));
  }

  /**
   * A list to which each value is added as it comes, until `signal` aborts. It grows without bound
   * unless `max` is given; removing the oldest costs O(max).
   *
   * @throws `bad-option` where `max` is not a whole number from 1.
   */
  sinkToList({ max = Number.POSITIVE_INFINITY, signal }: SinkToListOptions = {}): T[] {
    if (max !== Number.POSITIVE_INFINITY && !(Number.isInteger(max) && max >= 1)) {
      throw new GraphError(
        'bad-option',
        `max of sinkToList must be a whole number from 1, got ${String(max)}`,
      );
    }
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
   * next. It ends when this stream's sources have ended, when `signal` aborts, or when the loop is left.
   */
  values(options?: ValuesOptions): AsyncIterableIterator<T, undefined> {
    return this.#end(new ValuesNode<T>(options));
  }

  /** Puts an end below this stream, unless its signal has aborted already. One that finds no place lets go of its signal. */
  #end<N extends Node<T, never>>(node: N): N {
    if (node.disposed) return node;
    try {
      this.node.connect(node);
    } catch (error) {
      node.dispose();
      throw error;
    }
    return node;
  }

  /** The same as `values()`: `for await (const value of stream)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.values();
  }

  /**
   * The elements, which are record batches, tables, arrays of rows or objects of columns, as a frame.
   *
   * @throws `no-such-column` where the schema has no column for the time key.
   */
  toDataFrame<S extends ColumnTypes = AnySchema>(
    this: Stream<unknown extends T ? T : FrameInput>,
    options?: StreamingDataFrameOptions<S>,
  ): StreamingDataFrame<S> {
    return frameOf(this as Stream<never>, options);
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

  /** Puts a node of one's own below this stream. */
  through<U>(node: Node<T, U>): Stream<U> {
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
    this.node.disconnect(downstream.node as unknown as Node<T, unknown>);
  }

  /** Takes the stream out of the graph, above and below, for good. Harmless when repeated. */
  dispose(): void {
    this.node.dispose();
  }
}

/** The node of a stream, as one that takes elements. */
function inletOf<T>({ node }: Inlet<T>): Node<T, unknown> {
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
