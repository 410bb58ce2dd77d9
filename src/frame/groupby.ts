import type { Bool, DataType, Float64, Int64, RecordBatch, Utf8 } from 'apache-arrow';
import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import { definitions } from '../aggregate/definitions.ts';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import type { Batch } from '../columnar/batch.ts';
import type { ColumnRows } from '../columnar/column-rows.ts';
import type {
  ColumnTypes,
  ExactInteger,
  FamilyOf,
  Flat,
  IsUnknown,
  Unavailable,
} from '../columnar/type-families.ts';
import { type Duration, parseDuration } from '../core/duration.ts';
import { didYouMean, GraphError, quote, SchemaError } from '../errors.ts';
import { Ewm, type EwmOptions } from '../expr/ewm.ts';
import { type AnyExpr, Expr } from '../expr/expr.ts';
import type { RollingOptions, RollingWindow } from '../expr/rolling.ts';
import { type ForwardFillOptions, fillOptions, lagOptions } from '../expr/running-options.ts';
import type { Available, RunningColumns, RunningName, RunningType } from '../expr/running-types.ts';
import type { ExprTree } from '../expr/tree.ts';
import {
  addMethods,
  aggItems,
  aggregateNode,
  aggSpecOf,
  both,
  inputTree,
  madeBy,
  madeByUser,
  readArguments,
  stated,
  stateIn,
  userGroups,
} from './aggregate.ts';
import type { AggregateRequest, GroupKeys, GroupLimits, Scope } from './aggregate-request.ts';
import { derived, resultFrame, type StreamingDataFrame, topFrame } from './dataframe.ts';
import { type EwmFrame, ewmFrame } from './ewm-frame.ts';
import type {
  AggColumns,
  AggregationName,
  AggSpec,
  ColumnsOfResults,
  EveryName,
  ExprLike,
  IsAvailable,
  OtherColumn,
  ResultType,
  Stated,
  StateMethod,
  TypeOfExpr,
} from './method-types.ts';
import { type RollingFrame, rollingFrame } from './rolling-frame.ts';
import { checkNoWindow, everyRunning, overGroups } from './running-frames.ts';
import type { StateOptions } from './saved-state.ts';
import { Scalar } from './scalar.ts';
import { noWindow, Series } from './series.ts';
import { columnProxy, type FrameState, withColumns } from './state.ts';
import { checkUnique, freeName, type NamedExpr } from './steps.ts';
import type { ColumnAggregation, UserRequest } from './user-node.ts';
import { type WindowArgument, windowRequest } from './window-request.ts';

/** What a frame may be grouped by: a column's name, a series, an expression or a callback. */
export type GroupKey<S extends ColumnTypes> = (keyof S & string) | ExprLike<S>;

/** The columns that group keys become. A series has its column's name, any other expression is `key`. */
export type KeyColumns<S extends ColumnTypes, Keys extends readonly unknown[]> = Columns<
  Flat<UnionToIntersection<{ [I in keyof Keys]: KeyColumn<S, Keys[I]> }[number]>>
>;

type Columns<T> = T extends ColumnTypes ? T : never;

type KeyColumn<S extends ColumnTypes, Key> = Key extends keyof S
  ? { [N in Key]: S[N] }
  : Key extends { readonly keyName: infer N extends string; readonly dataType: infer D extends DataType }
    ? { [K in N]: D }
    : { key: TypeOfExpr<Key> };

type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void
  ? I
  : never;

type GroupColumns<Keys extends ColumnTypes, Results> =
  Flat<Keys & Omit<Results, keyof Keys>> extends infer C extends ColumnTypes ? C : ColumnTypes;

/** The result of a group-by: a snapshot frame of one row per group, the keys first. */
export type Grouped<Keys extends ColumnTypes, Results> = StreamingDataFrame<
  GroupColumns<Keys, Results>,
  'snapshot'
> &
  EvictedGroups<GroupColumns<Keys, Results>>;

/** What `maxGroups` and `ttl` have taken away. */
export interface EvictedGroups<S extends ColumnTypes> {
  /** The groups that are given up, with their last results, as new rows; batches without any are not emitted. */
  readonly evicted: StreamingDataFrame<S, 'append'>;
  /** How many groups have been given up, whether or not somebody listens to `evicted`. */
  readonly evictedGroups: number;
}

/** The same with the state of the aggregation before it. */
export type StatedGroups<Keys extends ColumnTypes, Results> = Scalar<
  Stated<RecordBatch<GroupColumns<Keys, Results>>>
>;

type GroupMethod<
  N extends AggregationName,
  Keys extends ColumnTypes,
  Results,
  W extends boolean,
> = StateMethod<N, Grouped<Keys, Results>, StatedGroups<Keys, Results>, W>;

type GroupedIf<Keys extends ColumnTypes, Results, W extends boolean> = W extends true
  ? StatedGroups<Keys, Results>
  : Grouped<Keys, Results>;

export interface GroupByOptions {
  /**
   * Groups in order of their keys (default), or in order of first appearance: in a window, as far as groups are seen that come and
   * go within one batch, so there the order, though nothing else, depends on where batches are cut.
   */
  readonly sort?: boolean;
  /** Leaves out rows whose key is null (default); `false` makes a group of them. */
  readonly dropna?: boolean;
  /**
   * Gives up the groups that were updated least recently where there are more than this after a batch. In the middle of
   * a batch there may be up to twice as many. For groups without a window. Default: no limit.
   */
  readonly maxGroups?: number;
  /**
   * Gives up groups to which no row has come for longer than this, measured by the time key of the frame where that is a
   * time (row by row: a row that comes too late for its group begins a new one; time goes by only with rows), else by the
   * clock of the pipeline at the time of a batch. For groups without a window. Default: no limit.
   */
  readonly ttl?: Duration;
}

/** The aggregations of every column, typed by the columns. */
export type GroupByMethods<S extends ColumnTypes, Keys extends ColumnTypes, W extends boolean = false> = {
  readonly [N in Exclude<EveryName, 'size'>]: GroupMethod<
    N,
    Keys,
    ColumnsOfResults<Omit<S, keyof Keys>, N>,
    W
  >;
};

/** The aggregations of one column. */
export type GroupedSeriesMethods<
  D extends DataType,
  Name extends string,
  Keys extends ColumnTypes,
  W extends boolean = false,
> = {
  readonly [N in AggregationName]: IsUnknown<D> extends true
    ? GroupMethod<N, Keys, { [K in Name]: ResultType<N, D> }, W>
    : IsAvailable<N, D> extends true
      ? GroupMethod<N, Keys, { [K in Name]: ResultType<N, D> }, W>
      : Unavailable<`${N} is not available on ${FamilyOf<D>} columns`>;
};

export interface GroupedSeries<
  D extends DataType,
  Name extends string,
  Keys extends ColumnTypes,
  W extends boolean = false,
> extends GroupedSeriesMethods<D, Name, Keys, W> {}

/** One column of a group-by; its aggregations give a snapshot frame of the keys and the result, which keeps the column's name. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class GroupedSeries<
  D extends DataType,
  Name extends string,
  Keys extends ColumnTypes,
  W extends boolean = false,
> {
  readonly #scope: Scope;
  readonly #name: string;
  readonly #condition: ExprTree | undefined;

  static {
    addMethods(
      GroupedSeries.prototype,
      'column',
      (definition) =>
        function (...args) {
          const name = this.#name;
          const { scope, others, asked } = readArguments(this.#scope, definition, args, this.#condition);
          const item = { name, exprs: [{ op: 'column', name } as const, ...others], ...asked };
          return grouped({ ...scope, items: [item] });
        },
    );
  }

  constructor(scope: Scope, name: string, condition?: ExprTree) {
    this.#scope = scope;
    this.#name = name;
    this.#condition = condition;
  }

  /**
   * The same column where `condition` is true: in other rows it counts as missing, and `size` does not count them. Groups
   * are there all the same.
   */
  where(condition: OtherColumn): GroupedSeries<D, Name, Keys> {
    const tree = inputTree(this.#scope.frame, condition, 'where');
    return new GroupedSeries(this.#scope, this.#name, both(this.#condition, tree));
  }

  /** An aggregation of your own; see `Aggregation`. Its results become a column of numbers, strings, booleans or dates. */
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows<D>, State, R>,
    options: StateOptions & { readonly withState: true },
  ): StatedGroups<Keys, { [K in Name]: ColumnOf<R> }>;
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows<D>, State, R>,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): GroupedIf<Keys, { [K in Name]: ColumnOf<R> }, W>;
  aggregate(aggregation: unknown, options?: StateOptions): never {
    const scope = stateIn(this.#scope, 'aggregate', options);
    const name = this.#name;
    const input = { name, expr: { op: 'column', name } } as const;
    return userGrouped({ ...scope, aggregation: aggregation as ColumnAggregation, input }) as never;
  }

  /** Several aggregations in one pass, by the names of their results: `agg({ low: 'min', high: 'max' })`. */
  agg<const A extends SeriesAggSpec>(
    spec: A,
    options: StateOptions & { readonly withState: true },
  ): StatedGroups<Keys, SeriesAggColumns<A, D>>;
  agg<const A extends SeriesAggSpec>(
    spec: A,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): GroupedIf<Keys, SeriesAggColumns<A, D>, W>;
  agg(spec: SeriesAggSpec, options?: StateOptions): never {
    const scope = stateIn(this.#scope, 'agg', options);
    return grouped({
      ...scope,
      items: aggItems(scope.frame, aggSpecOf(this.#name, spec), this.#condition),
    }) as never;
  }

  /** The running sum of each group by itself, as a series of the frame; see `Expr.cumsum`. */
  cumsum(this: Available<'cumsum', D>): Series<RunningType<'cumsum', D>, 'key'> {
    return running(this, (of) => of.cumsum());
  }
  /** The running product; see `Expr.cumprod`. */
  cumprod(this: Available<'cumprod', D>): Series<RunningType<'cumprod', D>, 'key'> {
    return running(this, (of) => of.cumprod());
  }
  /** The least so far; see `Expr.cummin`. */
  cummin(this: Available<'cummin', D>): Series<RunningType<'cummin', D>, 'key'> {
    return running(this, (of) => of.cummin());
  }
  /** The greatest so far; see `Expr.cummax`. */
  cummax(this: Available<'cummax', D>): Series<RunningType<'cummax', D>, 'key'> {
    return running(this, (of) => of.cummax());
  }
  /** The value `n` rows before in the group; see `Expr.shift`. */
  shift(n = 1): Series<RunningType<'shift', D>, 'key'> {
    return running(this, (of) => of.shift(n));
  }
  /** The value less that `n` rows before in the group; see `Expr.diff`. */
  diff(this: Available<'diff', D>, n = 1): Series<RunningType<'diff', D>, 'key'> {
    return running(this, (of) => of.diff(n));
  }
  /** The change from `n` rows before in the group; see `Expr.pctChange`. */
  pctChange(this: Available<'pctChange', D>, n = 1): Series<RunningType<'pctChange', D>, 'key'> {
    return running(this, (of) => of.pctChange(n));
  }
  /** Missing values filled with the last one of the group; see `Expr.forwardFill`. */
  forwardFill(options?: ForwardFillOptions): Series<RunningType<'forwardFill', D>, 'key'> {
    return running(this, (of) => of.forwardFill(options));
  }
  /** Exponentially weighted results of each group; see `Expr.ewm`. */
  ewm(this: Available<'ewm', D>, options: EwmOptions): Ewm<Series<Float64, 'key'>> {
    return new Ewm(options, (fn, checked) => running(this, (of) => of.$running(fn, checked)));
  }

  /** The column, and the rows it is of. @internal */
  get $column(): { readonly scope: Scope; readonly name: string } {
    return { scope: this.#scope, name: this.#name };
  }
}

/** A running expression of a column by groups, as a series of the frame. */
function running<R>(of: unknown, make: (of: Series) => unknown): R {
  const { scope, name } = (of as GroupedSeries<DataType, string, ColumnTypes>).$column;
  const { frame, groups } = scope;
  checkNoWindow(scope, name);
  const { keys, dropna } = groups!;
  const by = keys.map(({ expr }) => expr);
  const made = make(new Series({ frame }, { op: 'column', name })) as Series;
  return made.$over(by, dropna);
}

type SeriesAggSpec = Readonly<Record<string, AggregationName | readonly [AggregationName, object]>>;

type SeriesAggColumns<A extends SeriesAggSpec, D extends DataType> = {
  -readonly [K in keyof A]: ResultType<
    A[K] extends readonly [infer N extends AggregationName, object] ? N : Extract<A[K], AggregationName>,
    D
  >;
};

/** A frame by groups: the aggregations of all columns, one column as a property, or a selection of columns. */
export type GroupBy<
  S extends ColumnTypes,
  Keys extends ColumnTypes,
  W extends boolean = false,
> = GroupedFrame<S, Keys, W> & {
  readonly [C in Exclude<keyof S & string, keyof GroupedFrame<ColumnTypes, ColumnTypes>>]: GroupedSeries<
    S[C],
    C,
    Keys,
    W
  >;
};

export interface GroupedFrame<S extends ColumnTypes, Keys extends ColumnTypes, W extends boolean = false>
  extends GroupByMethods<S, Keys, W> {}

/**
 * The rows of a frame, or of a window on it, by groups. Each aggregation gives a snapshot frame with one row
 * per group, emitted once per batch. A group of a window leaves with its last row; without a window groups stay
 * for ever, unless `maxGroups` or `ttl` takes them away; a key that comes back begins afresh. NaN is a key like any other, -0 is 0.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class GroupedFrame<S extends ColumnTypes, Keys extends ColumnTypes, W extends boolean = false> {
  /** @internal */
  readonly $scope: Scope;
  /** @internal */
  readonly $only: readonly string[] | undefined;

  static {
    addMethods(
      GroupedFrame.prototype,
      'frame',
      (definition) =>
        function (...args) {
          const { scope, asked } = readArguments(this.$scope, definition, args);
          return grouped({ ...scope, items: { ...asked, only: this.$only } });
        },
      ['size'],
    );
  }

  constructor(scope: Scope, only?: readonly string[]) {
    this.$scope = scope;
    this.$only = only;
  }

  /** The columns and nothing else: `groups.col.count` is the column where `groups.count` is the method. */
  get col(): { readonly [C in keyof S & string]: GroupedSeries<S[C], C, Keys, W> } {
    const scope = this.$scope;
    return columnProxy((name) => {
      scope.frame.checkName(name);
      return new GroupedSeries(scope, name);
    }) as never;
  }

  /** The number of rows of each group, missing values included, as column `size`. */
  size(
    options: StateOptions & { readonly withState: true },
  ): StatedGroups<Keys, { size: ResultType<'size', DataType> }>;
  size(
    options?: StateOptions & { readonly withState?: false | undefined },
  ): GroupedIf<Keys, { size: ResultType<'size', DataType> }, W>;
  size(options?: StateOptions): never {
    const definition = definitions.get('size') as AggregationDefinition;
    const scope = stateIn(this.$scope, 'size', options);
    const item = { name: 'size', exprs: [], definition, options: {} };
    return grouped({ ...scope, items: [item] }) as never;
  }

  /**
   * Several aggregations in one pass: `agg({ total: ['amount', 'sum'], amount: 'mean', rows: 'size' })`. The
   * columns of the result are the keys, then these.
   */
  agg<const A extends AggSpec<S>>(
    spec: A,
    options: StateOptions & { readonly withState: true },
  ): StatedGroups<Keys, AggColumns<S, A>>;
  agg<const A extends AggSpec<S>>(
    spec: A,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): GroupedIf<Keys, AggColumns<S, A>, W>;
  agg(spec: AggSpec<S>, options?: StateOptions): never {
    const scope = stateIn(this.$scope, 'agg', options);
    return grouped({ ...scope, items: aggItems(scope.frame, spec) }) as never;
  }

  /**
   * The `n` rows of each group with the greatest values, greatest first; of equal ones those that came first. Rows whose value
   * is null or NaN are left out. All columns are kept, the keys first. Memory: n rows of each group, in a window the rows in
   * view.
   */
  nlargest(n: number, by: (keyof S & string) | ExprLike<S>): Grouped<Keys, S> {
    return topFrame(this.$scope, n, by, true);
  }

  /** The `n` rows of each group with the least values, least first; see {@link GroupedFrame.nlargest}. */
  nsmallest(n: number, by: (keyof S & string) | ExprLike<S>): Grouped<Keys, S> {
    return topFrame(this.$scope, n, by, false);
  }

  /** An aggregation of your own of each numeric column; see `Aggregation`. */
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows, State, R>,
    options: StateOptions & { readonly withState: true },
  ): StatedGroups<Keys, UserColumns<S, Keys, R>>;
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows, State, R>,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): GroupedIf<Keys, UserColumns<S, Keys, R>, W>;
  aggregate(aggregation: unknown, options?: StateOptions): never {
    const scope = stateIn(this.$scope, 'aggregate', options);
    return userGrouped({
      ...scope,
      aggregation: aggregation as ColumnAggregation,
      only: this.$only,
    }) as never;
  }

  /**
   * A window for each group: its own last rows, as in `window(10)`, or those in the range below the greatest key of the group
   * itself, as in `window('2h')`. A group never leaves, as its newest row is always in view.
   */
  window(window: WindowArgument<keyof S & string>): GroupBy<S, Keys> {
    checkFree(this.$scope, 'window');
    const { frame } = this.$scope;
    const request = windowRequest(window);
    if ('value' in request) {
      if (request.on !== undefined) frame.checkName(request.on, 'window');
      if (request.live !== undefined && request.live !== false) {
        throw new GraphError(
          'not-available',
          'the window of a group ends at the greatest key of the group, which the clock does not move; put the window before groupby',
        );
      }
    }
    return groupBy({ ...this.$scope, window: request, perKey: true }, this.$only) as never;
  }

  /**
   * The rows of each group in windows that end at each row: `groups.rolling(10).x.mean()` is a series with one result for each
   * row, `groups.rolling(10).mean()` a frame of them beside the keys; see `Rolling`.
   */
  rolling(window: RollingWindow<keyof S & string>, options?: RollingOptions): RollingFrame<S, Keys> {
    return rollingFrame(this.$scope, window, options, this.$only) as never;
  }

  /** All rows of each group so far, as a window that nothing leaves: the same as without it. See `DataFrame.expanding`. */
  expanding(): GroupBy<S, Keys> {
    checkFree(this.$scope, 'expanding');
    return groupBy(this.$scope, this.$only) as never;
  }

  /** Only these columns take part in what follows. */
  select<const C extends readonly (keyof S & string)[]>(...columns: C): GroupBy<Pick<S, C[number]>, Keys, W> {
    for (const name of columns) this.$scope.frame.checkName(name, 'select');
    checkUnique(columns, 'select');
    return groupBy(this.$scope, columns) as never;
  }

  /** The running sums of each group by itself: the keys and the time key, then every column that `cumsum` takes, a row for each row. */
  cumsum(): KeyedRows<S, Keys, 'cumsum'> {
    return every(this, 'cumsum') as never;
  }
  /** The running products; else as `cumsum`. */
  cumprod(): KeyedRows<S, Keys, 'cumprod'> {
    return every(this, 'cumprod') as never;
  }
  /** The least so far; else as `cumsum`. */
  cummin(): KeyedRows<S, Keys, 'cummin'> {
    return every(this, 'cummin') as never;
  }
  /** The greatest so far; else as `cumsum`. */
  cummax(): KeyedRows<S, Keys, 'cummax'> {
    return every(this, 'cummax') as never;
  }
  /** The row `n` before in the group; else as `cumsum`. */
  shift(n = 1): KeyedRows<S, Keys, 'shift'> {
    return every(this, 'shift', lagOptions(n, 'shift')) as never;
  }
  /** Each row less the one `n` before in the group; else as `cumsum`. */
  diff(n = 1): KeyedRows<S, Keys, 'diff'> {
    return every(this, 'diff', lagOptions(n, 'diff')) as never;
  }
  /** The change from the row `n` before in the group; else as `cumsum`. */
  pctChange(n = 1): KeyedRows<S, Keys, 'pctChange'> {
    return every(this, 'pctChange', lagOptions(n, 'pctChange')) as never;
  }
  /** Null and NaN filled with the last value of the group; else as `cumsum`. */
  forwardFill(options?: ForwardFillOptions): KeyedRows<S, Keys, 'forwardFill'> {
    return every(this, 'forwardFill', fillOptions(options)) as never;
  }
  /** Exponentially weighted results of each group by itself; see `DataFrame.ewm`. */
  ewm(options: EwmOptions): EwmFrame<S, Keys> {
    return ewmFrame(this.$scope, options, (frame) => derived(frame), this.$only) as never;
  }
  /** Which row of its group each row is, from 1, as a series of the frame. */
  rowNumber(): Series<ExactInteger, 'key'> {
    checkNoWindow(this.$scope, 'rowNumber');
    return new Series(
      { frame: this.$scope.frame },
      overGroups(this.$scope, { op: 'running', fn: 'rowNumber', args: [], options: {} }),
    );
  }
}

type UserColumns<S extends ColumnTypes, Keys, R> = {
  [C in Exclude<keyof S, keyof Keys> as FamilyOf<S[C]> extends 'number' | 'int64' | 'unknown'
    ? C
    : never]: ColumnOf<R>;
};

/** The frame of the results, or, where the state is asked for, a running value of both. */
export function grouped(request: AggregateRequest): unknown {
  const node = aggregateNode(request);
  const made = madeBy(request, 'groups');
  if (request.state?.withState !== true)
    return resultFrame(node, { groups: node, keys: request.groups!.keys.map(({ name }) => name), made });
  return Scalar.of(
    node,
    stated(request, node, (batch: Batch) => batch.toRecordBatch()),
    made,
  );
}

export function userGrouped(request: UserRequest): unknown {
  if (request.groups?.limits !== undefined) {
    throw new GraphError('not-available', 'maxGroups and ttl are for built-in aggregations');
  }
  const { source, node } = userGroups(request);
  const made = madeByUser(request, 'groups');
  if (request.state?.withState !== true) return resultFrame(node, { made });
  return Scalar.of(
    node,
    stated(request, source, (batch: Batch) => batch.toRecordBatch()),
    made,
  );
}

/** @throws `not-available` where the rows are no stream of new rows, or those of a window. */
function checkFree({ frame, window }: Scope, operation: string): void {
  if (frame.root.kind === 'snapshot') throw noWindow();
  if (window === undefined) return;
  throw new GraphError('not-available', `${operation}: the rows are seen through a window already`);
}

function every(groups: unknown, fn: string, options?: Readonly<Record<string, unknown>>): StreamingDataFrame {
  const { $scope, $only } = groups as GroupedFrame<ColumnTypes, ColumnTypes>;
  return derived(everyRunning($scope, fn, options, $only));
}

/** The keys of groups, and a running function of the other columns. */
type KeyedRows<S extends ColumnTypes, Keys extends ColumnTypes, N extends RunningName> = StreamingDataFrame<
  Flat<Keys & RunningColumns<Omit<S, keyof Keys>, N>>
>;

/** A group-by with its columns as properties. */
export function groupBy(scope: Scope, only?: readonly string[]): GroupBy<ColumnTypes, ColumnTypes> {
  const target = new GroupedFrame<ColumnTypes, ColumnTypes>(scope, only);
  return withColumns(target, scope.frame, (name) => new GroupedSeries(scope, name)) as GroupBy<
    ColumnTypes,
    ColumnTypes
  >;
}

/** Reads the arguments of `groupby`. @throws `bad-option`, `no-such-column`, `bad-expression`. */
export function groupKeys({ frame, window }: Scope, args: readonly unknown[]): GroupKeys {
  const last = args.at(-1);
  const isOptions =
    typeof last === 'object' && last !== null && !Array.isArray(last) && !(last instanceof Expr);
  const options = (isOptions ? last : {}) as GroupByOptions;
  for (const name of Object.keys(options)) {
    if (optionNames.includes(name)) continue;
    throw new SchemaError(
      'bad-option',
      `groupby has no option ${quote(name)}${didYouMean(name, optionNames) || ';'} there are ${optionNames.join(', ')}`,
    );
  }
  const limits = groupLimits(options, frame, window);
  const given = (isOptions ? args.slice(0, -1) : args).flat();
  if (given.length === 0) throw new SchemaError('bad-option', 'groupby needs at least one key');
  const taken = new Set<string>();
  const keys = given.map((key): NamedExpr => {
    const named = keyOf(frame, key);
    const name = freeName(named.name, taken);
    taken.add(name);
    return { name, expr: named.expr };
  });
  return { keys, sort: options.sort ?? true, dropna: options.dropna ?? true, limits };
}

const optionNames = ['sort', 'dropna', 'maxGroups', 'ttl'];

/** @throws `bad-option`, and `not-available` where groups end by themselves. */
function groupLimits(
  { maxGroups, ttl }: GroupByOptions,
  frame: FrameState,
  window: Scope['window'],
): GroupLimits | undefined {
  if (maxGroups === undefined && ttl === undefined) return undefined;
  if (window !== undefined || frame.root.kind === 'snapshot') {
    const why =
      window === undefined
        ? 'a snapshot stream has its groups anew each time'
        : 'in a window, groups leave with their last row';
    throw new GraphError('not-available', `groupby: maxGroups and ttl are for groups over all time; ${why}`);
  }
  if (maxGroups !== undefined && !(Number.isSafeInteger(maxGroups) && maxGroups > 0)) {
    throw new SchemaError(
      'bad-option',
      `groupby: maxGroups must be a whole number of at least 1, got ${String(maxGroups)}`,
    );
  }
  if (ttl !== undefined && parseDuration(ttl, 'ttl') <= 0n) {
    throw new SchemaError('bad-option', `groupby: ttl must be longer than nothing, got ${quote(ttl)}`);
  }
  return { maxGroups, ttl };
}

function keyOf(frame: FrameState, key: unknown): NamedExpr {
  if (typeof key === 'string') {
    frame.checkName(key, 'groupby');
    return { name: key, expr: { op: 'column', name: key } };
  }
  const expr = frame.resolve(key as AnyExpr, 'groupby');
  return { name: expr.op === 'column' ? expr.name : 'key', expr };
}

/** The Arrow type of a column of JavaScript values. */
type ColumnOf<R> = [NonNullable<R>] extends [number]
  ? Float64
  : [NonNullable<R>] extends [bigint]
    ? Int64
    : [NonNullable<R>] extends [boolean]
      ? Bool
      : [NonNullable<R>] extends [string]
        ? Utf8
        : DataType;
