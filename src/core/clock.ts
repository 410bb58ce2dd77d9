import { onAbort } from './dispose.ts';

/** A timer that can be taken back. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time. Every timer, poll, rate limit and watermark asks the clock it was given, so a
 * test that gives a virtual one (`millrace/testing`) drives them all.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z; what `Date.now` means. May jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds that never go back; for intervals. */
  monotonic(): number;
  /** Runs `task` once, `delayMs` from now at the earliest. */
  setTimer(delayMs: number, task: () => void): Timer;
}

/** The clock of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, task) {
    const dueMs = performance.now() + delayMs;
    let handle: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      const next = leftMs > longestTimerMs ? () => wait(dueMs - performance.now()) : task;
      handle = setTimeout(next, Math.min(Math.max(0, leftMs), longestTimerMs));
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Longest that a timer of the platform can wait; beyond it, it fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Resolves after `delayMs`, or as soon as `signal` aborts. Never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = clock.setTimer(delayMs, () => {
      forget();
      resolve();
    });
    const forget = onAbort(signal, () => {
      timer.cancel();
      resolve();
    });
  });
}
