import { type Duration, durationMs } from '../core/duration.ts';
import { MillraceError } from '../errors.ts';

/** How much a chart keeps. */
export interface BacklogSize {
  /** At most so many rows. */
  readonly rows: number;
  /** Only rows whose time is later than the newest minus this many milliseconds. */
  readonly milliseconds: number | undefined;
}

export const defaultRows = 1000;
export const defaultMaxRows = 20_000;

/**
 * Reads the `backlog` option: a number of rows, or a duration.
 *
 * @throws `bad-option` for anything else.
 */
export function backlogSize(
  backlog: number | Duration | undefined,
  maxRows: number = defaultMaxRows,
): BacklogSize {
  if (!isCount(maxRows)) {
    throw new MillraceError('bad-option', `maxRows must be a positive integer, got ${String(maxRows)}`);
  }
  if (backlog === undefined) return { rows: Math.min(defaultRows, maxRows), milliseconds: undefined };
  if (typeof backlog !== 'number') {
    const milliseconds = durationMs(backlog, 'backlog');
    if (milliseconds > 0) return { rows: maxRows, milliseconds };
    throw new MillraceError('bad-option', `backlog "${backlog}" holds no time`);
  }
  if (isCount(backlog)) return { rows: backlog, milliseconds: undefined };
  throw new MillraceError(
    'bad-option',
    `backlog must be a positive number of rows or a duration such as '2m', got ${backlog}`,
  );
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
