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

  /** Counts an element; the work on it begins. Gives what `end` wants: calls in between would make the stack higher. */
  begin(rows: number): WorkBegun {
    this.elements++;
    this.rows += rows;
    const belowMs = this.#belowMs;
    this.#belowMs = 0;
    return { beganMs: this.#clock.monotonic(), belowMs };
  }

  /** The work is done, or has failed; `caller` is the meter of the node that emitted the element. */
  end({ beganMs, belowMs }: WorkBegun, caller: Meter | undefined): void {
    const spent = this.#clock.monotonic() - beganMs;
    this.busyMs += spent - this.#belowMs;
    this.#belowMs = belowMs;
    if (caller !== undefined) caller.#belowMs += spent;
  }
}

/** Work that goes on. */
interface WorkBegun {
  readonly beganMs: number;
  /** What the work below had taken so far in the call around this one. */
  readonly belowMs: number;
}
