import type { Clock } from './clock.ts';

/**
 * Tells when work has gone on for so long without a pause that timers should run: from call to call in one task, or from
 * promise to promise, which holds them up just as well.
 */
export class Stint {
  /** Steps since the clock was looked at, when that was, and how long the work has gone on. */
  #steps = 0;
  #lookedMs = 0;
  #workedMs = 0;

  /** Says that the work begins now. */
  begin(clock: Clock): void {
    this.#steps = 0;
    this.#lookedMs = clock.monotonic();
    this.#workedMs = 0;
  }

  /**
   * Counts a step, and says whether to pause after it. `isOneRun` is whether the work has gone on since the clock was looked
   * at; where that is unknown, steps that have taken long together are taken for ones between which timers ran.
   */
  isLong(clock: Clock, isOneRun = true): boolean {
    if (++this.#steps < stepsPerLook) return false;
    this.#steps = 0;
    const now = clock.monotonic();
    const spentMs = now - this.#lookedMs;
    this.#lookedMs = now;
    this.#workedMs = isOneRun || spentMs < longestMs ? this.#workedMs + spentMs : 0;
    if (this.#workedMs < longestMs) return false;
    this.#workedMs = 0;
    return true;
  }
}

/** How many steps go by between two looks at the clock, which costs more than some of them. */
export const stepsPerLook = 32;
/** How long timers may be held up. */
const longestMs = 10;
