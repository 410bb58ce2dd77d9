import {
  type Bool,
  DataType,
  type FixedSizeList,
  type Float64,
  type Int64,
  type List,
  type RecordBatch,
  Schema,
  type Table,
  type TimestampMillisecond,
  type Utf8,
} from 'apache-arrow';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import { Batch } from '../columnar/batch.ts';
import type { ColumnRows } from '../columnar/column-rows.ts';
import type { DriftCounts } from '../columnar/schema-gate.ts';
import { slice } from '../columnar/take.ts';
import type { AnySchema, ColumnsOrAny, ColumnTypes, Flat } from '../columnar/type-families.ts';
import { isFloat } from '../columnar/types.ts';
import { functionOf } from '../core/check.ts';
import { holdWhileReachable } from '../core/handle.ts';
import type { Flow, Node } from '../core/node.ts';
import { didYouMean, GraphError, quote, SchemaError } from '../errors.ts';
import type { EwmOptions } from '../expr/ewm.ts';
import { type AnyExpr, type CastOptions, Expr, literalTree } from '../expr/expr.ts';
import { parseQuery, type QueryParameters } from '../expr/query.ts';
import type { RollingOptions, RollingWindow, SavedRunning } from '../expr/rolling.ts';
import { type ForwardFillOptions, fillOptions, lagOptions } from '../expr/running-options.ts';
import type { RunningColumns } from '../expr/running-types.ts';
import type { ExprTree, ValueOperand } from '../expr/tree.ts';
import { isNumber } from '../expr/type-kinds.ts';
import { type EmitOptions, Stream, type StreamOptions } from '../stream.ts';
import { addMethods, stateIn, userRecords } from './aggregate.ts';
import type { AggregateNode } from './aggregate-node.ts';
import type { Scope } from './aggregate-request.ts';
import { BatchNode } from './batch-node.ts';
import { typesOf } from './bind-fields.ts';
import { type EwmFrame, ewmFrame } from './ewm-frame.ts';
import { type ColumnsOf, type Example, schemaOfExample } from './example.ts';
import { explained } from './explain.ts';
import { type ExplodeOptions, explodeNode } from './explode.ts';
import { cells, everyColumn, recordOfItems, rowCount } from './frame-aggregates.ts';
import { type FrameInput, FrameNode, type FrameNodeOptions, type QuarantinedBatch } from './frame-node.ts';
import { gluedFrame } from './glue.ts';
import {
  type GroupBy,
  type GroupByOptions,
  type GroupKey,
  groupBy,
  groupKeys,
  type KeyColumns,
} from './groupby.ts';
import { type FrameOperation, KeyedNode } from './keyed.ts';
import { Live, ReadNode, tooLate } from './live.ts';
import { checkLive, type LiveOptions } from './live-window.ts';
import { type Made, madeOf, type PlanWriter } from './made.ts';
import type { AggRecord, AggSpec, ExprLike, Row, Stated, TypeOfExpr, UserRecord } from './method-types.ts';
import {
  AccumulateNode,
  type MapPartitionsOptions,
  mapPartitionsNode,
  type PartitionResult,
} from './partitions.ts';
import { type Plan, planOf } from './plan.ts';
import { type RollingFrame, rollingFrame } from './rolling-frame.ts';
import { RowsNode } from './rows-node.ts';
import { type DedupeFrameOptions, deduped, everyRunning, firstRows } from './running-frames.ts';
import type { StateOptions } from './saved-state.ts';
import type { Scalar } from './scalar.ts';
import { noWindow, Series } from './series.ts';
import { checkNames, orderedAt, rowCountOf, type SortOptions, sortKeys, sortNode } from './sort.ts';
import {
  columnProxy,
  type FrameRoot,
  FrameState,
  type RowCallback,
  type StreamKind,
  withColumns,
} from './state.ts';
import { BoundSteps, checkUnique, type Projected } from './steps.ts';
import { settledTop, TopNode } from './top-node.ts';
import { commonTime, unionNode } from './union.ts';
import type { ColumnAggregation } from './user-node.ts';
import { JoinedContentNode, tableOf, WindowContentNode } from './window-content.ts';
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

/** What a callback may assign. */
type AssignedInRow =
  | AnyExpr
  | number
  | bigint
  | boolean
  | string
  | Date
  | ValueOperand<number | bigint | boolean | string | null>;

/** What may be assigned to a column: an expression, a callback, or one value for every row. */
export type Assigned<S extends ColumnTypes> =
  | ExprLike<S>
  | number
  | bigint
  | boolean
  | string
  | Date
  | ValueOperand<number | bigint | boolean | string | null>;

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
          : V extends { readonly $operand: unknown; readonly current: infer U }
            ? AssignedType<NonNullable<U>>
            : TypeOfExpr<V>;

type WithAssigned<S extends ColumnTypes, A> = Flat<
  Omit<S, keyof A> & { -readonly [C in keyof A]: AssignedType<A[C]> }
>;

type Renamed<S extends ColumnTypes, R> = {
  [C in keyof S & string as C extends keyof R ? Extract<R[C], string> : C]: S[C];
};

// biome-ignore lint/correctness/noUnusedVariables: merged declarations repeat all parameters
export interface DataFrame<in out S extends ColumnTypes, out K extends StreamKind> extends FrameMethods<S> {}

/** The methods of a frame; see {@link StreamingDataFrame}. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class DataFrame<in out S extends ColumnTypes, out K extends StreamKind> extends Live<RecordBatch<S>> {
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

  /**
   * How the frame was made, as JSON: `fromPlan` makes it again over other sources. See `Plan`.
   *
   * @throws `not-available` for functions without a name.
   */
  toPlan(): Plan {
    return planOf((writer) => writer.frame(this.$frame));
  }

  /** How the frame was made, in words: what is done in one pass, what an emission means, and what is kept in memory. */
  explain(): string {
    return explained((writer) => writer.frame(this.$frame));
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
  assign<const A extends Readonly<Record<string, AssignedInRow>>>(
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
  ): StreamingDataFrame<string extends keyof S ? S : Flat<Omit<S, C[number]>>, K> {
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
    if (typeof names !== 'object' || names === null) {
      throw new SchemaError('bad-option', "rename takes names by column, as in rename({ old: 'new' })");
    }
    const given = names as Readonly<Record<string, string>>;
    for (const [name, to] of Object.entries(given) as [string, unknown][]) {
      this.$frame.checkName(name, 'rename');
      if (to === undefined || typeof to === 'string') continue;
      throw new SchemaError(
        'bad-option',
        `rename: the new name of ${quote(name)} must be a string, got ${String(to)}`,
      );
    }
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
   * a duration, of whose keys no row went through in that time before, by the time key, or after it where the row is late. Remembers
   * that many keys, or those of twice that time before the newest row: a row that comes later than that may be a repeat.
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

  /** The Arrow types of the columns by name, or `undefined` while they are not known. */
  get dtypes(): S | undefined {
    const { fields } = this.$frame;
    return fields && (Object.fromEntries(fields.map(({ name, type }) => [name, type])) as S);
  }

  /** The time key as a column; `undefined` where none was declared, or it was left out. */
  get timeKey(): Series<DataType> | undefined {
    const name = this.$frame.timeColumn;
    return name === undefined ? undefined : this.$column(name);
  }

  /**
   * The frame with this column as its time key, which windows such as `'2h'` range over. The column stays a column.
   *
   * @throws `type-mismatch` for a column that has no order.
   */
  setIndex(name: keyof S & string): StreamingDataFrame<S, K> {
    this.$frame.checkName(name, 'setIndex');
    const field = this.$frame.fields?.find((other) => other.name === name);
    if (field !== undefined) orderedAt(new Schema([field]), name, 'setIndex');
    return derived(this.$frame.withTime(name));
  }

  /** The frame without a time key. */
  resetIndex(): StreamingDataFrame<S, K> {
    return derived(this.$frame.withTime(undefined));
  }

  /**
   * Float columns rounded to a number of decimals, half to even; `{ x: 2 }` rounds the columns named, integers too. Float32
   * becomes float64.
   */
  round(decimals: number | { readonly [C in keyof S]?: number } = 0): StreamingDataFrame<S, K> {
    const known = this.$known('round');
    const { fields } = this.$frame;
    const wanted: Readonly<Record<string, number | undefined>> =
      typeof decimals === 'number'
        ? Object.fromEntries(
            known.filter((_, i) => isFloat(fields![i]!.type)).map((name) => [name, decimals]),
          )
        : decimals;
    const columns = Object.entries(wanted).map(([name, places]) => {
      this.$frame.checkName(name, 'round');
      if (!Number.isInteger(places)) {
        throw new SchemaError('bad-option', `round needs a whole number of decimals, got ${String(places)}`);
      }
      const expr: ExprTree = { op: 'round', args: [{ op: 'column', name }], decimals: places! };
      return { name, expr };
    });
    return columns.length === 0
      ? derived(this.$frame)
      : derived(this.$frame.with({ step: 'assign', columns }));
  }

  /**
   * Columns as other types: `astype({ n: int32, x: utf8 })`, or all columns as one, as `cast` makes them.
   *
   * @throws `type-mismatch` where there is no cast between the types; `bad-value` in the stream for a value that the type
   * cannot hold, unless `onError` is `'null'`.
   */
  astype<const T extends { readonly [C in keyof S]?: DataType }>(
    types: T,
    options?: CastOptions,
  ): StreamingDataFrame<Flat<{ [C in keyof S]: C extends keyof T ? Extract<T[C], DataType> : S[C] }>, K>;
  astype<D extends DataType>(
    type: D,
    options?: CastOptions,
  ): StreamingDataFrame<Flat<{ [C in keyof S]: D }>, K>;
  astype(given: object, options?: CastOptions): never {
    const types: Readonly<Record<string, DataType>> =
      given instanceof DataType
        ? Object.fromEntries(this.$known('astype').map((name) => [name, given]))
        : (given as Readonly<Record<string, DataType>>);
    if (typeof types !== 'object' || types === null) {
      throw new SchemaError(
        'bad-option',
        'astype takes a type, or types by column, as in astype({ n: int32 })',
      );
    }
    const columns = Object.entries(types).map(([name, type]) => {
      this.$frame.checkName(name, 'astype');
      return { name, expr: this.$column(name).cast(type, options).tree };
    });
    return derived(
      columns.length === 0 ? this.$frame : this.$frame.with({ step: 'assign', columns }),
    ) as never;
  }

  /** `fn(frame, ...args)`, so that steps of your own stand in a chain. */
  pipe<R, A extends readonly unknown[]>(
    fn: (frame: StreamingDataFrame<S, K>, ...args: A) => R,
    ...args: A
  ): R {
    return functionOf(fn, 'pipe')(derived(this.$frame), ...args);
  }

  /**
   * The last `n` rows of the stream, whatever batches they came in, as a snapshot. Memory: those rows. Each emission copies
   * them; `window(n).full()` does not. For the last rows of each batch, see `batchTail`.
   */
  tail(this: DataFrame<S, 'append'>, n = 5): StreamingDataFrame<S, 'snapshot'> {
    if (this.kind !== 'append') throw noWindow();
    const window = { n: rowCountOf(n, 'tail', 1) };
    return contentFrame({ frame: this.$frame, window }, `tail(${n})`);
  }

  /** The last `n` rows of each batch by itself: what comes of it depends on where the batches are cut. */
  batchTail(n = 5): StreamingDataFrame<S, K> {
    rowCountOf(n, 'batchTail');
    const node = new BatchNode(this.$frame, `batchTail(${n})`, (output) => ({
      output,
      run: (batch) => lastRows(batch, n),
    }));
    return this.$below(node, 'batchTail', n);
  }

  /**
   * The rows of each emission of a snapshot in order of one column, or of several, the first before the next. What is equal
   * stays in the order it has; null and NaN come last, unless `nulls` is `'first'`. O(rows · log rows) per emission.
   *
   * @throws `not-available` on a stream of new rows, which has no last row; `type-mismatch` for a column without order.
   */
  sort(
    this: DataFrame<S, 'snapshot'>,
    by: (keyof S & string) | readonly (keyof S & string)[],
    options?: SortOptions,
  ): StreamingDataFrame<S, 'snapshot'> {
    if (this.kind !== 'snapshot') {
      throw new GraphError(
        'not-available',
        'sort needs a snapshot, as a stream of new rows has no end; sort what tail, nlargest, window(n).rows() or groupby give',
      );
    }
    const keys = sortKeys(this.$frame, typeof by === 'string' ? [by] : by, options);
    return (this as unknown as DataFrame<S, 'snapshot'>).$below(
      sortNode(this.$frame, keys),
      'sort',
      by,
      options,
    );
  }

  /**
   * The `n` rows with the greatest values so far, greatest first, as a snapshot; of a snapshot those of each emission. Of equal
   * values the row that came first stays. Rows whose value is null or NaN are left out. Memory: n rows; O(log n) a row.
   */
  nlargest(n: number, by: (keyof S & string) | ExprLike<S>): StreamingDataFrame<S, 'snapshot'> {
    return topFrame(this.$scope, n, by, true);
  }

  /** The `n` rows with the least values so far, least first; see {@link DataFrame.nlargest}. */
  nsmallest(n: number, by: (keyof S & string) | ExprLike<S>): StreamingDataFrame<S, 'snapshot'> {
    return topFrame(this.$scope, n, by, false);
  }

  /**
   * A row for each element of the lists in a column, the other columns repeated. A list that is empty or null becomes a row
   * with null, or none with `{ empty: 'drop' }`. The time key stays where it is a column.
   *
   * @throws `type-mismatch` for a column that holds no lists.
   */
  explode<C extends keyof S & string>(
    column: C,
    options: ExplodeOptions = {},
  ): StreamingDataFrame<Flat<{ [N in keyof S]: N extends C ? ElementOf<S[N]> : S[N] }>, K> {
    this.$frame.checkName(column, 'explode');
    checkNames('explode', options, ['empty']);
    const { empty = 'null' } = options;
    if (empty !== 'null' && empty !== 'drop') {
      throw new SchemaError(
        'bad-option',
        `explode: empty must be 'null' or 'drop', got ${quote(String(empty))}`,
      );
    }
    return this.$below(
      explodeNode(this.$frame, column, empty === 'drop'),
      'explode',
      column,
      options,
    ) as never;
  }

  /**
   * `fn` of each record batch: code of your own on whole batches, once per batch however many follow. What it gives becomes a
   * batch of `schema`, or like `example`, else of the columns that the first one has. What comes of it depends on where the
   * batches are cut unless each row is worked on by itself. The time key stays where it is still a column of that name.
   *
   * @throws `user-code` in the stream where `fn` throws, `schema-mismatch` or `bad-value` where what it gives does not fit.
   */
  mapPartitions<T extends ColumnTypes>(
    fn: (batch: RecordBatch<S>) => PartitionResult,
    options: { readonly schema: Schema<T> },
  ): StreamingDataFrame<T, K>;
  mapPartitions<const E extends Example>(
    fn: (batch: RecordBatch<S>) => PartitionResult,
    options: { readonly example: E },
  ): StreamingDataFrame<ColumnsOf<E>, K>;
  mapPartitions(fn: (batch: RecordBatch<S>) => PartitionResult): StreamingDataFrame<AnySchema, K>;
  mapPartitions(fn: unknown, options: MapPartitionsOptions = {}): never {
    return this.$below(
      mapPartitionsNode(this.$frame, fn as (batch: RecordBatch) => unknown, options),
      'mapPartitions',
      fn,
      options,
    ) as never;
  }

  /**
   * `fn(state, batch)` of each record batch gives `[state, result]`: the next state and what comes out, as for
   * `mapPartitions`. Runs from when it is made, looked at or not. Where it throws, the state stays as it was: give a new one
   * rather than change it.
   */
  accumulatePartitions<State, T extends ColumnTypes>(
    fn: (state: State, batch: RecordBatch<S>) => readonly [state: State, result: PartitionResult],
    options: { readonly start: State; readonly schema: Schema<T> },
  ): StreamingDataFrame<T, K>;
  accumulatePartitions<State, const E extends Example>(
    fn: (state: State, batch: RecordBatch<S>) => readonly [state: State, result: PartitionResult],
    options: { readonly start: State; readonly example: E },
  ): StreamingDataFrame<ColumnsOf<E>, K>;
  accumulatePartitions<State>(
    fn: (state: State, batch: RecordBatch<S>) => readonly [state: State, result: PartitionResult],
    options: { readonly start: State },
  ): StreamingDataFrame<AnySchema, K>;
  accumulatePartitions(fn: unknown, options: MapPartitionsOptions & { readonly start: unknown }): never {
    checkNames('accumulatePartitions', options, ['start', 'schema', 'example']);
    const node = new AccumulateNode(this.$frame, fn as never, options.start, options);
    this.$frame.base.node.connect(node);
    const { $frame } = this;
    const made: Made = (writer) => ({
      op: 'call',
      of: writer.frame($frame),
      method: 'accumulatePartitions',
      args: [fn, options],
    });
    return resultFrame(node, { kind: this.kind, time: timeIn(node.output, $frame), made }) as never;
  }

  /** The rows of this frame and of others with the same columns as they come; see `concatFrames`. */
  union(
    this: DataFrame<S, 'append'>,
    ...others: readonly DataFrame<S, 'append'>[]
  ): StreamingDataFrame<S, 'append'> {
    return concatFrames(this, ...others);
  }

  /**
   * Sum with a number or a running value, in every numeric column but the keys; of a snapshot by groups with another one: column
   * by column, rows with the same key together, null where one of them lacks the key. A single column goes with a single
   * one whatever their names.
   *
   * @throws `not-available` for rows, whose columns are computed by `assign`; `schema-mismatch` for other keys or columns.
   */
  add(other: FrameOperand): StreamingDataFrame<S, K> {
    return this.$computed('add', other);
  }
  /** Difference; see {@link DataFrame.add}. */
  sub(other: FrameOperand): StreamingDataFrame<S, K> {
    return this.$computed('sub', other);
  }
  /** Product; see {@link DataFrame.add}. */
  mul(other: FrameOperand): StreamingDataFrame<S, K> {
    return this.$computed('mul', other);
  }
  /** Quotient, as float64; see {@link DataFrame.add}. */
  div(other: FrameOperand): StreamingDataFrame<S, K> {
    return this.$computed('div', other);
  }

  /** @internal */
  $computed(op: FrameOperation, other: FrameOperand): StreamingDataFrame<S, K> {
    if (isFrame(other)) {
      if (this.kind !== 'snapshot' || other.kind !== 'snapshot') {
        throw new GraphError(
          'not-available',
          `${op}: rows of streams are not computed with each other as frames; assign the columns, as in df.assign({ z: df.x.${op}(df.y) })`,
        );
      }
      const { $frame } = this;
      const node = new KeyedNode(op, $frame, other.$frame);
      const made: Made = (writer) => ({
        op: 'compute',
        method: op,
        of: [writer.frame($frame), writer.frame(other.$frame)],
      });
      return resultFrame(node, { keys: $frame.keys, made }) as never;
    }
    const keys = this.$frame.keys ?? [];
    const names = this.$known(op);
    const right = literalTree(other, op);
    const columns = this.$frame.fields!.flatMap((field, i) =>
      !keys.includes(field.name) && isNumber(field.type)
        ? { name: names[i]!, expr: { op, args: [{ op: 'column', name: names[i]! }, right] } as ExprTree }
        : [],
    );
    return derived(this.$frame.with({ step: 'assign', columns }));
  }

  /**
   * All rows as a table once the source has ended; of a snapshot the last emission. Memory: those rows.
   *
   * @throws as a rejection, what the source failed with; `not-available` where it had ended before.
   */
  async collect(): Promise<Table<S>> {
    const batches: Batch[] = [];
    const values = this.values();
    const isLate = this.kind === 'snapshot' ? this.$frame.root.isLate === true : this.$outlet.ended;
    if (isLate) throw tooLate();
    for await (const batch of values) {
      if (this.kind === 'snapshot') batches.length = 0;
      batches.push(Batch.of(batch));
    }
    const { current, schema } = this;
    if (batches.length === 0 && current !== undefined && this.kind === 'snapshot')
      batches.push(Batch.of(current));
    return tableOf(schema ?? batches[0]?.schema ?? new Schema(), batches) as Table<S>;
  }

  /** @internal */
  $below(node: BatchNode, method: string, ...args: readonly unknown[]): StreamingDataFrame<S, K> {
    const { $frame } = this;
    this.$frame.base.node.connect(node);
    const root = {
      node,
      kind: this.kind,
      time: timeIn(node.output, this.$frame),
      schema: () => node.output,
      current: () => node.current,
      under: this.$frame.base,
      keys: this.$frame.keys,
      isLate: this.$frame.root.isLate,
      made: (writer: PlanWriter) => ({ op: 'call', of: writer.frame($frame), method, args }),
    };
    return derived(new FrameState(root));
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

/** A node that has columns and a newest batch. */
export interface ResultNode extends Node<never, Batch> {
  readonly output: Schema | undefined;
  readonly current: Batch | undefined;
}

interface ResultOptions<K> {
  /** The aggregation that the results are of, by groups. */
  readonly groups?: AggregateNode | undefined;
  /** Default `'snapshot'`. */
  readonly kind?: K;
  readonly time?: string | undefined;
  /** The columns that tell its rows apart. */
  readonly keys?: readonly string[] | undefined;
  readonly made?: Made | undefined;
}

/** The frame of the results of a node that is kept up to date as long as the frame can be reached. */
export function resultFrame<K extends StreamKind = 'snapshot'>(
  node: ResultNode,
  { groups, kind = 'snapshot' as K, time, keys, made }: ResultOptions<K> = {},
): StreamingDataFrame<ColumnTypes, K> {
  const root: FrameRoot & { isLate: boolean } = {
    node,
    kind,
    time,
    keys,
    made,
    schema: () => node.output,
    current: () => node.current,
    isLate: false,
  };
  // The root, as whatever was made of the frame leads back to it: other frames, columns, streams.
  const letGo = holdWhileReachable(root, node);
  root.isLate = node.ended;
  const target = new DataFrame<ColumnTypes, K>(new FrameState(root));
  target.$letGo = letGo;
  Object.defineProperties(target, {
    evicted: { get: () => evictedFrame(groups) },
    evictedGroups: { get: () => groups?.evictedGroups ?? 0 },
  });
  return asFrame(target);
}

/** The time key of `frame`, where it is still one of the columns. */
function timeIn(output: Schema | undefined, { timeColumn }: FrameState): string | undefined {
  return output?.fields.some(({ name }) => name === timeColumn) === true ? timeColumn : undefined;
}

/** The best rows of a scope. */
export function topFrame(scope: Scope, n: number, by: unknown, greatest: boolean): never {
  const verb = greatest ? 'nlargest' : 'nsmallest';
  rowCountOf(n, verb);
  if (typeof by === 'string') scope.frame.checkName(by, verb);
  const tree: ExprTree =
    typeof by === 'string' ? { op: 'column', name: by } : scope.frame.resolve(by, `${verb} by`);
  const request = settledTop({ ...scope, n, by: tree, greatest });
  const node = new TopNode(request);
  request.frame.base.node.connect(node);
  const keys = scope.frame.root.kind === 'snapshot' ? scope.frame.keys : undefined;
  const made: Made = (writer) => ({ op: 'top', ...madeOf(writer, scope), n, by: tree, greatest });
  return resultFrame(node, { keys, made }) as never;
}

/** The rows of a window as a snapshot. */
export function contentFrame(scope: Scope, label: string): never {
  const node = new WindowContentNode(scope, label);
  scope.frame.base.node.connect(node);
  const joined = new JoinedContentNode(node);
  node.connect(joined);
  return resultFrame(joined, {
    made: (writer) => ({ op: 'rows', ...madeOf(writer, scope), label }),
  }) as never;
}

/**
 * The rows of several frames as they come. The frames have the same columns, in whatever order; the first says which. The time
 * key stays where it is the same column in all. Ends when all have ended. Keeps nothing.
 *
 * @throws `schema-mismatch` where the columns differ; `not-available` for snapshots.
 */
export function concatFrames<S extends ColumnTypes>(
  ...frames: readonly DataFrame<S, 'append'>[]
): StreamingDataFrame<S, 'append'> {
  if (frames.length === 0 || !frames.every(isFrame)) {
    throw new SchemaError('bad-option', 'union needs frames: concatFrames(a, b)');
  }
  const states = frames.map(({ $frame }) => $frame);
  const node = unionNode(states);
  const root = {
    node,
    kind: 'append' as const,
    time: commonTime(states),
    schema: () => node.output,
    current: () => node.current,
    under: states[0]!.base,
    made: (writer: PlanWriter) => ({ op: 'union', of: states.map((state) => writer.frame(state)) }),
  };
  return derived(new FrameState(root));
}

/**
 * A frame of columns by name, of frames of one source: `frameOf({ a: df.x, b: other.y.add(1) })`. Columns of one frame, and
 * of what was filtered alike, are one plan. Others go side by side batch by batch: each batch of the source gives one of
 * each, of equal length.
 *
 * @throws `not-available` for columns of different sources; `schema-mismatch` where the rows are filtered differently, and in
 * the stream, naming the batch, where the lengths differ.
 */
export function frameOfColumns<const C extends Readonly<Record<string, AnySeries>>>(
  columns: C,
): StreamingDataFrame<{ -readonly [N in keyof C & string]: Extract<TypeOfExpr<C[N]>, DataType> }> {
  const form = 'frameOf({ a: df.x, b: df.y })';
  if (typeof columns !== 'object' || columns === null || columns instanceof Expr) {
    throw new SchemaError('bad-option', `frameOf takes an object of columns, as in ${form}`);
  }
  const parts = Object.entries(columns).map(([name, series]) => {
    if (series instanceof Series && series.$scope.window === undefined) {
      return { name, frame: series.$frame, tree: series.tree };
    }
    throw new SchemaError('bad-option', `frameOf: ${quote(name)} is no column of a frame, as in ${form}`);
  });
  if (parts.length === 0)
    throw new SchemaError('bad-option', `frameOf needs at least one column, as in ${form}`);
  return derived(gluedFrame(parts)) as never;
}

/** A column of some frame, of whatever type. */
export interface AnySeries extends AnyExpr {
  readonly keyName: string;
}

/** What a frame may be computed with. */
export type FrameOperand = number | bigint | ValueOperand<number | bigint | null> | SnapshotOperand;

/** A snapshot frame of whatever columns. */
export interface SnapshotOperand {
  readonly kind: 'snapshot';
  /** @internal */
  readonly $frame: FrameState;
}

/** The type of the elements of lists. */
export type ElementOf<D> = D extends List<infer E> | FixedSizeList<infer E> ? E : DataType;

/** Whether it is a frame; the proxy that users have is one, too. */
function isFrame(value: unknown): value is DataFrame<ColumnTypes, StreamKind> {
  return value instanceof DataFrame;
}

function lastRows(batch: Batch, n: number): Batch {
  const { length } = batch;
  if (length <= n) return batch;
  const columns = batch.schema.fields.map((_, i) => slice(batch.column(i), length - n, length));
  return new Batch(batch.schema, n, columns);
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
  new <S extends ColumnTypes = AnySchema>(
    options?: StreamingDataFrameOptions<S>,
  ): StreamingDataFrame<ColumnsOrAny<S>>;
  new <S extends ColumnTypes = AnySchema>(
    stream: Stream<FrameInput>,
    options?: StreamingDataFrameOptions<S>,
  ): StreamingDataFrame<ColumnsOrAny<S>>;
  /** A frame of columns of others of one source, as `frameOf` makes it. */
  new <const C extends Readonly<Record<string, AnySeries>>>(
    columns: C,
  ): StreamingDataFrame<{ -readonly [N in keyof C & string]: Extract<TypeOfExpr<C[N]>, DataType> }>;
}

function isColumns(given: unknown): given is Readonly<Record<string, AnySeries>> {
  if (typeof given !== 'object' || given === null || given instanceof Stream) return false;
  const values = Object.values(given);
  return values.length > 0 && values.every((value) => value instanceof Series);
}

/** See the type of the same name. */
export const StreamingDataFrame: StreamingDataFrameConstructor = class {
  constructor(first?: unknown, second?: unknown) {
    if (isColumns(first)) {
      // biome-ignore lint/correctness/noConstructorReturn: the frame is a proxy, whose columns are properties
      return frameOfColumns(first) as object;
    }
    const stream = first instanceof Stream ? first : undefined;
    const options = (stream === undefined ? first : second) as StreamingDataFrameOptions | undefined;
    // biome-ignore lint/correctness/noConstructorReturn: the frame is a proxy, whose columns are properties
    return frameOf(stream, options) as object;
  }
} as unknown as StreamingDataFrameConstructor;
