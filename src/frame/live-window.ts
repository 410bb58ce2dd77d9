import type { DataType } from 'apache-arrow';
import { nanosecondsPerUnit } from '../columnar/time-units.ts';
import { isWide } from '../columnar/types.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { intervalMs } from '../core/ticks.ts';
import { didYouMean, MillraceError, quote } from '../errors.ts';
import { isRowsWindow, type WindowSpec } from '../window/window-spec.ts';

/** How windows go on where no data come. */
export interface LiveOptions {
  /** For how long no rows come before the window moves by the clock. Default `'5s'`. */
  readonly idle?: Duration | undefined;
  /** How often it moves then. Default `'1s'`. */
  readonly tick?: Duration | undefined;
}

/** @throws `bad-option`. */
export function checkLive(live: unknown, what: string): void {
  if (live === undefined || typeof live === 'boolean') return;
  if (typeof live !== 'object' || live === null) {
    throw new MillraceError(
      'bad-option',
      `live of ${what} must be true, false, or as { idle: '5s', tick: '1s' }, got ${String(live)}`,
    );
  }
  const names = ['idle', 'tick'];
  for (const name of Object.keys(live)) {
    if (names.includes(name)) continue;
    const hint = didYouMean(name, names) || ';';
    throw new MillraceError('bad-option', `live has no option ${quote(name)}${hint} there are idle and tick`);
  }
  const { idle, tick } = live as LiveOptions;
  if (idle !== undefined) durationMs(idle, 'idle of live');
  if (tick !== undefined) intervalMs(tick, 'tick of live');
}

/** Where a window ends, in the words of its key. */
export interface WindowEnd {
  readonly high: number;
  readonly low: number;
}

/** A state whose window can move without rows. */
export interface Advancing {
  /** Where the window ends now; `undefined` before the first row, and where its key is no range. */
  readonly end: WindowEnd | undefined;
  /** Moves the end on, never back. Says whether that made a difference, and how many rows are left. */
  advance(end: WindowEnd): Advance;
}

export interface Advance {
  readonly changed: boolean;
  readonly left: number;
}

/** Where a window was when its greatest key came. */
interface Anchor {
  readonly end: WindowEnd;
  readonly atMs: number;
}

/**
 * Moves a window by the clock where no rows come: its end is the greatest key seen and the time that has passed since that
 * came. There is a timer only while the window holds rows.
 */
export class LiveWindow {
  readonly #idleMs: number;
  readonly #tickMs: number;
  readonly #unitsPerMs: number;
  readonly #words: boolean;
  readonly #state: () => Advancing;
  readonly #changed: () => void;
  #clock: Clock | undefined;
  #timer: Timer | undefined;
  #isOn = false;
  #anchor: Anchor | undefined;
  /** Where the clock has moved the window to. */
  #byClock: WindowEnd | undefined;
  #lastMs = 0;

  /** @param changed is called where rows have left by the clock. */
  constructor(options: LiveOptions, key: DataType, state: () => Advancing, changed: () => void) {
    const { idle = '5s', tick = '1s' } = options;
    this.#idleMs = durationMs(idle);
    this.#tickMs = durationMs(tick);
    this.#unitsPerMs = 1e6 / Number(nanosecondsPerUnit(key)!);
    this.#words = isWide(key);
    this.#state = state;
    this.#changed = changed;
  }

  /** The window of a specification, where it is to go by the clock and its key is a time. */
  static of(
    window: WindowSpec | undefined,
    live: boolean | LiveOptions | undefined,
    state: () => Advancing,
    changed: () => void,
  ): LiveWindow | undefined {
    if (window === undefined || isRowsWindow(window) || live === undefined || live === false)
      return undefined;
    if (nanosecondsPerUnit(window.keyType) === undefined) return undefined;
    return new LiveWindow(live === true ? {} : live, window.keyType, state, changed);
  }

  /** Rows have come. */
  arrived(clock: Clock): void {
    this.#clock = clock;
    const { end } = this.#state();
    if (end === undefined) return;
    this.#lastMs = clock.monotonic();
    // An end that the clock has made is no key that came.
    const known = this.#byClock ?? this.#anchor?.end;
    if (known === undefined || isAfter(end, known)) {
      this.#anchor = { end, atMs: this.#lastMs };
      this.#byClock = undefined;
    }
    this.start(clock);
  }

  /** Waits for the rows to fail to come. Rows of a state that was restored count as come now. */
  start(clock: Clock): void {
    this.#clock = clock;
    this.#isOn = true;
    if (this.#timer !== undefined) return;
    if (this.#anchor === undefined) {
      const { end } = this.#state();
      if (end === undefined) return;
      this.#lastMs = clock.monotonic();
      this.#anchor = { end, atMs: this.#lastMs };
    }
    this.#wait(this.#lastMs + this.#idleMs - clock.monotonic());
  }

  stop(): void {
    this.#isOn = false;
    this.#cancel();
  }

  /** The state is another one, whose window ends somewhere else. */
  restart(): void {
    this.#cancel();
    this.#anchor = undefined;
    this.#byClock = undefined;
    if (this.#isOn) this.start(this.#clock!);
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(delayMs: number): void {
    this.#timer = this.#clock!.setTimer(Math.max(0, delayMs), () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  #look(): void {
    const { end, atMs } = this.#anchor!;
    const now = this.#clock!.monotonic();
    const quietMs = now - this.#lastMs;
    // Timers of the platform may fire a fraction early; that is near enough.
    if (quietMs < this.#idleMs - 1) {
      this.#wait(this.#idleMs - quietMs);
      return;
    }
    this.#byClock = this.#endAfter(end, now - atMs);
    const { changed, left } = this.#state().advance(this.#byClock);
    if (left > 0) this.#wait(this.#tickMs);
    if (changed) this.#changed();
  }

  #endAfter({ high, low }: WindowEnd, elapsedMs: number): WindowEnd {
    const units = Math.floor(elapsedMs * this.#unitsPerMs);
    if (!this.#words) return { high: high + units, low };
    const sum = low + units;
    const carry = Math.floor(sum / 2 ** 32);
    return { high: high + carry, low: sum - carry * 2 ** 32 };
  }
}

export function isAfter(a: WindowEnd, b: WindowEnd): boolean {
  return a.high > b.high || (a.high === b.high && a.low > b.low);
}
