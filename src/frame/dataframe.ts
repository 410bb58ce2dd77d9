import {
  type Bool,
  type DataType,
  type Float64,
  type Int64,
  type RecordBatch,
  Schema,
  type TimestampMillisecond,
  type Utf8,
} from 'apache-arrow';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import type { Batch } from '../columnar/batch.ts';
import type { ColumnRows } from '../columnar/column-rows.ts';
import type { DriftCounts } from '../columnar/schema-gate.ts';
import type { AnySchema, ColumnTypes, Flat } from '../columnar/type-families.ts';
import { holdWhileReachable } from '../core/handle.ts';
import type { Flow, Node } from '../core/node.ts';
import { didYouMean, GraphError, quote, SchemaError } from '../errors.ts';
import type { EwmOptions } from '../expr/ewm.ts';
import { type AnyExpr, Expr, literalTree } from '../expr/expr.ts';
import { parseQuery, type QueryParameters } from '../expr/query.ts';
import type { RollingOptions, RollingWindow, SavedRunning } from '../expr/rolling.ts';
import { type ForwardFillOptions, fillOptions, lagOptions } from '../expr/running-options.ts';
import type { RunningColumns } from '../expr/running-types.ts';
import type { ExprTree } from '../expr/tree.ts';
import { type EmitOptions, Stream, type StreamOptions } from '../stream.ts';
import { addMethods, stateIn, userRecords } from './aggregate.ts';
import type { AggregateNode } from './aggregate-node.ts';
import type { Scope } from './aggregate-request.ts';
import { typesOf } from './bind-fields.ts';
import { type EwmFrame, ewmFrame } from './ewm-frame.ts';
import { type Example, schemaOfExample } from './example.ts';
import { cells, everyColumn, recordOfItems, rowCount } from './frame-aggregates.ts';
import { type FrameInput, FrameNode, type FrameNodeOptions, type QuarantinedBatch } from './frame-node.ts';
import {
  type GroupBy,
  type GroupByOptions,
  type GroupKey,
  groupBy,
  groupKeys,
  type KeyColumns,
} from './groupby.ts';
import { Live, ReadNode } from './live.ts';
import { checkLive, type LiveOptions } from './live-window.ts';
import type { AggRecord, AggSpec, ExprLike, Row, Stated, TypeOfExpr, UserRecord } from './method-types.ts';
import { type RollingFrame, rollingFrame } from './rolling-frame.ts';
import { RowsNode } from './rows-node.ts';
import { type DedupeFrameOptions, deduped, everyRunning, firstRows } from './running-frames.ts';
import type { StateOptions } from './saved-state.ts';
import type { Scalar } from './scalar.ts';
import { noWindow, Series } from './series.ts';
import { columnProxy, FrameState, type RowCallback, type StreamKind, withColumns } from './state.ts';
import { BoundSteps, checkUnique, type Projected } from './steps.ts';
import type { ColumnAggregation, UserGroupsNode } from './user-node.ts';
import {
  type RowsWindow,
  type ValueWindow,
  type WindowArgument,
  windowRequest,
  windowState,
} from './window-request.ts';
import type { FrameMethods } from './windowed.ts';
import { type WindowedFrame, windowedFrame } from './windowed.ts';
import { withState } from './with-state.ts';

export interface StreamingDataFrameOptions<S extends ColumnTypes = ColumnTypes> extends FrameNodeOptions {
  /** The columns, as `schema({ name: utf8, amount: float64 })` declares them. Default: those of the first batch. */
  schema?: Schema<S> | undefined;
  /** In place of a schema: a row, rows or columns like those to come, from whose values the types of the columns are read. */
  example?: Example | undefined;
  /** The time key: the column that windows such as `'2h'` range over. */
  time?: (keyof S & string) | undefined;
  /**
   * Whether windows over times go on by the clock where no rows come, so that old rows leave them: for sources that are live.
   * Default `false`: windows move with the rows alone, and results depend on nothing else.
   */
  live?: boolean | LiveOptions | undefined;
}

/**
 * A stream of record batches as a frame with columns `S`: its columns are properties, its methods build a plan that
 * runs when somebody listens. Immutable: methods give new frames.
 */
export type StreamingDataFrame<
  S extends ColumnTypes = AnySchema,
  K extends StreamKind = 'append',
> = DataFrame<S, K> & {
  readonly [C in Exclude<keyof S & string, keyof DataFrame<ColumnTypes, StreamKind>>]: Series<S[C], C>;
};

/** What may be assigned to a column: an expression, a callback, or one value for every row. */
export type Assigned<S extends ColumnTypes> = ExprLike<S> | number | bigint | boolean | string | Date;

export type AssignedType<V> = V extends number
  ? Float64
  : V extends bigint
    ? Int64
    : V extends boolean
      ? Bool
      : V extends string
        ? Utf8
        : V extends Date
          ? TimestampMillisecond
          : TypeOfExpr<V>;

type WithAssigned<S extends ColumnTypes, A> = Flat<
  Omit<S, keyof A> & { -readonly [C in keyof A]: AssignedType<A[C]> }
>;

type Renamed<S extends ColumnTypes, R> = {
  [C in keyof S & string as C extends keyof R ? Extract<R[C], string> : C]: S[C];
};

// biome-ignore lint/correctness/noUnusedVariables: merged declarations repeat all parameters
export interface DataFrame<S extends ColumnTypes, K extends StreamKind> extends FrameMethods<S> {}

/** The methods of a frame; see {@link StreamingDataFrame}. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class DataFrame<S extends ColumnTypes, K extends StreamKind> extends Live<RecordBatch<S>> {
  override readonly kind: K;
  /** The plan. @internal */
  readonly $frame: FrameState;
  /** @internal */
  $node: Node<never, RecordBatch<S>> | undefined;
  /** @internal */
  $letGo: (() => void) | undefined;
  /** Where a frame that can be emitted into takes its batches. @internal */
  readonly $inlet: Inlet | undefined;

  static {
    addMethods(
      DataFrame.prototype,
      'frame',
      (definition) =>
        function (...args) {
          return everyColumn(this.$scope, definition, args);
        },
      ['size'],
    );
  }

  constructor(frame: FrameState, inlet?: Inlet) {
    super();
    this.$frame = frame;
    this.$inlet = inlet;
    this.kind = frame.root.kind as K;
  }

  /** @internal */
  get $scope(): Scope {
    return { frame: this.$frame };
  }

  /** @internal */
  override get $outlet(): Node<never, RecordBatch<S>> {
    if (this.$node === undefined) {
      const rows = new RowsNode(this.$frame);
      const read = new ReadNode((batch: Batch) => batch.toRecordBatch() as RecordBatch<S>);
      this.$frame.base.node.connect(rows);
      rows.connect(read);
      this.$node = read;
    }
    return this.$node;
  }

  /** The newest rows: of a snapshot the rows of now, else the last batch that came while somebody listened. */
  override get current(): RecordBatch<S> | undefined {
    const { base, rest } = this.$frame;
    const batch = base.current();
    if (batch === undefined || rest.length === 0) return batch?.toRecordBatch() as RecordBatch<S> | undefined;
    return new BoundSteps(base.schema()!, rest).batch(batch).toRecordBatch() as RecordBatch<S>;
  }

  /** The columns and their types, or `undefined` while they are not known. */
  get schema(): Schema<S> | undefined {
    const { fields } = this.$frame;
    if (fields === undefined) return undefined;
    const root = this.$frame.root.schema()!;
    return (this.$frame.steps.length === 0 ? root : new Schema([...fields])) as Schema<S>;
  }

  /** The names of the columns, or `undefined` while they are not known. */
  get columns(): (keyof S & string)[] | undefined {
    return this.$frame.names as (keyof S & string)[] | undefined;
  }

  /** The columns and nothing else: `df.col.count` is the column where `df.count` is the method. */
  get col(): { readonly [C in keyof S & string]: Series<S[C], C> } {
    return columnProxy((name) => this.$column(name)) as never;
  }

  /** @internal */
  $column(name: string): Series<DataType> {
    this.$frame.checkName(name);
    return new Series(this.$scope, { op: 'column', name });
  }

  /**
   * Gives a batch to the frame: a record batch, a table, rows as objects, or columns by name. Arrow data and typed
   * arrays are taken as they are, not copied: do not write into them afterwards.
   *
   * @throws what failed, see `Stream.emit`; `schema-mismatch` where the batch differs from the schema, `bad-value`
   * where rows did not fit it (the others went on); `not-available` on a frame that was made from another.
   */
  emit(value: FrameInput, options?: EmitOptions): Flow {
    if (this.$inlet === undefined || this.$frame.steps.length > 0) {
      throw new GraphError(
        'not-available',
        'emit works on the frame that was made of a stream, not on one derived from it',
      );
    }
    return this.$inlet.open().emit(value, options);
  }

  /**
   * The batches that were set aside since their schema is not that of the stream, with what differs; see the option `drift`.
   *
   * @throws `not-available` on a frame of results.
   */
  get quarantined(): Stream<QuarantinedBatch> {
    return this.$top('quarantined').quarantined;
  }

  /** How many columns and batches did not have the schema of the stream; see the option `drift`. */
  get driftCounts(): DriftCounts {
    return this.$top('driftCounts').driftCounts;
  }

  /** @internal */
  $top(asked: string): FrameNode {
    const { node } = this.$frame.root;
    if (node instanceof FrameNode) return node;
    throw new GraphError('not-available', `${asked}: a frame of results has no batches from outside`);
  }

  /** The rows for which a condition is true; where it is null they are left out. */
  filter(condition: ExprLike<S, Bool>): StreamingDataFrame<S, K> {
    return derived(this.$frame.with({ step: 'filter', condition: this.$frame.resolve(condition, 'filter') }));
  }

  /**
   * The rows for which a condition given as text is true: `query("amount > 5 and name == 'Alice'")`, or with values from
   * outside `query('amount > @limit', { limit: 5 })`. The text is read by a parser of its own into the expression that
   * methods would build; nothing in it is run as a program.
   *
   * `and` `or` `not` (`&` `|` `~`), `==` `!=` `<` `<=` `>` `>=` also in chains, `in [..]`, `not in [..]`, `is null`, `is not
   * null`, `+` `-` `*` `/` `//` `%` `**`, methods of expressions as in `name.str.lower()`, functions as in `abs(x)`; strings
   * in single or double quotes, columns whose name is no word in backticks. Beside a column of times, strings are ISO 8601
   * times; beside a 64-bit column, whole numbers are 64-bit.
   *
   * @throws `bad-expression`, `no-such-column`, `type-mismatch`, showing the place in the text.
   */
  query(text: string, parameters: QueryParameters = {}): StreamingDataFrame<S, K> {
    const { fields } = this.$frame;
    const condition = parseQuery(text, { types: fields && typesOf(fields), parameters });
    return derived(this.$frame.with({ step: 'filter', condition }));
  }

  /** The frame with columns added or replaced, each computed from the columns as they were before. */
  assign<const A extends Readonly<Record<string, Assigned<S>>>>(
    columns: A,
  ): StreamingDataFrame<WithAssigned<S, A>, K>;
  /** The same, given a callback over a row of columns. */
  assign<const A extends Readonly<Record<string, AnyExpr | number | bigint | boolean | string | Date>>>(
    columns: (row: Row<S>) => A,
  ): StreamingDataFrame<WithAssigned<S, A>, K>;
  assign(given: unknown): never {
    const columns =
      typeof given === 'function' ? this.$frame.resolveRecord(given as RowCallback, 'assign') : given;
    if (typeof columns !== 'object' || columns === null || columns instanceof Expr) {
      throw new SchemaError(
        'bad-option',
        `assign takes an object of columns, as in assign({ z: df.x.add(df.y) })`,
      );
    }
    const assigned = Object.entries(columns).map(([name, value]) => ({
      name,
      expr: this.$assigned(name, value),
    }));
    return derived(this.$frame.with({ step: 'assign', columns: assigned })) as never;
  }

  /** @internal */
  $assigned(name: string, value: unknown): ExprTree {
    const isExpr =
      typeof value === 'function' ||
      (typeof value === 'object' && value !== null && !(value instanceof Date));
    return isExpr
      ? this.$frame.resolve(value, `assign ${quote(name)}`)
      : literalTree(value, `assign ${quote(name)}`);
  }

  /** Only these columns, in this order. The time key stays in reach of windows. */
  select<const C extends readonly (keyof S & string)[]>(
    ...columns: C
  ): StreamingDataFrame<Flat<Pick<S, C[number]>>, K> {
    for (const name of columns) this.$frame.checkName(name, 'select');
    checkUnique(columns, 'select');
    return derived(
      this.$frame.with({ step: 'project', columns: columns.map((name) => ({ name, from: name })) }),
    );
  }

  /** All columns but these. */
  drop<const C extends readonly (keyof S & string)[]>(
    ...columns: C
  ): StreamingDataFrame<Flat<Omit<S, C[number]>>, K> {
    for (const name of columns) this.$frame.checkName(name, 'drop');
    const names = this.$known('drop').filter((name) => !(columns as readonly string[]).includes(name));
    return derived(
      this.$frame.with({ step: 'project', columns: names.map((name) => ({ name, from: name })) }),
    ) as never;
  }

  /** The frame with other names for some columns: `rename({ old: 'new' })`. */
  rename<const R extends { readonly [C in keyof S]?: string }>(
    names: R,
  ): StreamingDataFrame<Renamed<S, R>, K> {
    const given = names as Readonly<Record<string, string>>;
    for (const name of Object.keys(given)) this.$frame.checkName(name, 'rename');
    const columns = this.$known('rename').map((from): Projected => ({ name: given[from] ?? from, from }));
    checkUnique(
      columns.map(({ name }) => name),
      'rename',
    );
    return derived(this.$frame.with({ step: 'project', columns })) as never;
  }

  /** @internal */
  $known(operation: string): string[] {
    const { names } = this.$frame;
    if (names !== undefined) return names;
    throw new SchemaError(
      'not-available',
      `${operation} needs to know the columns; declare a schema where the frame is made`,
    );
  }

  /**
   * The rows through a window: the last n as in `window(100)`, or a range of the time key as in `window('2h')`.
   * Only streams of new rows have windows.
   */
  window(
    this: DataFrame<S, 'append'>,
    window: (RowsWindow | ValueWindow<keyof S & string>) & { readonly withState: true },
  ): WindowedFrame<S, true>;
  window(this: DataFrame<S, 'append'>, window: WindowArgument<keyof S & string>): WindowedFrame<S>;
  window(window: WindowArgument<keyof S & string>): never {
    if (this.kind !== 'append') throw noWindow();
    const request = windowRequest(window);
    if ('value' in request && request.on !== undefined) this.$frame.checkName(request.on, 'window');
    return windowedFrame({ frame: this.$frame, window: request, state: windowState(window) }) as never;
  }

  /**
   * The rows in windows that end at each row: `df.rolling(10).x.mean()` is a series with one result for each row,
   * `df.rolling('2h').mean()` a frame of them; see `Rolling`.
   */
  rolling(
    this: DataFrame<S, 'append'>,
    window: RollingWindow<keyof S & string>,
    options?: RollingOptions,
  ): RollingFrame<S> {
    return rollingFrame(this.$scope, window, options) as never;
  }

  /**
   * All rows so far, as a window that nothing leaves: running values, emitted once per batch, the same as without it. For a
   * result for each row see `Expr.expanding`.
   */
  expanding(this: DataFrame<S, 'append'>): WindowedFrame<S> {
    if (this.kind !== 'append') throw noWindow();
    return windowedFrame(this.$scope) as never;
  }

  /**
   * The rows of each batch, and what running expressions remember right after them, for their option `start`. Costs O(what they
   * remember) for each batch.
   *
   * @throws `not-available` where there is no running expression.
   */
  withState(): Stream<readonly [SavedRunning, RecordBatch<S>]> {
    return withState(this.$frame, this.stream);
  }

  /** The sum of each row and all before it, of every column that `cumsum` takes. The time key stays, other columns are left out. */
  cumsum(this: DataFrame<S, 'append'>): StreamingDataFrame<RunningColumns<S, 'cumsum'>> {
    return derived(everyRunning(this.$scope, 'cumsum'));
  }
  /** The product of each row and all before it, of every column that `cumprod` takes; else as `cumsum`. */
  cumprod(this: DataFrame<S, 'append'>): StreamingDataFrame<RunningColumns<S, 'cumprod'>> {
    return derived(everyRunning(this.$scope, 'cumprod'));
  }
  /** The least of each row and all before it, of every column that `cummin` takes; else as `cumsum`. */
  cummin(this: DataFrame<S, 'append'>): StreamingDataFrame<RunningColumns<S, 'cummin'>> {
    return derived(everyRunning(this.$scope, 'cummin'));
  }
  /** The greatest of each row and all before it, of every column that `cummax` takes; else as `cumsum`. */
  cummax(this: DataFrame<S, 'append'>): StreamingDataFrame<RunningColumns<S, 'cummax'>> {
    return derived(everyRunning(this.$scope, 'cummax'));
  }
  /** The row `n` before, of every column but the time key, which stays. */
  shift(this: DataFrame<S, 'append'>, n = 1): StreamingDataFrame<RunningColumns<S, 'shift'>> {
    return derived(everyRunning(this.$scope, 'shift', lagOptions(n, 'shift')));
  }
  /** Each row less the one `n` before, of every column that `diff` takes. The time key stays, other columns are left out. */
  diff(this: DataFrame<S, 'append'>, n = 1): StreamingDataFrame<RunningColumns<S, 'diff'>> {
    return derived(everyRunning(this.$scope, 'diff', lagOptions(n, 'diff')));
  }
  /** The change from the row `n` before, as a fraction, of every column that `pctChange` takes; else as `diff`. */
  pctChange(this: DataFrame<S, 'append'>, n = 1): StreamingDataFrame<RunningColumns<S, 'pctChange'>> {
    return derived(everyRunning(this.$scope, 'pctChange', lagOptions(n, 'pctChange')));
  }
  /** Null and NaN filled with the last value that was there, in every column but the time key. */
  forwardFill(
    this: DataFrame<S, 'append'>,
    options?: ForwardFillOptions,
  ): StreamingDataFrame<RunningColumns<S, 'forwardFill'>> {
    return derived(everyRunning(this.$scope, 'forwardFill', fillOptions(options)));
  }

  /**
   * Exponentially weighted results of every column that `ewm` takes, as `ewm({ halflife: 5 }).mean()`, or of one,
   * as `ewm({ halflife: 5 }).amount.mean()`; a row for each row. The time key stays.
   */
  ewm(this: DataFrame<S, 'append'>, options: EwmOptions): EwmFrame<S> {
    return ewmFrame(this.$scope, options, (frame) => derived(frame)) as never;
  }

  /**
   * The rows that are no repeats of earlier ones: whose keys are not among the `within` different ones that came last, or, given
   * a duration, of whose keys no row went through in that time before, by the time key. Remembers that many keys, or
   * those of twice that time.
   */
  dedupe(this: DataFrame<S, 'append'>, options: DedupeFrameOptions<S>): StreamingDataFrame<S> {
    return derived(deduped(this.$frame, options as DedupeFrameOptions));
  }

  /** The first `n` rows from now on; nothing more after them. */
  head(this: DataFrame<S, 'append'>, n = 5): StreamingDataFrame<S> {
    return derived(firstRows(this.$frame, n));
  }

  /** The rows by groups: by names, series, expressions or callbacks. */
  groupby<const Keys extends readonly GroupKey<S>[]>(
    keys: Keys,
    options?: GroupByOptions,
  ): GroupBy<S, KeyColumns<S, Keys>>;
  groupby<const Key extends GroupKey<S>>(key: Key, options: GroupByOptions): GroupBy<S, KeyColumns<S, [Key]>>;
  groupby<const Keys extends readonly GroupKey<S>[]>(...keys: Keys): GroupBy<S, KeyColumns<S, Keys>>;
  groupby(...args: unknown[]): never {
    return groupBy({ ...this.$scope, groups: groupKeys(this.$scope, args) }) as never;
  }

  /** The number of cells so far: rows times columns. */
  size(options: StateOptions & { readonly withState: true }): Scalar<Stated<number>>;
  size(options?: StateOptions & { readonly withState?: false | undefined }): Scalar<number>;
  size(options?: StateOptions): never {
    return cells(this.$scope, options) as never;
  }

  /** The number of rows so far. */
  numRows(options: StateOptions & { readonly withState: true }): Scalar<Stated<number>>;
  numRows(options?: StateOptions & { readonly withState?: false | undefined }): Scalar<number>;
  numRows(options?: StateOptions): never {
    return rowCount(this.$scope, options) as never;
  }

  /** Several aggregations in one pass: `agg({ total: ['amount', 'sum'], amount: 'mean' })`. */
  agg<const A extends AggSpec<S>>(
    spec: A,
    options: StateOptions & { readonly withState: true },
  ): Scalar<Stated<AggRecord<S, A>>>;
  agg<const A extends AggSpec<S>>(
    spec: A,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): Scalar<AggRecord<S, A>>;
  agg(spec: AggSpec<S>, options?: StateOptions): never {
    return recordOfItems(this.$scope, spec, options) as never;
  }

  /** An aggregation of your own of each numeric column, as a record; see `Aggregation`. */
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows, State, R>,
    options: StateOptions & { readonly withState: true },
  ): Scalar<Stated<UserRecord<S, R>>>;
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows, State, R>,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): Scalar<UserRecord<S, R>>;
  aggregate(aggregation: unknown, options?: StateOptions): never {
    const scope = stateIn(this.$scope, 'aggregate', options);
    return userRecords(scope, aggregation as ColumnAggregation) as never;
  }

  override dispose(): void {
    this.$letGo?.();
    this.$node?.dispose();
    if (this.$inlet === undefined) return;
    this.$inlet.close();
    this.$frame.root.node.dispose();
  }
}

/** The frame of a plan that was made of another. */
export function derived<S extends ColumnTypes, K extends StreamKind>(
  frame: FrameState,
): StreamingDataFrame<S, K> {
  return asFrame(new DataFrame<S, K>(frame));
}

function asFrame<S extends ColumnTypes, K extends StreamKind>(
  target: DataFrame<S, K>,
): StreamingDataFrame<S, K> {
  return withColumns(
    target,
    target.$frame,
    (name) => new Series(target.$scope, { op: 'column', name }),
  ) as StreamingDataFrame<S, K>;
}

/** The frame of the results of an aggregation by groups. */
export function resultFrame(
  node: AggregateNode | UserGroupsNode,
  groups?: AggregateNode,
): StreamingDataFrame<ColumnTypes, 'snapshot'> {
  const root = {
    node,
    kind: 'snapshot' as const,
    time: undefined,
    schema: () => node.output,
    current: () => node.current,
  };
  const target = new DataFrame<ColumnTypes, 'snapshot'>(new FrameState(root));
  // The root, as whatever was made of the frame leads back to it: other frames, columns, streams.
  target.$letGo = holdWhileReachable(root, node);
  Object.defineProperties(target, {
    evicted: { get: () => evictedFrame(groups) },
    evictedGroups: { get: () => groups?.evictedGroups ?? 0 },
  });
  return asFrame(target);
}

/** The frame of the groups that an aggregation gives up. @throws `not-available` where it never does. */
function evictedFrame(groups: AggregateNode | undefined): StreamingDataFrame<ColumnTypes, 'append'> {
  if (groups?.hasLimits !== true) {
    throw new GraphError(
      'not-available',
      'no groups are evicted here: groupby takes maxGroups and ttl for groups over all time',
    );
  }
  const node = groups.evicted;
  const root = {
    node,
    kind: 'append' as const,
    time: undefined,
    schema: () => groups.output,
    current: () => node.current,
  };
  return asFrame(new DataFrame<ColumnTypes, 'append'>(new FrameState(root)));
}

/**
 * The stream that `emit` on a frame goes into. It ends only when it is disposed of, so a frame of a source has none until
 * it is asked for: the frame then ends with its source.
 */
class Inlet {
  readonly #node: FrameNode;
  readonly #options: StreamOptions;
  #stream: Stream<FrameInput> | undefined;

  constructor(node: FrameNode, options: StreamOptions) {
    this.#node = node;
    this.#options = options;
  }

  open(): Stream<FrameInput> {
    if (this.#stream === undefined) {
      this.#stream = new Stream<FrameInput>(this.#options);
      this.#stream.node.connect(this.#node);
    }
    return this.#stream;
  }

  close(): void {
    this.#stream?.dispose();
  }
}

/** The frame of what comes by `stream` and of what is emitted into it. */
export function frameOf<S extends ColumnTypes>(
  stream: Stream<FrameInput> | undefined,
  { time, name = 'source', clock, example, live, ...options }: StreamingDataFrameOptions<S> = {},
): StreamingDataFrame<S> {
  checkOptions({ time, name, clock, example, live, ...options });
  checkLive(live, 'a frame');
  const schema = options.schema ?? (example === undefined ? undefined : schemaOfExample(example));
  const node = new FrameNode({ ...options, schema, clock });
  const inlet = new Inlet(node, clock === undefined ? { name } : { name, clock });
  if (stream === undefined) inlet.open();
  else stream.node.connect(node);
  const root = {
    node,
    kind: 'append' as const,
    live,
    time,
    schema: () => node.schema,
    current: () => node.current,
  };
  const frame = new FrameState(root);
  if (time !== undefined) frame.checkName(time, 'time');
  warnOfShadowed(frame);
  return asFrame(new DataFrame<S, 'append'>(frame, inlet));
}

const optionNames = [
  'schema',
  'example',
  'time',
  'live',
  'name',
  'clock',
  'onRejected',
  'drift',
  'onDrift',
  'int64',
];

/** @throws `bad-option` for an option that there is not, and for a schema that is none. */
function checkOptions(options: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(options)) {
    if (optionNames.includes(name)) continue;
    throw new SchemaError(
      'bad-option',
      `a frame has no option ${quote(name)}${didYouMean(name, optionNames) || ';'} there are ${optionNames.join(', ')}`,
    );
  }
  const { schema } = options;
  if (schema === undefined || Array.isArray((schema as Partial<Schema> | null)?.fields)) return;
  throw new SchemaError(
    'bad-option',
    'the schema of a frame is made by schema({ name: utf8, amount: float64 }), or an Arrow schema',
  );
}

/** Members win over columns of the same name; one line says which. */
function warnOfShadowed({ names = [] }: FrameState): void {
  const shadowed = names.filter((name) => name in DataFrame.prototype);
  if (shadowed.length === 0) return;
  console.warn(
    `millrace: some columns have the names of methods: ${shadowed.join(', ')}; reach them as df.col.${shadowed[0]}`,
  );
}

/** A new frame over what is emitted into it, or over a stream of batches. */
export interface StreamingDataFrameConstructor {
  new <S extends ColumnTypes = AnySchema>(options?: StreamingDataFrameOptions<S>): StreamingDataFrame<S>;
  new <S extends ColumnTypes = AnySchema>(
    stream: Stream<FrameInput>,
    options?: StreamingDataFrameOptions<S>,
  ): StreamingDataFrame<S>;
}

/** See the type of the same name. */
export const StreamingDataFrame: StreamingDataFrameConstructor = class {
  constructor(first?: unknown, second?: unknown) {
    const stream = first instanceof Stream ? first : undefined;
    const options = (stream === undefined ? first : second) as StreamingDataFrameOptions | undefined;
    // biome-ignore lint/correctness/noConstructorReturn: the frame is a proxy, whose columns are properties
    return frameOf(stream, options) as object;
  }
} as unknown as StreamingDataFrameConstructor;
