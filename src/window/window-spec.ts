import { DataType } from 'apache-arrow';
import { isFloat, isTemporal } from '../columnar/types.ts';
import { GraphError } from '../errors.ts';

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

export function isRowsWindow(window: WindowSpec): window is RowsWindowSpec {
  return 'rows' in window;
}

const ends: readonly unknown[] = ['right', 'left', 'both', 'neither'] satisfies Closed[];

/** @throws GraphError `bad-option` for a window of no rows, of no width, or over keys without distances. */
export function checkWindow(window: WindowSpec): void {
  if (isRowsWindow(window)) {
    const { rows } = window;
    if (Number.isSafeInteger(rows) && rows >= 1) return;
    throw new GraphError('bad-option', `a window of ${String(rows)} rows; wanted a whole number from 1 on`);
  }
  const { width, closed = 'right', keyType } = window;
  if (!ends.includes(closed)) {
    throw new GraphError('bad-option', `closed: ${JSON.stringify(closed)}; wanted ${ends.join(', ')}`);
  }
  if (!isFloat(keyType) && !isTemporal(keyType) && !DataType.isInt(keyType)) {
    throw new GraphError(
      'bad-option',
      `a window over keys of type ${String(keyType)}; wanted numbers or times`,
    );
  }
  const whole = typeof width === 'bigint' || Number.isSafeInteger(width);
  // No width at all still has the rows of the newest key in view where both ends belong to it.
  const least = closed === 'both' ? width >= 0 : width > 0;
  if (least && width < Infinity && (whole || isFloat(keyType))) return;
  throw new GraphError(
    'bad-option',
    `a window of width ${String(width)}; wanted one above 0 that ${String(keyType)} can hold`,
  );
}
