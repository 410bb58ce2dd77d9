import type {
  Bool,
  DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  DurationMillisecond,
  DurationSecond,
  FixedSizeList,
  Float,
  Int,
  Int64,
  LargeUtf8,
  List,
  Null,
  Struct,
  TimeMillisecond,
  TimeSecond,
  TimestampMillisecond,
  TimestampSecond,
  Uint64,
  Utf8,
  Utf8View,
} from 'apache-arrow';

/** The columns of a frame: their names and Arrow types. */
export type ColumnTypes = Record<string, DataType>;

/** Columns that are only known at run time: any name may be asked for, and errors come when data does. */
export type AnySchema = Record<string, DataType>;

/** An int64 column of counts or of sums of small integers, which JavaScript sees as plain numbers. */
export interface ExactInteger extends Int64 {
  readonly plainNumber: true;
}

/** Whether `D` is no particular type. */
export type IsUnknown<D> = DataType extends D ? true : false;

type Wide = Int64 | Uint64;
type StringLike = Utf8 | LargeUtf8 | Utf8View | Dictionary<Utf8>;
type MsLike =
  | TimestampSecond
  | TimestampMillisecond
  | DateDay
  | DateMillisecond
  | TimeSecond
  | TimeMillisecond
  | DurationSecond
  | DurationMillisecond;

/** Families of types, as operations see them. */
export type FamilyOf<D> =
  IsUnknown<D> extends true
    ? 'unknown'
    : D extends ExactInteger
      ? 'number'
      : D extends Wide
        ? 'int64'
        : D extends Int | Float
          ? 'number'
          : D extends StringLike
            ? 'string'
            : D extends Bool
              ? 'bool'
              : D extends Null
                ? 'null'
                : D extends MsLike
                  ? 'time-ms'
                  : 'time';

/** The JavaScript value of a row of type `D`, null apart. */
export type ValueOf<D extends DataType> =
  IsUnknown<D> extends true
    ? FlatValueOf<D>
    : D extends Struct<infer T>
      ? { [Name in keyof T]: ValueOf<T[Name]> | null }
      : D extends List<infer T> | FixedSizeList<infer T>
        ? ValueOf<T>[]
        : FlatValueOf<D>;

type FlatValueOf<D extends DataType> = {
  unknown: number | bigint | string | boolean;
  number: number;
  int64: bigint;
  string: string;
  bool: boolean;
  null: null;
  'time-ms': number;
  time: bigint;
}[FamilyOf<D>];

/** What a column of type `D` may be compared with, as a literal. */
export type LiteralOf<D extends DataType> = {
  unknown: number | bigint | string | boolean | Date;
  number: number;
  int64: bigint;
  string: string;
  bool: boolean;
  null: null;
  'time-ms': number | Date;
  time: bigint | Date;
}[FamilyOf<D>];

/** A type that cannot be met, whose text says why. */
export interface Unavailable<Text extends string> {
  readonly unavailable: Text;
}

/** The types of a frame's rows as objects. */
export type RowOf<S extends ColumnTypes> = { [Name in keyof S]: ValueOf<S[Name]> | null };

/** One type shown in full rather than as an intersection. */
export type Flat<T> = { [K in keyof T]: T[K] };
