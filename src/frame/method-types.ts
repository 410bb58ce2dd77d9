import type { DataType } from 'apache-arrow';
import type { AggregationDefinition, Apply, TypeFunction } from '../aggregate/aggregation.ts';
import type * as aggregations from '../aggregate/index.ts';
import type { AnySchema, ColumnTypes, FamilyOf, Flat, ValueOf } from '../columnar/type-families.ts';
import type { AnyExpr, Expr } from '../expr/expr.ts';
import type { AggregationState, StateOptions } from './saved-state.ts';
import type { Scalar } from './scalar.ts';

type Definitions = typeof aggregations;

/** The names of the built-in aggregations. */
export type AggregationName = keyof Definitions & string;

type FunctionOf<N extends AggregationName> =
  Definitions[N] extends AggregationDefinition<infer F, infer _O> ? F : TypeFunction;

/** The options of an aggregation. */
export type OptionsOf<N extends AggregationName> =
  Definitions[N] extends AggregationDefinition<infer _F, infer O> ? O : never;

/** Options that aggregations have beside their own. */
export interface AggregationOptions {
  /** Only the rows for which this is true count; the others are as if they had no value. */
  readonly where?: OtherColumn | undefined;
}

/** The option of aggregations that skip missing values. */
export interface SkipOptions {
  /** `false`: null if any value is null, else NaN if any is NaN. Default `true`: both are skipped. */
  readonly skipna?: boolean | undefined;
}

/** A column beside the one that is aggregated: its name, an expression, or a callback over a row of columns. */
export type OtherColumn = string | AnyExpr | ((row: Row<AnySchema>) => AnyExpr);

/** The names of the aggregations that whole frames have, for every column. */
export type EveryName = {
  [N in AggregationName]: Definitions[N] extends { readonly every?: infer E }
    ? [E] extends [false | undefined]
      ? never
      : N
    : N;
}[AggregationName];

type Given<N extends AggregationName> = OptionsOf<N> &
  AggregationOptions &
  (Definitions[N] extends { readonly skipna: true } ? SkipOptions : unknown);

/** What the method of an aggregation takes before its options. */
type Leading<N extends AggregationName> = Definitions[N] extends { readonly overTime: true }
  ? [] | [time: OtherColumn]
  : Definitions[N] extends { readonly inputs?: 2 }
    ? [other: OtherColumn]
    : Definitions[N] extends { readonly argument: string }
      ? [] | [value: number]
      : [];

/** The arguments of the method of an aggregation, with `More` options than its own. */
export type ArgumentsOf<N extends AggregationName, More = unknown> = [
  ...Leading<N>,
  options?: Given<N> & More,
];

/** The same where the options must be given. */
type ArgumentsWith<N extends AggregationName, More> = [...Leading<N>, options: Given<N> & More];

/** The Arrow type of aggregation `N` of a column of type `D`; `never` where it is not available. */
export type ResultType<N extends AggregationName, D extends DataType> = Extract<
  Apply<FunctionOf<N>, D>,
  DataType
>;

/** The JavaScript value of that. */
export type ResultValue<N extends AggregationName, D extends DataType> =
  | ValueOf<ResultType<N, D>>
  | (FunctionOf<N>['nullable'] extends true ? null : never);

export type IsAvailable<N extends AggregationName, D extends DataType> = [ResultType<N, D>] extends [never]
  ? false
  : true;

/** The columns of a frame which an aggregation takes, as a record of its results. */
export type RecordOf<S extends ColumnTypes, N extends AggregationName> = Flat<{
  [C in keyof S as IsAvailable<N, S[C]> extends true ? C : never]: ResultValue<N, S[C]>;
}>;

/** The same as columns. */
export type ColumnsOfResults<S extends ColumnTypes, N extends AggregationName> = {
  [C in keyof S as IsAvailable<N, S[C]> extends true ? C : never]: ResultType<N, S[C]>;
};

/** A row as callbacks see it: an expression for each column. */
export type Row<S extends ColumnTypes> = { readonly [C in keyof S]: Expr<S[C]> };

/** What stands for an expression: one made before, or a callback over a row of columns. */
export type ExprLike<S extends ColumnTypes, D extends DataType = DataType> =
  | AnyExpr<D>
  | ((row: Row<S>) => AnyExpr<D>);

/** The type of an expression. */
export type TypeOfExpr<E> = E extends { readonly dataType: infer D }
  ? Known<D>
  : E extends (row: never) => { readonly dataType: infer D }
    ? Known<D>
    : DataType;

type Known<D> = [D] extends [never] ? DataType : Extract<D, DataType>;

/** One result of `agg`: an aggregation of the column of that name, or of a column or expression given. */
export type AggItem<S extends ColumnTypes> =
  | AggregationName
  | readonly [AggInput<S>, AggregationName]
  | readonly [AggInput<S>, AggregationName, AggItemOptions<S>];

/** The options of one result of `agg`: those of its aggregation, and `where`. */
export interface AggItemOptions<S extends ColumnTypes> {
  /** Only the rows for which this is true count; the others are as if they had no value. */
  readonly where?: ColumnOrExpr<S> | undefined;
  readonly [option: string]: unknown;
}

/** What an aggregation takes in: a column, an expression, or a list of them where it takes several. */
export type AggInput<S extends ColumnTypes> = ColumnOrExpr<S> | readonly ColumnOrExpr<S>[];

type ColumnOrExpr<S extends ColumnTypes> = (keyof S & string) | ExprLike<S>;

/** Several aggregations by the names of their results. */
export type AggSpec<S extends ColumnTypes> = Readonly<Record<string, AggItem<S>>>;

type InputOf<S extends ColumnTypes, Key, Item> = Item extends readonly [infer C, ...unknown[]]
  ? TypeOfInput<S, C extends readonly [infer First, ...unknown[]] ? First : C>
  : Key extends keyof S
    ? S[Key]
    : DataType;

type TypeOfInput<S extends ColumnTypes, C> = C extends keyof S ? S[C] : TypeOfExpr<C>;

type NameOf<Item> = Item extends AggregationName
  ? Item
  : Item extends readonly [unknown, infer N extends AggregationName, ...unknown[]]
    ? N
    : never;

export type AggRecord<S extends ColumnTypes, A> = {
  -readonly [K in keyof A]: ResultValue<NameOf<A[K]>, InputOf<S, K, A[K]>>;
};

export type AggColumns<S extends ColumnTypes, A> = {
  -readonly [K in keyof A]: ResultType<NameOf<A[K]>, InputOf<S, K, A[K]>>;
};

/** The results of a user's aggregation of each numeric column. */
export type UserRecord<S extends ColumnTypes, R> = {
  [C in keyof S as FamilyOf<S[C]> extends 'number' | 'int64' | 'unknown' ? C : never]: R | null;
};

/** A value, and the state of the aggregation that gave it. */
export type Stated<V> = readonly [state: AggregationState, value: V];

/** `V`, or `[state, V]` where the state is asked for. */
export type StatedIf<W extends boolean, V> = W extends true ? Stated<V> : V;

/** A plain value that an aggregation over all time may start with. */
export type PlainStart<N extends AggregationName> = {
  sum: number | bigint;
  count: number;
  size: number;
  mean: readonly [total: number | bigint, count: number];
}[Extract<N, 'sum' | 'count' | 'size' | 'mean'>];

/** The method of aggregation `N` with the options of states; `W` says whether its window asks for the state already. */
export type StateMethod<
  N extends AggregationName,
  Value,
  StatedValue,
  W extends boolean,
  Start = never,
> = W extends true
  ? {
      (...args: ArgumentsWith<N, StartOptions<Start> & { readonly withState: false }>): Value;
      (...args: ArgumentsOf<N, StartOptions<Start>>): StatedValue;
    }
  : {
      (...args: ArgumentsWith<N, StartOptions<Start> & { readonly withState: true }>): StatedValue;
      (...args: ArgumentsOf<N, StartOptions<Start> & { readonly withState?: false | undefined }>): Value;
    };

type StartOptions<Start> = StateOptions<AggregationState | Start>;

/** The same where the value is a running one. */
export type ScalarMethod<N extends AggregationName, V, W extends boolean, Start = never> = StateMethod<
  N,
  Scalar<V>,
  Scalar<Stated<V>>,
  W,
  Start
>;
