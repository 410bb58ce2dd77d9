import { functionOf, nodeOptionsOf, wholeNumberOrInfinity } from '../core/check.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Duration } from '../core/duration.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { intervalMs } from '../core/ticks.ts';

/** Options of `dedupe`. */
export interface DedupeOptions<T = unknown> extends NodeOptions<T> {
  /** For how long a value is remembered, such as `'10s'`. */
  within: Duration;
  /** What makes a value the same as another; compared as keys of a `Map` are. Default: the value itself. */
  key?: ((value: T) => unknown) | undefined;
  /** Whether a repeat is remembered anew, so that it must be quiet for `within`. Default `false`: counted from the value emitted. */
  extend?: boolean | undefined;
  /** Most keys to remember; the oldest are forgotten first. Default: no limit but `within`. */
  maxsize?: number | undefined;
}

interface SavedDedupe {
  readonly keys: readonly (readonly [key: unknown, leftMs: number])[];
}

/**
 * Emits a value unless one with the same key was emitted less than `within` before. Keeps the keys of that time, or
 * `maxsize`. O(1) on average.
 */
export class DedupeNode<T> extends Node<T, T> {
  override readonly kind: string = 'dedupe';
  readonly #withinMs: number;
  readonly #key: (value: T) => unknown;
  readonly #extend: boolean;
  readonly #maxsize: number;
  /** Until when each key is remembered, in the time of the clock's `monotonic`; soonest first. */
  readonly #until = new Map<unknown, number>();
  #clock: Clock = systemClock;

  constructor(options: DedupeOptions<T>) {
    nodeOptionsOf(options, ['within', 'key', 'extend', 'maxsize'], 'dedupe');
    const { within, key = itself, extend = false, maxsize = Number.POSITIVE_INFINITY } = options;
    wholeNumberOrInfinity(maxsize, 'maxsize of dedupe', 1);
    super(options);
    this.#withinMs = intervalMs(within, 'within of dedupe');
    this.#key = functionOf(key, 'key of dedupe');
    this.#extend = extend;
    this.#maxsize = maxsize;
  }

  protected override onActivate(): void {
    this.#clock = this.clock;
  }

  override update(value: T, metadata: Metadata): Flow {
    const keyOf = this.#key;
    const key = keyOf(value);
    const now = this.#clock.monotonic();
    this.#forget(now);
    const isRepeat = this.#until.has(key);
    if (!isRepeat || this.#extend) {
      this.#until.delete(key);
      this.#until.set(key, now + this.#withinMs);
      if (this.#until.size > this.#maxsize) this.#until.delete(this.#until.keys().next().value);
    }
    if (!isRepeat) return this.emit(value, metadata);
  }

  #forget(now: number): void {
    for (const [key, untilMs] of this.#until) {
      if (untilMs > now) return;
      this.#until.delete(key);
    }
  }

  override saveState(): SavedDedupe {
    const now = this.clock.monotonic();
    this.#forget(now);
    return { keys: Array.from(this.#until, ([key, untilMs]) => [key, untilMs - now] as const) };
  }

  override restoreState(state: unknown): void {
    const now = this.clock.monotonic();
    this.#until.clear();
    for (const [key, leftMs] of (state as SavedDedupe).keys) this.#until.set(key, now + leftMs);
  }
}

const itself = (value: unknown): unknown => value;
