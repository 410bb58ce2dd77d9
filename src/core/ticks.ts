import { MillraceError } from '../errors.ts';
import { type Clock, sleep } from './clock.ts';
import { type Duration, durationMs } from './duration.ts';

/** When a callback runs: the range `(last, now]` of milliseconds since 1970 tiles time without gaps. */
export interface TickTimes {
  /** `now` of the call before; at the first call, `now` less one interval. */
  readonly last: number;
  readonly now: number;
  /** Number of the call, from 0. */
  readonly tick: number;
}

export interface TickOptions {
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long after the start the first call is. Default: one interval. */
  readonly firstMs?: number | undefined;
}

/**
 * Calls `call` at first + k · interval until `signal` aborts. Calls never overlap: one that takes longer than its
 * interval delays the next to the first such time after it; those in between are left out. Delays do not add up.
 *
 * @param call May give a time of the clock's `monotonic`, in ms, before which it does not want to be called again.
 */
export async function runTicks(
  { intervalMs, clock, signal, firstMs = intervalMs }: TickOptions,
  call: (times: TickTimes) => Promise<number | undefined>,
): Promise<void> {
  const startMs = clock.monotonic() + firstMs;
  let last: number | undefined;
  let due = 0;
  for (let tick = 0; ; tick++) {
    await sleepUntil(clock, startMs + due * intervalMs, signal);
    if (signal.aborted) return;
    const now = clock.now();
    const notBeforeMs = (await call({ last: last ?? now - intervalMs, now, tick })) ?? 0;
    last = now;
    const earliestMs = Math.max(clock.monotonic(), notBeforeMs);
    due = Math.max(due + 1, Math.ceil((earliestMs - startMs) / intervalMs));
  }
}

/** Sleeps until `atMs` of the clock's `monotonic`. */
async function sleepUntil(clock: Clock, atMs: number, signal: AbortSignal): Promise<void> {
  for (let left = atMs - clock.monotonic(); left > 0 && !signal.aborted; left = atMs - clock.monotonic()) {
    await sleep(clock, left, signal);
    // Timers of the platform may fire a fraction early; that is near enough.
    if (left < 1) return;
  }
}

/**
 * Milliseconds of an interval.
 *
 * @throws `bad-option` for what is no duration, or none above zero.
 */
export function intervalMs(interval: Duration, what = 'interval'): number {
  const ms = durationMs(interval, what);
  if (!(ms > 0)) throw new MillraceError('bad-option', `${what} must be above zero, got '${interval}'`);
  return ms;
}
