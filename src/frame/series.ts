import { type DataType, Vector } from 'apache-arrow';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import { dataOf } from '../columnar/arrow.ts';
import type { Batch } from '../columnar/batch.ts';
import type { ColumnRows } from '../columnar/column-rows.ts';
import type { FamilyOf, IsUnknown, Unavailable } from '../columnar/type-families.ts';
import { labelOf, type Node } from '../core/node.ts';
import { GraphError, SchemaError } from '../errors.ts';
import { Expr, type ExprFamily, type Trace } from '../expr/expr.ts';
import { describe, type ExprTree, isRunning } from '../expr/tree.ts';
import type { Sink, SinkOptions } from '../nodes/sink.ts';
import type { ValuesOptions } from '../nodes/values.ts';
import { Stream } from '../stream.ts';
import { addMethods, aggItems, aggSpecOf, scalar, scalarOf, userScalar } from './aggregate.ts';
import type { Scope } from './aggregate-request.ts';
import { content } from './content.ts';
import { type AnySeries, frameOfColumns, type StreamingDataFrame } from './dataframe.ts';
import { ReadNode } from './live.ts';
import type { AggregationName, IsAvailable, OptionsOf, ResultValue } from './method-types.ts';
import { RowsNode } from './rows-node.ts';
import { readRecord, type Scalar } from './scalar.ts';
import type { FrameState, StreamKind } from './state.ts';
import type { ColumnAggregation } from './user-node.ts';
import { sameWindow, type WindowArgument, type WindowRequest, windowRequest } from './window-request.ts';

/** The expressions made from a series are series of the same frame. */
export interface SeriesFamily extends ExprFamily {
  readonly expr: Series<Extract<this['type'], DataType>, 'key'>;
}

/** The aggregations of one column, typed by its type. */
export type SeriesMethods<D extends DataType> = {
  readonly [N in AggregationName]: IsUnknown<D> extends true
    ? (options?: OptionsOf<N>) => Scalar<ResultValue<N, D>>
    : IsAvailable<N, D> extends true
      ? (options?: OptionsOf<N>) => Scalar<ResultValue<N, D>>
      : Unavailable<`${N} is not available on ${FamilyOf<D>} columns`>;
};

// biome-ignore lint/correctness/noUnusedVariables: merged declarations repeat all parameters
export interface Series<D extends DataType = DataType, Name extends string = string>
  extends SeriesMethods<D> {}

/**
 * One column of a frame, or a computation over its columns: an expression, and rows that can be aggregated
 * and followed. `Name` is the name it has as a group key.
 *
 * Aggregations skip null and NaN; each gives a running value, emitted once per batch.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class Series<D extends DataType = DataType, Name extends string = string> extends Expr<
  D,
  SeriesFamily
> {
  /** The frame it belongs to. @internal */
  readonly $frame: FrameState;
  readonly #window: WindowRequest | undefined;
  /** For the compiler. Never set. */
  declare readonly keyName: Name;
  #outlet: Node<never, Vector<D>> | undefined;

  static {
    addMethods(
      Series.prototype,
      (definition) =>
        function (options) {
          return scalarOf(this.$scope, this.tree, definition, options);
        },
    );
  }

  constructor(frame: FrameState, tree: ExprTree, window?: WindowRequest, trace?: Trace) {
    super(tree, trace);
    this.$frame = frame;
    this.#window = window;
  }

  /** The rows it aggregates. @internal */
  get $scope(): Scope {
    return { frame: this.$frame, window: this.#window };
  }

  /** What an emission means: `append`, new rows for ever; `snapshot`, it replaces the one before. */
  get kind(): StreamKind {
    return this.$frame.root.kind;
  }

  /** Several aggregations in one pass, by the names of their results: `agg({ low: 'min', high: 'max' })`. */
  agg<const A extends Readonly<Record<string, AggregationName | readonly [AggregationName, object]>>>(
    spec: A,
  ): Scalar<{
    -readonly [K in keyof A]: ResultValue<
      A[K] extends readonly [infer N extends AggregationName, object] ? N : Extract<A[K], AggregationName>,
      D
    >;
  }> {
    return scalar({ ...this.$scope, items: aggItems(this.$frame, aggSpecOf(this, spec)) }, readRecord);
  }

  /** An aggregation of your own; see `Aggregation`. A plain object with the same functions will do. */
  aggregate<State, R>(aggregation: Aggregation<ColumnRows<D>, State, R>): Scalar<R | null> {
    return userScalar(this.$scope, aggregation as unknown as ColumnAggregation, this.tree);
  }

  /** The same rows seen through a window: the last rows, or a range of the time key. */
  window(window: WindowArgument): Series<D, Name> {
    if (this.kind === 'snapshot') throw noWindow();
    return new Series<D, Name>(this.$frame, this.tree, windowRequest(window));
  }

  /** A frame of this column alone, under its own name or another; an expression needs one. */
  toFrame<const N extends string = Name>(name?: N): StreamingDataFrame<{ [K in N]: D }, StreamKind> {
    const own = this.tree.op === 'column' ? this.tree.name : undefined;
    const called = name ?? own;
    if (called === undefined) {
      throw new SchemaError(
        'bad-option',
        `toFrame: ${describe(this.tree)} has no name of its own; give one, as in toFrame('y')`,
      );
    }
    if (this.#window !== undefined) {
      throw new GraphError(
        'not-available',
        'toFrame is made of the frame; for the rows in view, see window.rows',
      );
    }
    return frameOfColumns({ [called]: this as AnySeries }) as never;
  }

  /**
   * The rows in view of a window as an Arrow vector after each batch, in arrival order, without copying; without a window all
   * rows so far, which then stay in memory.
   */
  full(): Scalar<Vector<D>> {
    return this.#content('full', (vector) => vector);
  }

  /** `fn` of the rows in view, as `full` gives them, after each batch: for what no aggregation does. */
  apply<R>(fn: (rows: Vector<D>) => R): Scalar<R> {
    return this.#content(labelOf('apply', fn), fn);
  }

  #content<R>(label: string, fn: (rows: Vector<D>) => R): Scalar<R> {
    const assigned = { step: 'assign', columns: [{ name: seriesColumn, expr: this.tree }] } as const;
    const frame = this.$frame
      .with(assigned)
      .with({ step: 'project', columns: [{ name: seriesColumn, from: seriesColumn }, ...this.#key()] });
    return content({ frame, window: this.#window }, label, (table) => fn(table.getChildAt(0) as Vector<D>));
  }

  /** The key of its window, where that is a column that the window names. */
  #key(): readonly { readonly name: string; readonly from: string }[] {
    const window = this.#window;
    if (window === undefined || 'n' in window || window.on === undefined) return [];
    return [{ name: window.on, from: window.on }];
  }

  /** The rows of each batch as an Arrow vector. */
  get stream(): Stream<Vector<D>> {
    return Stream.of(this.#node());
  }

  /** Calls `fn` with the rows of each batch from now on. */
  sink(fn: (rows: Vector<D>) => unknown, options?: SinkOptions): Sink {
    return this.stream.sink(fn, options);
  }

  /** An iteration over the rows of each batch from now on. */
  values(options?: ValuesOptions): AsyncIterableIterator<Vector<D>, undefined> {
    return this.stream.values(options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Vector<D>, undefined> {
    return this.values();
  }

  protected override get belongs(): number {
    return this.#window === undefined ? 1 : 2;
  }

  protected override make(tree: ExprTree, trace: Trace | undefined): Series {
    if (this.#window !== undefined && isRunning(tree)) {
      throw new GraphError(
        'not-available',
        `${describe(tree)}: running expressions are made of the frame, as they see each row once; a window is put on what they give`,
      );
    }
    return new Series(this.$frame, tree, this.#window, trace);
  }

  protected override adopt(other: Expr<DataType, ExprFamily>): ExprTree {
    if (!(other instanceof Series)) return other.tree;
    if (other.#window !== undefined && !sameWindow(this.#window!, other.#window)) {
      throw new GraphError(
        'not-available',
        `${describe(this.tree)} and ${describe(other.tree)} are seen through different windows; make the expression of the frame, and a window on it`,
      );
    }
    return this.$frame.adopt(other.tree, other.$frame);
  }

  #node(): Node<never, Vector<D>> {
    if (this.#outlet === undefined) {
      const frame = this.$frame
        .with({ step: 'assign', columns: [{ name: seriesColumn, expr: this.tree }] })
        .with({ step: 'project', columns: [{ name: seriesColumn, from: seriesColumn }] });
      const rows = new RowsNode(frame);
      const read = new ReadNode((batch: Batch) => new Vector([dataOf(batch.column(0))]) as Vector<D>);
      frame.base.node.connect(rows);
      rows.connect(read);
      this.#outlet = read;
    }
    return this.#outlet;
  }
}

const seriesColumn = 'values';

export function noWindow(): GraphError {
  return new GraphError(
    'not-available',
    'window needs a stream of new rows, but this is a snapshot stream: each emission replaces the one before',
  );
}
