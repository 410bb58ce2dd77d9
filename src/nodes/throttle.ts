import { nodeOptionsOf } from '../core/check.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Duration } from '../core/duration.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { intervalMs } from '../core/ticks.ts';

/**
 * Emits a value at once, and then none for `interval`: those that come meanwhile are dropped, and counted, the last one
 * too (`sample` and `debounce` keep it). Keeps nothing.
 */
export class ThrottleNode<T> extends Node<T, T> {
  override readonly kind: string = 'throttle';
  readonly #intervalMs: number;
  /** When the next value may go, in the time of the clock's `monotonic`. */
  #nextMs = Number.NEGATIVE_INFINITY;
  #clock: Clock = systemClock;

  constructor(interval: Duration, options: NodeOptions<T> = {}) {
    super(nodeOptionsOf(options, [], 'throttle'));
    this.#intervalMs = intervalMs(interval, 'interval of throttle');
  }

  protected override onActivate(): void {
    this.#clock = this.clock;
  }

  override update(value: T, metadata: Metadata): Flow {
    const now = this.#clock.monotonic();
    if (now < this.#nextMs) {
      this.drop();
      return;
    }
    this.#nextMs = now + this.#intervalMs;
    return this.emit(value, metadata);
  }

  override saveState(): { readonly leftMs: number } {
    return { leftMs: Math.max(0, this.#nextMs - this.clock.monotonic()) };
  }

  override restoreState(state: unknown): void {
    this.#nextMs = this.clock.monotonic() + (state as { leftMs: number }).leftMs;
  }
}
