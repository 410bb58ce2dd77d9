import type {
  Binary,
  BinaryView,
  Bool,
  DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  DurationMillisecond,
  DurationSecond,
  FixedSizeBinary,
  FixedSizeList,
  Float,
  Int,
  Int64,
  Interval,
  LargeBinary,
  LargeList,
  LargeUtf8,
  List,
  Map_,
  Null,
  Struct,
  TimeMillisecond,
  TimeSecond,
  TimestampMillisecond,
  TimestampSecond,
  Uint64,
  Union,
  Utf8,
  Utf8View,
} from 'apache-arrow';

/** The columns of a frame: their names and Arrow types. */
export type ColumnTypes = Record<string, DataType>;

/** Columns that are only known at run time: any name may be asked for, and errors come when data does. */
export type AnySchema = Record<string, DataType>;

/** The columns that a schema says, where it says any: Arrow's own type of a schema made of fields. */
export type ColumnsOrAny<S extends ColumnTypes> = 0 extends 1 & S ? AnySchema : S;

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

/** Types whose values are no numbers, strings or times: what apache-arrow gives. */
type Carried =
  | Binary
  | LargeBinary
  | BinaryView
  | FixedSizeBinary
  | Interval
  | List
  | LargeList
  | FixedSizeList
  | Struct
  | Map_
  | Union;

/** The JavaScript value of a row of type `D`, null apart. */
export type ValueOf<D extends DataType> =
  IsUnknown<D> extends true
    ? ValueOfFamily<D>
    : D extends Decimal
      ? string
      : D extends Dictionary<infer V>
        ? ValueOf<V>
        : D extends Struct<infer T>
          ? { [Name in keyof T]: ValueOf<T[Name]> | null }
          : D extends List<infer T> | FixedSizeList<infer T>
            ? ValueOf<T>[]
            : D extends Carried
              ? D['TValue']
              : ValueOfFamily<D>;

type ValueOfFamily<D extends DataType> = {
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
export type LiteralOf<D extends DataType> =
  IsUnknown<D> extends true
    ? LiteralOfFamily<D>
    : D extends Decimal
      ? number | bigint | string
      : LiteralOfFamily<D>;

type LiteralOfFamily<D extends DataType> = {
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
