import { addDisposeSymbol, type Disposes } from '../core/dispose.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError } from '../errors.ts';
import type { GraphTextOptions } from '../graph/text.ts';
import type { GraphPicture, VisualizeOptions } from '../graph/visualize.ts';
import type { Sink, SinkOptions } from '../nodes/sink.ts';
import type { ValuesOptions } from '../nodes/values.ts';
import { Stream } from '../stream.ts';
import type { StreamKind } from './state.ts';

/**
 * Something that changes over time and can be followed: by `sink`, as a `stream`, by `for await`, or by looking
 * at `current`.
 */
export abstract class Live<T> implements Disposes, AsyncIterable<T, undefined> {
  declare [Symbol.dispose]: () => void;
  /** The node that emits what users see. The `$` keeps it apart from columns. @internal */
  abstract get $outlet(): Node<never, T>;
  /** The newest value. */
  abstract get current(): T | undefined;
  /** What an emission means: `append`, new rows for ever; `snapshot`, it replaces the one before. */
  abstract readonly kind: StreamKind;

  static {
    addDisposeSymbol(Live.prototype);
  }

  /** Each value as it comes, as a plain stream. */
  get stream(): Stream<T> {
    return Stream.of(this.$outlet);
  }

  /**
   * Calls `fn` with each value from now on, one per batch, until the sink is disposed of or `signal`
   * aborts. A promise that `fn` returns holds up the source.
   */
  sink(fn: (value: T) => unknown, options?: SinkOptions): Sink {
    return this.stream.sink(fn, options);
  }

  /** An iteration over the values from now on that loses none and holds up the source until it asks for the next. */
  values(options?: ValuesOptions): AsyncIterableIterator<T, undefined> {
    return this.stream.values(options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.values();
  }

  /** The graph it belongs to as an SVG element, as `Stream.visualize` gives it. */
  visualize(options?: VisualizeOptions): GraphPicture {
    return this.stream.visualize(options);
  }

  /** The graph it belongs to in the language of Graphviz. */
  toDot(options?: GraphTextOptions): string {
    return this.stream.toDot(options);
  }

  /** The graph it belongs to as a flowchart of Mermaid. */
  toMermaid(options?: GraphTextOptions): string {
    return this.stream.toMermaid(options);
  }

  /** Ends it, and all that was made from it. Harmless when repeated. */
  dispose(): void {
    this.$outlet.dispose();
  }
}

/** The refusal to collect what has gone by. */
export function tooLate(): GraphError {
  return new GraphError(
    'not-available',
    'collect: the source had ended before this was made, and gives its rows once; make all results before the first await, or run each by runOn',
  );
}

/** Emits `read(value)`; the same object in gives the same object out. Keeps the newest of both. */
export class ReadNode<I, O> extends Node<I, O> {
  override readonly kind: string = 'read';
  readonly #read: (value: I) => O;
  #last: { readonly from: I; readonly value: O } | undefined;

  constructor(read: (value: I) => O) {
    super();
    this.#read = read;
  }

  override update(value: I, metadata: Parameters<Node<I, O>['update']>[1]): Flow {
    return this.emit(this.read(value), metadata);
  }

  read(value: I): O {
    if (this.#last === undefined || this.#last.from !== value)
      this.#last = { from: value, value: this.#read(value) };
    return this.#last.value;
  }
}
