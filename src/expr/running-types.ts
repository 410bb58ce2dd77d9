import type {
  Bool,
  DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  Duration,
  DurationMicrosecond,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  Float64,
  Int64,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
} from 'apache-arrow';
import type { ColumnTypes, ExactInteger, FamilyOf, Flat, Unavailable } from '../columnar/type-families.ts';

type IsFloat<D> = D extends { readonly precision: unknown } ? true : false;

/** What a column is once its dictionary is done away with. */
type Plain<D> = D extends Dictionary<infer T> ? T : D;

type OnlyDurations<D> = D extends Duration ? D : never;

/** Running totals: those of floats are float64, of 64-bit integers themselves, of other integers exact. */
type Totalled<D> = {
  unknown: DataType;
  number: IsFloat<D> extends true ? Float64 : ExactInteger;
  int64: D;
  bool: ExactInteger;
  string: never;
  null: never;
  'time-ms': OnlyDurations<D>;
  time: OnlyDurations<D>;
}[FamilyOf<D>];

type Multiplied<D> = {
  unknown: DataType;
  number: Float64;
  int64: D;
  bool: Float64;
  string: never;
  null: never;
  'time-ms': never;
  time: never;
}[FamilyOf<D>];

/** Of numbers float64, of anything else nothing. */
type Float<D> = FamilyOf<D> extends 'number' | 'int64' | 'unknown' ? Float64 : never;

/** What a difference of two times is. */
type Elapsed<D> = D extends TimestampSecond | TimeSecond | DurationSecond | DateDay
  ? DurationSecond
  : D extends TimestampMillisecond | TimeMillisecond | DurationMillisecond | DateMillisecond
    ? DurationMillisecond
    : D extends TimestampMicrosecond | TimeMicrosecond | DurationMicrosecond
      ? DurationMicrosecond
      : D extends TimestampNanosecond | TimeNanosecond | DurationNanosecond
        ? DurationNanosecond
        : Duration;

type Difference<D> = {
  unknown: DataType;
  number: IsFloat<D> extends true ? Float64 : ExactInteger;
  int64: Int64;
  bool: never;
  string: never;
  null: never;
  'time-ms': Elapsed<D>;
  time: Elapsed<D>;
}[FamilyOf<D>];

/** The types that running functions of a column of type `D` give; `never` where they are not available. */
interface RunningTypes<D> {
  cumsum: Totalled<D>;
  cumprod: Multiplied<D>;
  cummin: FamilyOf<D> extends 'null' ? never : Plain<D>;
  cummax: FamilyOf<D> extends 'null' ? never : Plain<D>;
  shift: Plain<D>;
  diff: Difference<D>;
  pctChange: Float<D>;
  forwardFill: Plain<D>;
  ewm: D extends Bool ? Float64 : Float<D>;
}

/** The running functions of one column. */
export type RunningName = keyof RunningTypes<DataType>;

export type RunningType<N extends RunningName, D> = Extract<RunningTypes<D>[N], DataType>;

/** What a method must be called on: anything where it is available, else nothing that there is. */
export type Available<N extends RunningName, D> = [RunningType<N, D>] extends [never]
  ? Unavailable<`${N} is not available on ${FamilyOf<D>} columns`>
  : unknown;

/** The columns of a frame that a running function takes, with the types that it gives. */
export type RunningColumns<S extends ColumnTypes, N extends RunningName> = Flat<{
  [C in keyof S as [RunningType<N, S[C]>] extends [never] ? never : C]: RunningType<N, S[C]>;
}>;
