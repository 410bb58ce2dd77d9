import { DataType, DateUnit, type TimeUnit } from 'apache-arrow';
import { typeName } from '../columnar/type-name.ts';
import { type Duration, parseDuration } from '../core/duration.ts';
import { didYouMean, MillraceError, quote, SchemaError } from '../errors.ts';
import { isNumber } from '../expr/type-kinds.ts';
import type { Closed, WindowSpec } from '../window/window-spec.ts';
import { type StateOptions, splitOptions, stateOptionNames } from './saved-state.ts';

/** The last `n` rows, in arrival order. */
export interface RowsWindow extends StateOptions {
  readonly n: number;
}

/** A range of the time key, or of another ordered column, that ends at the greatest key seen. */
export interface ValueWindow<Name extends string = string> extends StateOptions {
  /** A duration such as `'2h'` where the key is a time; a number, or for 64-bit keys a bigint, in the key's unit else. */
  readonly value: Duration | number | bigint;
  /** Which ends belong to the window. Default `'right'`: (newest - value, newest]. */
  readonly closed?: Closed;
  /** The key. Default: the time key of the frame. */
  readonly on?: Name;
}

/** `100` and `{ n: 100 }` are rows, `'2h'` and `{ value: '2h' }` a range of the time key. */
export type WindowArgument<Name extends string = string> = number | Duration | RowsWindow | ValueWindow<Name>;

/** A window as asked for, checked as far as it can be without the schema. */
export type WindowRequest = RowsWindow | ValueWindow;

/** @throws `bad-option`. */
export function windowRequest(given: WindowArgument): WindowRequest {
  if (typeof given === 'number') return rowsWindow(given);
  if (typeof given === 'string') {
    parseDuration(given, 'window');
    return { value: given };
  }
  if (typeof given !== 'object' || given === null || 'n' in given === 'value' in given) {
    throw new MillraceError(
      'bad-option',
      `window needs rows, as in window(100) or window({ n: 100 }), or a range, as in window('2h') or window({ value: '2h' })`,
    );
  }
  for (const name of Object.keys(given)) {
    const options = [...('n' in given ? ['n'] : ['value', 'closed', 'on']), ...stateOptionNames];
    if (options.includes(name)) continue;
    throw new MillraceError(
      'bad-option',
      `window has no option ${quote(name)}${didYouMean(name, options) || ';'} there are ${options.join(', ')}`,
    );
  }
  if ('n' in given) return rowsWindow(given.n);
  const { value, closed = 'right', on } = given;
  if (typeof value === 'string') parseDuration(value, 'window');
  else if (typeof value !== 'bigint' && !(Number.isFinite(value) && value > 0)) {
    throw new MillraceError(
      'bad-option',
      `window value must be a duration or a number above 0, got ${String(value)}`,
    );
  }
  if (!['right', 'left', 'both', 'neither'].includes(closed)) {
    throw new MillraceError(
      'bad-option',
      `closed must be 'right', 'left', 'both' or 'neither', got ${quote(closed)}`,
    );
  }
  return { value, closed, ...(on === undefined ? {} : { on }) };
}

/** What a window says of the states of its aggregations. */
export function windowState(given: WindowArgument): StateOptions<unknown> {
  return typeof given === 'object' ? splitOptions(given).state : {};
}

function rowsWindow(n: number): RowsWindow {
  if (Number.isInteger(n) && n > 0) return { n };
  throw new MillraceError(
    'bad-option',
    `window needs a whole number of rows of at least 1, got ${String(n)}`,
  );
}

/** Whether two windows hold the same rows of a frame. */
export function sameWindow(a: WindowRequest, b: WindowRequest): boolean {
  if ('n' in a || 'n' in b) return 'n' in a && 'n' in b && a.n === b.n;
  return a.value === b.value && a.on === b.on && (a.closed ?? 'right') === (b.closed ?? 'right');
}

/** The name of the key of a value window. @throws `bad-option` where there is none. */
export function windowKey(window: ValueWindow, time: string | undefined): string {
  const key = window.on ?? time;
  if (key !== undefined) return key;
  throw new MillraceError(
    'bad-option',
    `${windowLabel(window)} needs a time key; declare one with { time: 'name of the column' } where the frame is made, or give { on: 'column' }`,
  );
}

/** The window in the units of its key. @throws `type-mismatch` where the two do not go together. */
export function windowSpec(
  window: WindowRequest,
  key: string | undefined,
  keyType: DataType | undefined,
): WindowSpec {
  if ('n' in window) return { rows: window.n };
  const { value, closed = 'right' } = window;
  const type = keyType!;
  const unit = nanosecondsPerUnit(type);
  if (typeof value === 'string') {
    if (unit === undefined) {
      throw new SchemaError(
        'type-mismatch',
        `${windowLabel(window)} needs a key of times, but ${quote(key!)} is ${typeName(type)}; ${isNumber(type) ? 'give the range as a number, or ' : ''}declare the column as timestamp('ms')`,
      );
    }
    return { width: widthOf(parseDuration(value), unit, closed), closed, keyType: type };
  }
  const wide = DataType.isInt(type) && type.bitWidth === 64;
  const ordered = wide || DataType.isInt(type) || DataType.isFloat(type);
  if (!ordered || (typeof value === 'bigint') !== wide) {
    const wanted = unit !== undefined ? `a duration such as '2h'` : wide ? 'a bigint' : 'a number';
    throw new SchemaError(
      'type-mismatch',
      `${windowLabel(window)}: ${quote(key!)} is ${typeName(type)}${ordered || unit !== undefined ? `, whose ranges are ${wanted}` : ', which has no order to take a range of'}`,
    );
  }
  return { width: value, closed, keyType: type };
}

/** Keys are whole units, so an open left end moves up to the next unit and a closed one down. */
function widthOf(nanoseconds: bigint, unit: bigint, closed: Closed): bigint {
  const leftClosed = closed === 'left' || closed === 'both';
  return leftClosed ? nanoseconds / unit : (nanoseconds + unit - 1n) / unit;
}

function nanosecondsPerUnit(type: DataType): bigint | undefined {
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? 86_400_000_000_000n : 1_000_000n;
  if (DataType.isTimestamp(type) || DataType.isTime(type) || DataType.isDuration(type)) {
    return 1_000_000_000n / 1000n ** BigInt(type.unit as TimeUnit);
  }
  return undefined;
}

/** `window(100)`, `window('2h')`. */
export function windowLabel(window: WindowRequest): string {
  if ('n' in window) return `window(${window.n})`;
  return `window(${typeof window.value === 'string' ? `'${window.value}'` : window.value})`;
}
