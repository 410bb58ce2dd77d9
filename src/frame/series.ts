import { type DataType, Vector } from 'apache-arrow';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import { dataOf } from '../columnar/arrow.ts';
import type { Batch } from '../columnar/batch.ts';
import type { ColumnRows } from '../columnar/column-rows.ts';
import type { FamilyOf, IsUnknown, Unavailable } from '../columnar/type-families.ts';
import { labelOf, type Node } from '../core/node.ts';
import { GraphError, SchemaError } from '../errors.ts';
import { type CastOptions, Expr, type ExprFamily, type Trace } from '../expr/expr.ts';
import type { Rolling, RollingOptions, RollingWindow, SavedRunning } from '../expr/rolling.ts';
import { describe, type ExprTree, isRunning } from '../expr/tree.ts';
import type { Sink, SinkOptions } from '../nodes/sink.ts';
import type { ValuesOptions } from '../nodes/values.ts';
import { Stream } from '../stream.ts';
import {
  addMethods,
  aggItems,
  aggSpecOf,
  both,
  inputTree,
  scalar,
  scalarOf,
  stateIn,
  userScalar,
} from './aggregate.ts';
import type { Scope } from './aggregate-request.ts';
import { content } from './content.ts';
import { type AnySeries, frameOfColumns, resultFrame, type StreamingDataFrame } from './dataframe.ts';
import { explained } from './explain.ts';
import { ReadNode } from './live.ts';
import { type Made, madeOf } from './made.ts';
import type {
  AggregationName,
  IsAvailable,
  OtherColumn,
  PlainStart,
  ResultValue,
  ScalarMethod,
  Stated,
  StatedIf,
} from './method-types.ts';
import { type Plan, planOf } from './plan.ts';
import { RowsNode } from './rows-node.ts';
import type { StateOptions } from './saved-state.ts';
import { readRecord, type Scalar } from './scalar.ts';
import type { FrameState, StreamKind } from './state.ts';
import type { ColumnAggregation } from './user-node.ts';
import { type ValueCountsFrame, type ValueCountsOptions, valueCounts } from './value-counts.ts';
import {
  type RowsWindow,
  sameWindow,
  type ValueWindow,
  type WindowArgument,
  type WindowRequest,
  windowRequest,
  windowState,
} from './window-request.ts';
import { withState } from './with-state.ts';

/** The expressions made from a series are series of the same frame. */
export interface SeriesFamily<W extends boolean = false> extends ExprFamily {
  readonly expr: Series<Extract<this['type'], DataType>, 'key', W>;
}

/** The aggregations of one column, typed by its type. */
export type SeriesMethods<D extends DataType, W extends boolean = false> = {
  readonly [N in AggregationName]: IsUnknown<D> extends true
    ? ScalarMethod<N, ResultValue<N, D>, W, PlainStart<N>>
    : IsAvailable<N, D> extends true
      ? ScalarMethod<N, ResultValue<N, D>, W, PlainStart<N>>
      : Unavailable<`${N} is not available on ${FamilyOf<D>} columns`>;
};

export interface Series<
  in out D extends DataType = DataType,
  // biome-ignore lint/correctness/noUnusedVariables: merged declarations repeat all parameters
  out Name extends string = string,
  out W extends boolean = false,
> extends SeriesMethods<D, W> {}

/**
 * One column of a frame, or a computation over its columns: an expression, and rows that can be aggregated
 * and followed. `Name` is the name it has as a group key.
 *
 * Aggregations skip null and NaN; each gives a running value, emitted once per batch.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class Series<
  in out D extends DataType = DataType,
  out Name extends string = string,
  out W extends boolean = false,
> extends Expr<D, SeriesFamily<W>> {
  /** The frame it belongs to. @internal */
  readonly $frame: FrameState;
  readonly #window: WindowRequest | undefined;
  readonly #state: StateOptions<unknown> | undefined;
  /** For the compiler. Never set. */
  declare readonly keyName: Name;
  #outlet: Node<never, Vector<D>> | undefined;
  #rows: FrameState | undefined;

  static {
    addMethods(
      Series.prototype,
      'column',
      (definition) =>
        function (...args) {
          return scalarOf(this.$scope, this.tree, definition, args);
        },
    );
  }

  constructor({ frame, window, state }: Scope, tree: ExprTree, trace?: Trace) {
    super(tree, trace);
    this.$frame = frame;
    this.#window = window;
    this.#state = state;
  }

  /** The rows it aggregates. @internal */
  get $scope(): Scope {
    return { frame: this.$frame, window: this.#window, state: this.#state };
  }

  /** What an emission means: `append`, new rows for ever; `snapshot`, it replaces the one before. */
  get kind(): StreamKind {
    return this.$frame.root.kind;
  }

  /** Several aggregations in one pass, by the names of their results: `agg({ low: 'min', high: 'max' })`. */
  agg<const A extends SeriesAggSpec>(
    spec: A,
    options: StateOptions & { readonly withState: true },
  ): Scalar<Stated<SeriesAggRecord<A, D>>>;
  agg<const A extends SeriesAggSpec>(
    spec: A,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): Scalar<StatedIf<W, SeriesAggRecord<A, D>>>;
  agg(spec: SeriesAggSpec, options?: StateOptions): never {
    const scope = stateIn(this.$scope, 'agg', options);
    return scalar({ ...scope, items: aggItems(this.$frame, aggSpecOf(this, spec)) }, readRecord) as never;
  }

  /** An aggregation of your own; see `Aggregation`. A plain object with the same functions will do. */
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows<D>, State, R>,
    options: StateOptions & { readonly withState: true },
  ): Scalar<Stated<R | null>>;
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows<D>, State, R>,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): Scalar<StatedIf<W, R | null>>;
  aggregate(aggregation: unknown, options?: StateOptions): never {
    const scope = stateIn(this.$scope, 'aggregate', options);
    return userScalar(scope, aggregation as ColumnAggregation, this.tree) as never;
  }

  /** The same rows seen through a window: the last rows, or a range of the time key. */
  window(window: (RowsWindow | ValueWindow) & { readonly withState: true }): Series<D, Name, true>;
  window(window: WindowArgument): Series<D, Name>;
  window(window: WindowArgument): never {
    if (this.kind === 'snapshot') throw noWindow();
    const scope = { frame: this.$frame, window: windowRequest(window), state: windowState(window) };
    return new Series<D, Name>(scope, this.tree) as never;
  }

  /**
   * The same column where `condition` is true, to be aggregated: in other rows it counts as missing, and `size` does not
   * count them.
   */
  where(condition: OtherColumn): SeriesWhere<D> {
    return new SeriesWhere<D>(this.$scope, this.tree, inputTree(this.$frame, condition, 'where'));
  }

  /**
   * How often each value is there: a snapshot of `value` and `count`, in order of the values, or with `{ sort: 'count' }` the most
   * frequent first. Values leave with their last row. Null and NaN are left out; `{ dropna: false }` counts them too.
   */
  valueCounts(options: ValueCountsOptions = {}): ValueCountsFrame<D> {
    const { $scope, tree } = this;
    const made: Made = (writer) => ({ op: 'valueCounts', ...madeOf(writer, $scope), expr: tree, options });
    return resultFrame(valueCounts($scope, tree, options), { keys: ['value'], made }) as never;
  }

  override rolling(window: RollingWindow, options?: RollingOptions): Rolling<D, SeriesFamily<W>> {
    const request = windowRequest(window);
    if ('value' in request && request.on !== undefined) this.$frame.checkName(request.on, 'rolling');
    return super.rolling(window, options);
  }

  /**
   * The rows of each batch, and what running expressions remember right after them, for their option `start`. Costs O(what they
   * remember) for each batch.
   *
   * @throws `not-available` where there is no running expression.
   */
  withState(): Stream<readonly [SavedRunning, Vector<D>]> {
    const { stream } = this;
    return withState(this.#rows!, stream);
  }

  /** The column as another type, as `cast` makes it. */
  astype<T extends DataType>(type: T, options?: CastOptions): Series<T, 'key', W> {
    return this.cast(type, options) as unknown as Series<T, 'key', W>;
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
    return this.#content('full', sameRows);
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
    const scope = { frame, window: this.#window };
    const made: Made = (writer) => ({ op: 'content', ...madeOf(writer, scope), label, fn, isColumn: true });
    return content(scope, label, (table) => fn(table.getChildAt(0) as Vector<D>), made);
  }

  /** The key of its window, where that is a column that the window names. */
  #key(): readonly { readonly name: string; readonly from: string }[] {
    const window = this.#window;
    if (window === undefined || 'n' in window || window.on === undefined) return [];
    return [{ name: window.on, from: window.on }];
  }

  /** How the series was made, as JSON; see `DataFrame.toPlan`. */
  toPlan(): Plan {
    const { $scope, tree } = this;
    return planOf((writer) => writer.add({ op: 'column', ...madeOf(writer, $scope), expr: tree }));
  }

  /** How the series was made, in words; see `DataFrame.explain`. */
  explain(): string {
    const { $scope, tree } = this;
    return explained((writer) => writer.add({ op: 'column', ...madeOf(writer, $scope), expr: tree }));
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
    return new Series(this.$scope, tree, trace);
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
      this.#rows = frame;
      const rows = new RowsNode(frame);
      const read = new ReadNode((batch: Batch) => new Vector([dataOf(batch.column(0))]) as Vector<D>);
      frame.base.node.connect(rows);
      rows.connect(read);
      this.#outlet = read;
    }
    return this.#outlet;
  }
}

type SeriesAggSpec = Readonly<Record<string, AggregationName | readonly [AggregationName, object]>>;

type SeriesAggRecord<A extends SeriesAggSpec, D extends DataType> = {
  -readonly [K in keyof A]: ResultValue<
    A[K] extends readonly [infer N extends AggregationName, object] ? N : Extract<A[K], AggregationName>,
    D
  >;
};
export interface SeriesWhere<D extends DataType = DataType> extends SeriesMethods<D> {}

/** A column of a frame in the rows where a condition is true, to be aggregated. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class SeriesWhere<D extends DataType = DataType> {
  readonly #scope: Scope;
  readonly #tree: ExprTree;
  readonly #condition: ExprTree;

  static {
    addMethods(
      SeriesWhere.prototype,
      'column',
      (definition) =>
        function (...args) {
          return scalarOf(this.#scope, this.#tree, definition, args, this.#condition);
        },
    );
  }

  constructor(scope: Scope, tree: ExprTree, condition: ExprTree) {
    this.#scope = scope;
    this.#tree = tree;
    this.#condition = condition;
  }

  /** The rows where that is true as well. */
  where(condition: OtherColumn): SeriesWhere<D> {
    const tree = both(this.#condition, inputTree(this.#scope.frame, condition, 'where'))!;
    return new SeriesWhere<D>(this.#scope, this.#tree, tree);
  }

  /** Several aggregations in one pass, by the names of their results: `agg({ low: 'min', high: 'max' })`. */
  agg<const A extends SeriesAggSpec>(spec: A, options?: StateOptions): Scalar<SeriesAggRecord<A, D>> {
    const scope = stateIn(this.#scope, 'agg', options);
    const series = new Series({ frame: scope.frame }, this.#tree);
    const items = aggItems(scope.frame, aggSpecOf(series, spec), this.#condition);
    return scalar({ ...scope, items }, readRecord);
  }

  /** The same rows seen through a window, which takes its measure from all rows. */
  window(window: WindowArgument): SeriesWhere<D> {
    if (this.#scope.frame.root.kind === 'snapshot') throw noWindow();
    return new SeriesWhere<D>({ ...this.#scope, window: windowRequest(window) }, this.#tree, this.#condition);
  }
}

const seriesColumn = 'values';

function sameRows<T>(rows: T): T {
  return rows;
}

export function noWindow(): GraphError {
  return new GraphError(
    'not-available',
    'window needs a stream of new rows, but this is a snapshot stream: each emission replaces the one before',
  );
}
