import type { Clock } from './clock.ts';

/** What a node has done since somebody began to look. */
export class Meter {
  /** Elements it took. */
  elements = 0;
  /** Rows in them, where elements are batches of rows. */
  rows = 0;
  /** Elements it gave out. */
  emitted = 0;
  /** How often it failed; a retry that fails counts again. */
  errors = 0;
  /** Milliseconds it worked, without the work below it. Waiting for promises does not count. */
  busyMs = 0;
  readonly #clock: Clock;
  /** Milliseconds of the work below, in the call that runs now. */
  #belowMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts an element and runs the work on it; `caller` is the meter of the node that emits it. */
  run<T>(work: () => T, rows: number, caller: Meter | undefined): T {
    this.elements++;
    this.rows += rows;
    const outer = this.#belowMs;
    this.#belowMs = 0;
    const began = this.#clock.monotonic();
    try {
      return work();
    } finally {
      const spent = this.#clock.monotonic() - began;
      this.busyMs += spent - this.#belowMs;
      this.#belowMs = outer;
      if (caller !== undefined) caller.#belowMs += spent;
    }
  }
}
