import type { Bool, DataType, Float64, Int64, Utf8 } from 'apache-arrow';
import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import type { ColumnRows } from '../columnar/column-rows.ts';
import type { ColumnTypes, FamilyOf, Flat, IsUnknown, Unavailable } from '../columnar/type-families.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import { type AnyExpr, Expr } from '../expr/expr.ts';
import {
  addMethods,
  aggItems,
  aggregateNode,
  aggSpecOf,
  checkedOptions,
  definitions,
  userGroups,
} from './aggregate.ts';
import type { AggregateRequest, GroupKeys, Scope } from './aggregate-request.ts';
import { resultFrame, type StreamingDataFrame, topFrame } from './dataframe.ts';
import type {
  AggColumns,
  AggregationName,
  AggSpec,
  ColumnsOfResults,
  ExprLike,
  IsAvailable,
  OptionsOf,
  ResultType,
  TypeOfExpr,
} from './method-types.ts';
import { columnProxy, type FrameState, withColumns } from './state.ts';
import { checkUnique, freeName, type NamedExpr } from './steps.ts';
import type { ColumnAggregation } from './user-node.ts';

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

/** The result of a group-by: a snapshot frame of one row per group, the keys first. */
export type Grouped<Keys extends ColumnTypes, Results> = StreamingDataFrame<
  Flat<Keys & Omit<Results, keyof Keys>> extends infer C extends ColumnTypes ? C : ColumnTypes,
  'snapshot'
>;

export interface GroupByOptions {
  /** Groups in order of their keys (default), or in order of first appearance. */
  readonly sort?: boolean;
  /** Leaves out rows whose key is null (default); `false` makes a group of them. */
  readonly dropna?: boolean;
}

/** The aggregations of every column, typed by the columns. */
export type GroupByMethods<S extends ColumnTypes, Keys extends ColumnTypes> = {
  readonly [N in Exclude<AggregationName, 'size'>]: (
    options?: OptionsOf<N>,
  ) => Grouped<Keys, ColumnsOfResults<Omit<S, keyof Keys>, N>>;
};

/** The aggregations of one column. */
export type GroupedSeriesMethods<D extends DataType, Name extends string, Keys extends ColumnTypes> = {
  readonly [N in AggregationName]: IsUnknown<D> extends true
    ? (options?: OptionsOf<N>) => Grouped<Keys, { [K in Name]: ResultType<N, D> }>
    : IsAvailable<N, D> extends true
      ? (options?: OptionsOf<N>) => Grouped<Keys, { [K in Name]: ResultType<N, D> }>
      : Unavailable<`${N} is not available on ${FamilyOf<D>} columns`>;
};

export interface GroupedSeries<D extends DataType, Name extends string, Keys extends ColumnTypes>
  extends GroupedSeriesMethods<D, Name, Keys> {}

/** One column of a group-by; its aggregations give a snapshot frame of the keys and the result, which keeps the column's name. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class GroupedSeries<D extends DataType, Name extends string, Keys extends ColumnTypes> {
  readonly #scope: Scope;
  readonly #name: string;

  static {
    addMethods(
      GroupedSeries.prototype,
      (definition) =>
        function (options) {
          const name = this.#name;
          const expr = { op: 'column', name } as const;
          const item = { name, expr, definition, options: checkedOptions(definition, options) };
          return grouped({ ...this.#scope, items: [item] });
        },
    );
  }

  constructor(scope: Scope, name: string) {
    this.#scope = scope;
    this.#name = name;
  }

  /** An aggregation of your own; see `Aggregation`. Its results become a column of numbers, strings, booleans or dates. */
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows<D>, State, R>,
  ): Grouped<Keys, { [K in Name]: ColumnOf<R> }> {
    const name = this.#name;
    const input = { name, expr: { op: 'column', name } } as const;
    return resultFrame(
      userGroups({ ...this.#scope, aggregation: aggregation as unknown as ColumnAggregation, input }),
    ) as never;
  }

  /** Several aggregations in one pass, by the names of their results: `agg({ low: 'min', high: 'max' })`. */
  agg<const A extends Readonly<Record<string, AggregationName | readonly [AggregationName, object]>>>(
    spec: A,
  ): Grouped<
    Keys,
    {
      -readonly [K in keyof A]: ResultType<
        A[K] extends readonly [infer N extends AggregationName, object] ? N : Extract<A[K], AggregationName>,
        D
      >;
    }
  > {
    return grouped({
      ...this.#scope,
      items: aggItems(this.#scope.frame, aggSpecOf(this.#name, spec)),
    }) as never;
  }
}

/** A frame by groups: the aggregations of all columns, one column as a property, or a selection of columns. */
export type GroupBy<S extends ColumnTypes, Keys extends ColumnTypes> = GroupedFrame<S, Keys> & {
  readonly [C in Exclude<keyof S & string, keyof GroupedFrame<ColumnTypes, ColumnTypes>>]: GroupedSeries<
    S[C],
    C,
    Keys
  >;
};

export interface GroupedFrame<S extends ColumnTypes, Keys extends ColumnTypes>
  extends GroupByMethods<S, Keys> {}

/**
 * The rows of a frame, or of a window on it, by groups. Each aggregation gives a snapshot frame with one row
 * per group, emitted once per batch. A group of a window leaves with its last row; without a window groups stay
 * for ever. NaN is a key like any other, -0 is 0.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class GroupedFrame<S extends ColumnTypes, Keys extends ColumnTypes> {
  /** @internal */
  readonly $scope: Scope;
  /** @internal */
  readonly $only: readonly string[] | undefined;

  static {
    addMethods(
      GroupedFrame.prototype,
      (definition) =>
        function (options) {
          const checked = checkedOptions(definition, options);
          return grouped({ ...this.$scope, items: { definition, options: checked, only: this.$only } });
        },
      ['size'],
    );
  }

  constructor(scope: Scope, only?: readonly string[]) {
    this.$scope = scope;
    this.$only = only;
  }

  /** The columns and nothing else: `groups.col.count` is the column where `groups.count` is the method. */
  get col(): { readonly [C in keyof S & string]: GroupedSeries<S[C], C, Keys> } {
    const scope = this.$scope;
    return columnProxy((name) => {
      scope.frame.checkName(name);
      return new GroupedSeries(scope, name);
    }) as never;
  }

  /** The number of rows of each group, missing values included, as column `size`. */
  size(): Grouped<Keys, { size: ResultType<'size', DataType> }> {
    const definition = definitions.get('size') as AggregationDefinition;
    return grouped({
      ...this.$scope,
      items: [{ name: 'size', expr: undefined, definition, options: {} }],
    }) as never;
  }

  /**
   * Several aggregations in one pass: `agg({ total: ['amount', 'sum'], amount: 'mean', rows: 'size' })`. The
   * columns of the result are the keys, then these.
   */
  agg<const A extends AggSpec<S>>(spec: A): Grouped<Keys, AggColumns<S, A>> {
    return grouped({ ...this.$scope, items: aggItems(this.$scope.frame, spec) }) as never;
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
  ): Grouped<
    Keys,
    {
      [C in Exclude<keyof S, keyof Keys> as FamilyOf<S[C]> extends 'number' | 'int64' | 'unknown'
        ? C
        : never]: ColumnOf<R>;
    }
  > {
    const request = {
      ...this.$scope,
      aggregation: aggregation as unknown as ColumnAggregation,
      only: this.$only,
    };
    return resultFrame(userGroups(request)) as never;
  }

  /** Only these columns take part in what follows. */
  select<const C extends readonly (keyof S & string)[]>(...columns: C): GroupBy<Pick<S, C[number]>, Keys> {
    for (const name of columns) this.$scope.frame.checkName(name, 'select');
    checkUnique(columns, 'select');
    return groupBy(this.$scope, columns) as never;
  }
}

function grouped(request: AggregateRequest): StreamingDataFrame<ColumnTypes, 'snapshot'> {
  const keys = request.groups!.keys.map(({ name }) => name);
  return resultFrame(aggregateNode(request), 'snapshot', undefined, keys);
}

/** A group-by with its columns as properties. */
export function groupBy(scope: Scope, only?: readonly string[]): GroupBy<ColumnTypes, ColumnTypes> {
  const target = new GroupedFrame<ColumnTypes, ColumnTypes>(scope, only);
  return withColumns(target, scope.frame, (name) => new GroupedSeries(scope, name)) as GroupBy<
    ColumnTypes,
    ColumnTypes
  >;
}

/** Reads the arguments of `groupby`. @throws `bad-option`, `no-such-column`, `bad-expression`. */
export function groupKeys(frame: FrameState, args: readonly unknown[]): GroupKeys {
  const last = args.at(-1);
  const isOptions =
    typeof last === 'object' && last !== null && !Array.isArray(last) && !(last instanceof Expr);
  const options = (isOptions ? last : {}) as GroupByOptions;
  for (const name of Object.keys(options)) {
    if (name === 'sort' || name === 'dropna') continue;
    throw new SchemaError(
      'bad-option',
      `groupby has no option ${quote(name)}${didYouMean(name, ['sort', 'dropna']) || ';'} there are sort and dropna`,
    );
  }
  const given = (isOptions ? args.slice(0, -1) : args).flat();
  if (given.length === 0) throw new SchemaError('bad-option', 'groupby needs at least one key');
  const taken = new Set<string>();
  const keys = given.map((key): NamedExpr => {
    const named = keyOf(frame, key);
    const name = freeName(named.name, taken);
    taken.add(name);
    return { name, expr: named.expr };
  });
  return { keys, sort: options.sort ?? true, dropna: options.dropna ?? true };
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
