import type { DataType } from 'apache-arrow';
import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import { hasSpread } from '../aggregate/moments.ts';
import type { ColumnTypes, FamilyOf, Flat } from '../columnar/type-families.ts';
import { typeName } from '../columnar/type-name.ts';
import { GraphError, SchemaError } from '../errors.ts';
import {
  type Rolling,
  type RollingOptions,
  type RollingQuantileOptions,
  type RollingWindow,
  rollingOf,
  rollingOptions,
} from '../expr/rolling.ts';
import type { ExprTree } from '../expr/tree.ts';
import { addMethods, aggItems, readArguments } from './aggregate.ts';
import type { Scope } from './aggregate-request.ts';
import { derived, type StreamingDataFrame } from './dataframe.ts';
import type {
  AggColumns,
  AggItem,
  AggregationName,
  EveryName,
  ExprLike,
  IsAvailable,
  OptionsOf,
  ResultType,
} from './method-types.ts';
import { noWindow, Series, type SeriesFamily } from './series.ts';
import { columnProxy, type FrameState, withColumns } from './state.ts';
import { freeName, nameAfter, type Projected } from './steps.ts';
import { windowRequest } from './window-request.ts';

/** The columns of a rolling aggregation of a whole frame: the keys, the time key as it is, and the results. */
type RolledColumns<S extends ColumnTypes, N extends AggregationName, Keys extends ColumnTypes> = Flat<
  Keys & {
    [C in Exclude<keyof S, keyof Keys> as Rolled<S[C], N> extends never ? never : C]: Rolled<S[C], N>;
  }
>;

type Rolled<D extends DataType, N extends AggregationName> =
  FamilyOf<D> extends 'time' | 'time-ms' ? D : IsAvailable<N, D> extends true ? ResultType<N, D> : never;

type AsColumns<T> = T extends ColumnTypes ? T : ColumnTypes;

type OrderedName = 'median' | 'quantile';

/** Several aggregations by the names of their results; `AggSpec`, and medians and quantiles. */
export type RollingAggSpec<S extends ColumnTypes> = Readonly<
  Record<
    string,
    | AggItem<S>
    | OrderedName
    | readonly [(keyof S & string) | ExprLike<S>, OrderedName]
    | readonly [(keyof S & string) | ExprLike<S>, OrderedName, object]
  >
>;

export type RollingMethods<S extends ColumnTypes, Keys extends ColumnTypes> = {
  readonly [N in Exclude<EveryName, 'size' | 'median' | 'quantile'>]: (
    options?: OptionsOf<N>,
  ) => StreamingDataFrame<AsColumns<RolledColumns<S, N, Keys>>>;
};

/** A frame in rolling windows, with its columns as properties. */
export type RollingFrame<
  S extends ColumnTypes,
  Keys extends ColumnTypes = Record<never, DataType>,
> = RollingRows<S, Keys> & {
  readonly [C in Exclude<keyof S & string, keyof RollingRows<ColumnTypes, ColumnTypes>>]: Rolling<
    S[C],
    SeriesFamily
  >;
};

export interface RollingRows<S extends ColumnTypes, Keys extends ColumnTypes>
  extends RollingMethods<S, Keys> {}

/**
 * The rows of a frame in windows that end at each row; see `Rolling`. Of one column, as in `df.rolling(10).x.mean()`, the
 * aggregations give a series; of the frame a frame of new rows, one for each row: the keys of groups, the time key where it is a
 * column, and a column of results for each column that the aggregation takes.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class RollingRows<S extends ColumnTypes, Keys extends ColumnTypes> {
  /** @internal */
  readonly $scope: Scope;
  /** @internal */
  readonly $options: Readonly<Record<string, unknown>>;
  /** @internal */
  readonly $only: readonly string[] | undefined;

  static {
    addMethods(
      RollingRows.prototype,
      'frame',
      (definition) =>
        function (...args) {
          const { scope, asked } = readArguments(this.$scope, definition, args);
          checkPlain({ ...asked, ...scope.state });
          return this.$everyColumn(definition.name, definition, asked.options);
        },
      ['size', 'median', 'quantile'],
    );
  }

  /** @internal */
  constructor(scope: Scope, options: Readonly<Record<string, unknown>>, only?: readonly string[]) {
    this.$scope = scope;
    this.$options = options;
    this.$only = only;
  }

  /** The columns and nothing else: `df.rolling(10).col.count` is the column where `df.rolling(10).count` is the method. */
  get col(): { readonly [C in keyof S & string]: Rolling<S[C], SeriesFamily> } {
    return columnProxy((name) => this.$column(name)) as never;
  }

  /** @internal */
  $column(name: string): Rolling<DataType, SeriesFamily> {
    const { frame } = this.$scope;
    frame.checkName(name);
    const series = new Series({ frame }, { op: 'column', name });
    return rollingOf(this.$options, (given) => {
      const { fn, options, by } = this.$running({ op: 'column', name }, given);
      return series.$running(fn, options, by);
    });
  }

  /** Middle one of the values, of each column of numbers. */
  median(): StreamingDataFrame<AsColumns<RolledColumns<S, 'mean', Keys>>> {
    return this.$everyColumn('median', { accepts: hasSpread }) as never;
  }

  /** The value that a part `q` of the values lies below, of each column of numbers. */
  quantile(
    q: number,
    options?: RollingQuantileOptions,
  ): StreamingDataFrame<AsColumns<RolledColumns<S, 'mean', Keys>>> {
    return this.$everyColumn('quantile', { accepts: hasSpread }, { q, ...options }) as never;
  }

  /** Several aggregations: `agg({ low: ['x', 'min'], high: ['x', 'max'] })`; the time key, where it is a column, comes first. */
  agg<const A extends RollingAggSpec<S>>(
    spec: A,
  ): StreamingDataFrame<AsColumns<Flat<Keys & AggColumns<S, A>>>> {
    const { frame } = this.$scope;
    if (typeof spec !== 'object' || spec === null) {
      throw new SchemaError('bad-option', `agg takes an object of results, as in agg({ low: ['x', 'min'] })`);
    }
    const plain: Record<string, unknown> = {};
    const results: Result[] = [];
    for (const [name, item] of Object.entries(spec)) {
      const [input, aggregation, options] = Array.isArray(item) ? item : [name, item];
      if (aggregation === 'median' || aggregation === 'quantile') {
        const expr: ExprTree =
          typeof input === 'string' ? { op: 'column', name: input } : frame.resolve(input, 'agg');
        if (typeof input === 'string') frame.checkName(input, 'agg');
        results.push({ name, expr: this.$tree(expr, aggregation, options) });
      } else {
        plain[name] = item;
        results.push({ name, expr: undefined });
      }
    }
    const items = Object.keys(plain).length === 0 && results.length > 0 ? [] : aggItems(frame, plain);
    const byName = new Map(items.map((item) => [item.name, item]));
    const filled = results.map(({ name, expr }) => {
      const item = byName.get(name);
      if (item === undefined) return { name, expr: expr! };
      checkPlain(item);
      if (item.exprs.length > 1) {
        throw new GraphError(
          'not-available',
          `rolling ${item.definition.name}: it takes several columns, and rolling one`,
        );
      }
      const of = item.exprs[0] ?? { op: 'column', name: frame.names?.[0] ?? name };
      return { name, expr: this.$tree(of, item.definition.name, item.options) };
    });
    return this.$frame(filled) as never;
  }

  /** @internal */
  $tree(of: ExprTree, aggregation: string, options: object = {}): ExprTree {
    const given = Object.keys(options).length === 0 ? { aggregation } : { aggregation, options };
    return this.$running(of, { ...this.$options, ...given });
  }

  /** @internal */
  $running(of: ExprTree, options: Readonly<Record<string, unknown>>): ExprTree & { op: 'running' } {
    const { groups } = this.$scope;
    const tree = { op: 'running', fn: 'rolling', args: [of], options } as const;
    if (groups === undefined) return tree;
    const given = groups.dropna ? options : { ...options, dropna: false };
    return { ...tree, options: given, by: groups.keys.map(({ expr }) => expr) };
  }

  /** @internal */
  $everyColumn(
    name: string,
    { accepts }: Pick<AggregationDefinition, 'accepts'>,
    options: object = {},
  ): never {
    const { frame, groups } = this.$scope;
    const { fields } = frame;
    if (fields === undefined) {
      throw new SchemaError(
        'not-available',
        `rolling ${name} needs to know the columns; declare a schema where the frame is made`,
      );
    }
    const time = timeName(frame);
    const isKey = (column: string): boolean =>
      groups?.keys.some(({ name: key, expr }) => key === column && expr.op === 'column') ?? false;
    const taken = fields.filter(
      (field) =>
        field.name !== time &&
        (this.$only?.includes(field.name) ?? !isKey(field.name)) &&
        (this.$only !== undefined || accepts(field.type)),
    );
    if (taken.length === 0) {
      const columns = fields.map((field) => `${field.name} (${typeName(field.type)})`).join(', ');
      throw new SchemaError('type-mismatch', `${name} is available on none of the columns: ${columns}`);
    }
    return this.$frame(
      taken.map((field) => ({
        name: field.name,
        expr: this.$tree({ op: 'column', name: field.name }, name, options),
      })),
    ) as never;
  }

  /** The keys, the time key and these results. */
  /** @internal */
  $frame(results: readonly { readonly name: string; readonly expr: ExprTree }[]): unknown {
    const { frame, groups } = this.$scope;
    const time = timeName(frame);
    const taken = new Set<string>();
    const columns: Projected[] = [];
    const assigned: { name: string; expr: ExprTree }[] = [];
    const add = (name: string, expr: ExprTree): void => {
      const as = freeName(name, taken);
      taken.add(as);
      columns.push({ name: as, from: as });
      if (expr.op !== 'column' || expr.name !== as) assigned.push({ name: as, expr });
    };
    for (const { name, expr } of groups?.keys ?? []) add(name, expr);
    if (time !== undefined && !taken.has(time)) add(time, { op: 'column', name: time });
    for (const { name, expr } of results) add(name, expr);
    const before = assigned.length === 0 ? frame : frame.with({ step: 'assign', columns: assigned });
    return derived(before.with({ step: 'project', columns }));
  }
}

/** @throws `not-available` for options that other aggregations have. */
function checkPlain(asked: {
  readonly definition: AggregationDefinition;
  readonly where?: unknown;
  readonly skipna?: unknown;
  readonly start?: unknown;
  readonly withState?: unknown;
}): void {
  const hints = {
    where: 'make other rows null before, as in when(condition).then(x)',
    skipna: 'minPeriods says how many values there must be',
    start: 'give it to rolling, as in rolling(10, { start })',
    withState: 'ask the result for it, as in rolling(10).mean().withState()',
  };
  for (const [option, hint] of Object.entries(hints)) {
    if (asked[option as keyof typeof hints] === undefined) continue;
    throw new GraphError(
      'not-available',
      `rolling ${asked.definition.name} has no option ${option}; ${hint}`,
    );
  }
}

interface Result {
  readonly name: string;
  readonly expr: ExprTree | undefined;
}

/** What the time key is called, where it is a column. */
function timeName(frame: FrameState): string | undefined {
  const { time } = frame.root;
  const name = time === undefined ? undefined : nameAfter(frame.steps, time);
  return name !== undefined && frame.has(name) ? name : undefined;
}

/** @throws `bad-option`, and `not-available` of a snapshot or a window. */
export function rollingFrame(
  scope: Scope,
  window: RollingWindow,
  options?: RollingOptions,
  only?: readonly string[],
): RollingFrame<ColumnTypes, ColumnTypes> {
  const { frame } = scope;
  if (frame.root.kind !== 'append') throw noWindow();
  if (scope.window !== undefined) {
    throw new GraphError('not-available', 'rolling is made of the frame, not of a window on it');
  }
  const request = windowRequest(window);
  if ('value' in request && request.on !== undefined) frame.checkName(request.on, 'rolling');
  const target = new RollingRows<ColumnTypes, ColumnTypes>(scope, rollingOptions(window, options), only);
  return withColumns(target, frame, (name) => target.$column(name)) as RollingFrame<ColumnTypes, ColumnTypes>;
}
