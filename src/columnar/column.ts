import type { Data, DataType, Dictionary } from 'apache-arrow';

/** Typed arrays whose elements are JavaScript numbers. */
export type NumberArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

interface ColumnBase {
  /** The Arrow type. */
  readonly type: DataType;
  /** Number of rows. */
  readonly length: number;
  /** Validity bits, or `undefined` where no row is null. Row `i` is at bit `offset + i`. */
  readonly validity: Uint8Array | undefined;
  /** First bit of this column in `validity` (and in the `values` of a bool column). Nothing else starts there. */
  readonly offset: number;
  /** The Arrow data the column was made from, when it is unchanged. */
  readonly data?: Data | undefined;
}

/** Integers up to 32 bits, float32, float64, date in days, time in s or ms. Row `i` is `values[i]`. */
export interface NumberColumn extends ColumnBase {
  readonly kind: 'number';
  readonly values: NumberArray;
}

/** 64-bit integers, timestamps, durations, date in ms, time in µs or ns: the raw value in the type's own unit. */
export interface Int64Column extends ColumnBase {
  readonly kind: 'int64';
  readonly values: BigInt64Array | BigUint64Array;
}

/** Booleans as bits; row `i` is bit `offset + i` of `values`. */
export interface BoolColumn extends ColumnBase {
  readonly kind: 'bool';
  readonly values: Uint8Array;
}

/** Strings as UTF-8 bytes; row `i` is `bytes[valueOffsets[i] … valueOffsets[i + 1])`. `valueOffsets[0]` need not be 0. */
export interface Utf8Column extends ColumnBase {
  readonly kind: 'utf8';
  readonly valueOffsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** Codes into a dictionary; row `i` is row `codes[i]` of `dictionary`. The same dictionary is the same object from batch to batch. */
export interface DictionaryColumn extends ColumnBase {
  readonly kind: 'dictionary';
  readonly type: Dictionary;
  readonly codes: Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;
  readonly dictionary: Column;
}

/** A column of nothing but nulls. */
export interface NullColumn extends ColumnBase {
  readonly kind: 'null';
}

/** Any other Arrow type: carried along, not computed with. */
export interface OpaqueColumn extends ColumnBase {
  readonly kind: 'opaque';
  readonly data: Data;
}

/** A column as the kernels see it: plain typed arrays, made once when a batch enters. Never changed. */
export type Column =
  | NumberColumn
  | Int64Column
  | BoolColumn
  | Utf8Column
  | DictionaryColumn
  | NullColumn
  | OpaqueColumn;
