import type { DataType } from 'apache-arrow';
import type { AggregationDefinition, Apply, TypeFunction } from '../aggregate/aggregation.ts';
import type * as aggregations from '../aggregate/index.ts';
import type { ColumnTypes, FamilyOf, Flat, ValueOf } from '../columnar/type-families.ts';
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
  | readonly [(keyof S & string) | ExprLike<S>, AggregationName]
  | readonly [(keyof S & string) | ExprLike<S>, AggregationName, object];

/** Several aggregations by the names of their results. */
export type AggSpec<S extends ColumnTypes> = Readonly<Record<string, AggItem<S>>>;

type InputOf<S extends ColumnTypes, Key, Item> = Item extends readonly [infer C, ...unknown[]]
  ? C extends keyof S
    ? S[C]
    : TypeOfExpr<C>
  : Key extends keyof S
    ? S[Key]
    : DataType;

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

/** A method with the options `O` and those of states; `W` says whether its window asks for the state already. */
export type StateMethod<O, Value, StatedValue, W extends boolean, Start = never> = W extends true
  ? {
      (options: O & StateOptions<AggregationState | Start> & { readonly withState: false }): Value;
      (options?: O & StateOptions<AggregationState | Start>): StatedValue;
    }
  : {
      (options: O & StateOptions<AggregationState | Start> & { readonly withState: true }): StatedValue;
      (
        options?: O & StateOptions<AggregationState | Start> & { readonly withState?: false | undefined },
      ): Value;
    };

/** The same where the value is a running one. */
export type ScalarMethod<O, V, W extends boolean, Start = never> = StateMethod<
  O,
  Scalar<V>,
  Scalar<Stated<V>>,
  W,
  Start
>;
