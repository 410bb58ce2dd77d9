import type {
  Bool,
  DataType,
  Duration,
  DurationMicrosecond,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  Float64,
  Int64,
  Null,
  Timestamp,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  Utf8,
} from 'apache-arrow';
import type { ExactInteger, FamilyOf, IsUnknown, LiteralOf, Unavailable } from '../columnar/type-families.ts';
import type { Expr } from './expr.ts';
import type { ExprTree, ValueOperand } from './tree.ts';

/**
 * What sort of expression the operations of an expression give: a free one, or a series of some frame.
 * `(F & { type: D })['expr']` is an expression of type `D`.
 */
export interface ExprFamily {
  /** Unknown, so that `Of` makes just `D` of it. */
  readonly type: unknown;
  readonly expr: unknown;
}

/** An expression of type `D` of that sort. */
export type Of<F extends ExprFamily, D extends DataType> = (F & { readonly type: D })['expr'];

/** Expressions that belong to no frame. */
export interface FreeExprs extends ExprFamily {
  readonly expr: Expr<Extract<this['type'], DataType>>;
}

/** Any expression of type `D`: free, or a series. Columns of no particular type pass for every type. */
export interface AnyExpr<D extends DataType = DataType> {
  readonly tree: ExprTree;
  readonly dataType: D;
  readonly family: string;
}

/** The phantom of a type; that of no particular type passes for every one. */
export type Phantom<D, T> = IsUnknown<D> extends true ? never : T;

/** What arithmetic may be done with. */
export type NumericOperand<D extends DataType> = {
  number: number | NumericExpr | ValueOperand<number | null>;
  int64: bigint | NumericExpr | ValueOperand<number | bigint | null>;
  /** As anything may be, a duration or a date, too. */
  unknown: number | bigint | string | Date | AnyExpr | ValueOperand<unknown>;
  string: Unavailable<'arithmetic is not available on utf8 columns'>;
  bool: Unavailable<'arithmetic is not available on bool columns'>;
  null: number | AnyExpr;
  'time-ms': Unavailable<'arithmetic is not available on columns of times'>;
  time: Unavailable<'arithmetic is not available on columns of times'>;
}[FamilyOf<D>];

/** Expressions of numbers. Checked by a member that only they have in this form. */
type NumericExpr = AnyExpr & { readonly family: 'number' | 'int64' };

/** Numbers up to 32 bits and floats give float64; 64-bit integers stay themselves beside literals. */
export type Arithmetic<D extends DataType, O> =
  IsUnknown<D> extends true
    ? DataType
    : FamilyOf<D> extends 'int64'
      ? O extends bigint
        ? Int64
        : O extends { readonly family: 'int64' }
          ? Int64
          : O extends { readonly dataType: infer E }
            ? IsFloat<E> extends true
              ? Float64
              : Int64
            : O extends ValueOperand<bigint | null>
              ? Int64
              : Float64
      : O extends { readonly family: 'int64' }
        ? IsFloat<D> extends true
          ? Float64
          : Int64
        : Float64;

type IsFloat<D> = D extends { readonly precision: unknown } ? true : false;

/** What a column may be compared with. */
export type Comparable<D extends DataType> =
  | LiteralOf<D>
  | null
  | ValueOperand<LiteralOf<D> | null>
  | (FamilyOf<D> extends 'unknown'
      ? AnyExpr
      : AnyExpr & {
          readonly family: FamilyOf<D> extends 'number' | 'int64'
            ? 'number' | 'int64'
            : FamilyOf<D> extends 'time-ms' | 'time'
              ? 'time-ms' | 'time'
              : FamilyOf<D>;
        });

type BoolOperand = boolean | (AnyExpr & { readonly family: 'bool' });

/** What logic may be done with, beside a column of type `D`. */
export type BoolSelf<D extends DataType> =
  FamilyOf<D> extends 'bool' | 'unknown' ? BoolOperand : Unavailable<'logic needs bool columns'>;

type DurationExpr = AnyExpr & { readonly dataType: Duration };

/** What may be added: to a time, a duration such as `'2h'` or a column of them. */
export type AddOperand<D extends DataType> =
  IsUnknown<D> extends true
    ? NumericOperand<D>
    : D extends Timestamp
      ? string | DurationExpr
      : D extends Duration
        ? string | (AnyExpr & { readonly dataType: Duration | Timestamp })
        : NumericOperand<D>;

/** What may be taken away: from a timestamp also another. */
export type SubOperand<D extends DataType> =
  IsUnknown<D> extends true
    ? NumericOperand<D>
    : D extends Timestamp
      ? string | Date | (AnyExpr & { readonly dataType: Duration | Timestamp })
      : D extends Duration
        ? string | DurationExpr
        : NumericOperand<D>;

export type Sum<D extends DataType, O> =
  IsUnknown<D> extends true
    ? DataType
    : D extends Timestamp
      ? D
      : D extends Duration
        ? O extends { readonly dataType: infer E }
          ? E extends Timestamp
            ? E
            : FinerOf<D, E>
          : D
        : Arithmetic<D, O>;

export type Difference<D extends DataType, O> =
  IsUnknown<D> extends true
    ? DataType
    : D extends Timestamp
      ? O extends Date
        ? FinerOf<D, TimestampMillisecond>
        : O extends { readonly dataType: infer E }
          ? E extends Timestamp
            ? FinerOf<D, E>
            : D
          : D
      : D extends Duration
        ? O extends { readonly dataType: infer E }
          ? FinerOf<D, E>
          : D
        : Arithmetic<D, O>;

/** Durations in the finer unit of two types of times. */
type FinerOf<A, B> = A | B extends infer _
  ? Includes<A, B, TimestampNanosecond | DurationNanosecond> extends true
    ? DurationNanosecond
    : Includes<A, B, TimestampMicrosecond | DurationMicrosecond> extends true
      ? DurationMicrosecond
      : Includes<A, B, TimestampMillisecond | DurationMillisecond> extends true
        ? DurationMillisecond
        : DurationSecond
  : never;

type Includes<A, B, C> = [A] extends [C] ? true : [B] extends [C] ? true : false;

/** A value that may stand where an expression may. */
export type CaseLiteral = number | bigint | boolean | string | Date | null;

/** What may stand beside a value of type `D`, so that both have one type. */
export type CaseValue<D extends DataType> =
  FamilyOf<D> extends 'null' ? AnyExpr | CaseLiteral : Comparable<D>;

/** The type of an expression or a plain value. */
export type TypeOfValue<V> = V extends null
  ? Null
  : V extends number
    ? Float64
    : V extends bigint
      ? Int64
      : V extends boolean
        ? Bool
        : V extends string
          ? Utf8
          : V extends Date
            ? TimestampMillisecond
            : V extends { readonly dataType: infer D }
              ? [D] extends [never]
                ? DataType
                : Extract<D, DataType>
              : DataType;

/** The type that a column of type `D` has when it may also hold `V`. */
export type Unified<D extends DataType, V> =
  IsUnknown<D> extends true
    ? DataType
    : V extends null
      ? PlainOf<D>
      : FamilyOf<D> extends 'null'
        ? PlainOf<TypeOfValue<V>>
        : V extends CaseLiteral
          ? FamilyOf<D> extends 'time' | 'time-ms'
            ? D
            : UnifiedTypes<D, TypeOfValue<V>>
          : UnifiedTypes<D, TypeOfValue<V>>;

type UnifiedTypes<A extends DataType, B extends DataType> =
  IsUnknown<B> extends true
    ? DataType
    : [PlainOf<A>, PlainOf<B>] extends [PlainOf<B>, PlainOf<A>]
      ? PlainOf<A>
      : FamilyOf<A> extends 'time' | 'time-ms'
        ? A
        : FamilyOf<A> extends 'number' | 'int64'
          ? FamilyOf<A> | FamilyOf<B> extends 'number'
            ? Float64
            : IsFloat<A> | IsFloat<B> extends false
              ? Int64
              : Float64
          : A;

/** Strings however they are stored are utf8, counts are float64. */
type PlainOf<D extends DataType> = FamilyOf<D> extends 'string' ? Utf8 : D extends ExactInteger ? Float64 : D;

/** The type of several values that are brought to one. */
export type UnifiedAll<D extends DataType, V extends readonly unknown[]> = V extends readonly [
  infer First,
  ...infer Rest,
]
  ? UnifiedAll<Unified<D, First>, Rest>
  : V extends readonly []
    ? D
    : Unified<D, V[number]>;

/** The sort of expression that comes of several: series where there is one among them. */
export type SortOf<V> = [SeriesSort<V>] extends [never] ? FreeExprs : SeriesSort<V>;

type SeriesSort<V> = V extends { readonly $frame: unknown; readonly sort: infer F extends ExprFamily }
  ? F
  : never;

/** Running totals: those of floats are float64, of 64-bit integers themselves, of other integers exact. */
export type Totalled<D extends DataType> = {
  unknown: DataType;
  number: IsFloat<D> extends true ? Float64 : ExactInteger;
  int64: D;
  bool: ExactInteger;
  string: never;
  null: never;
  'time-ms': D;
  time: D;
}[FamilyOf<D>];
