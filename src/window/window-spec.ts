import type { DataType } from 'apache-arrow';

/** Which ends of a value window belong to it. */
export type Closed = 'right' | 'left' | 'both' | 'neither';

/** The last `rows` rows in arrival order. */
export interface RowsWindowSpec {
  /** Whole number, at least 1. */
  readonly rows: number;
}

/**
 * The rows whose key lies at most `width` below the greatest key ever seen. The window moves only with
 * data.
 */
export interface ValueWindowSpec {
  /** In units of the key (nanoseconds for a timestamp in ns); above 0. */
  readonly width: bigint | number;
  /** `'right'`, the default, is (newest - width, newest]. */
  readonly closed?: Closed | undefined;
  /** Arrow type of the key: integer, float, date, time, timestamp or duration. */
  readonly keyType: DataType;
}

export type WindowSpec = RowsWindowSpec | ValueWindowSpec;
