import type { Clock, Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';

/** Options of a virtual clock. */
export interface VirtualClockOptions {
  /** Where the clock starts: a date, or milliseconds since 1970-01-01T00:00Z. Default 0. */
  now?: Date | number;
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly task: () => void;
}

/** A clock for tests that moves only when told to. */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;
  #orders = 0;
  /** Sorted by time, then by order of setting. */
  #timers: Due[] = [];

  constructor({ now = 0 }: VirtualClockOptions = {}) {
    this.#startMs = Number(now);
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  /** How many timers are waiting. */
  get timers(): number {
    return this.#timers.length;
  }

  setTimer(delayMs: number, task: () => void): Timer {
    const due: Due = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#orders++, task };
    let at = this.#timers.length;
    while (at > 0 && this.#timers[at - 1]!.atMs > due.atMs) at--;
    this.#timers.splice(at, 0, due);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== due);
      },
    };
  }

  /**
   * Moves the time on and runs the timers that come due, in order, each at its own time. Before the first,
   * between any two, and after the last, all that can go on without time passing does so: promises
   * that are ready are worked off, and timers they set within the span are run, too.
   *
   * What a timer throws stops the clock at that time and is thrown here.
   */
  async advance(by: Duration | { ms: number }): Promise<void> {
    const endMs = this.#elapsedMs + (typeof by === 'object' ? by.ms : durationMs(by));
    await settle();
    while (this.#timers.length > 0 && this.#timers[0]!.atMs <= endMs) {
      const { atMs, task } = this.#timers.shift()!;
      this.#elapsedMs = Math.max(this.#elapsedMs, atMs);
      task();
      await settle();
    }
    this.#elapsedMs = Math.max(this.#elapsedMs, endMs);
  }
}

/** Resolves when every promise that is ready has been worked off: one turn of the event loop later. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
