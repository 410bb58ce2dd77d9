import { nodeOptionsOf } from '../core/check.ts';
import type { Timer } from '../core/clock.ts';
import type { Duration } from '../core/duration.ts';
import { type Held, HoldingNode } from '../core/holding-node.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow, NodeOptions } from '../core/node.ts';
import { intervalMs } from '../core/ticks.ts';

interface SavedDebounce<T> {
  readonly values: readonly T[];
  /** Until it is quiet long enough. */
  readonly leftMs: number;
}

/**
 * Emits the newest value when none has come for `interval`. Never holds up the emitter: a value that comes meanwhile takes
 * the place of the one that waits, which counts as dropped. Keeps one value.
 *
 * A value whose time comes while the work below is not done is emitted after that. At the end of the upstreams the value
 * left is emitted at once. Failures below go to `onError`.
 */
export class DebounceNode<T> extends HoldingNode<T, T> {
  override readonly kind: string = 'debounce';
  readonly #intervalMs: number;
  #newest: Held<T> | undefined;
  /** When it is quiet long enough, in the time of the clock's `monotonic`. */
  #dueMs = 0;
  #timer: Timer | undefined;

  constructor(interval: Duration, options: NodeOptions<T> = {}) {
    super(nodeOptionsOf(options, [], 'debounce'));
    this.#intervalMs = intervalMs(interval, 'interval of debounce');
  }

  override get waiting(): number {
    return this.#newest === undefined ? 0 : 1;
  }

  override update(value: T, metadata: Metadata): Flow {
    const before = this.#newest;
    retainAll(metadata);
    this.#newest = { value, metadata };
    this.#dueMs = this.time.monotonic() + this.#intervalMs;
    if (this.isEnding) this.wake();
    else this.#await();
    if (before === undefined) return;
    this.drop();
    releaseAll(before.metadata);
  }

  protected override take(): Held<T> | undefined {
    const newest = this.#newest;
    if (newest === undefined) return undefined;
    if (!this.isEnding && this.time.monotonic() < this.#dueMs) {
      this.#await();
      return undefined;
    }
    this.#newest = undefined;
    return newest;
  }

  /** One timer for many values: where it fires too early for the last, it is set again. */
  #await(): void {
    this.#timer ??= this.time.setTimer(this.#dueMs - this.time.monotonic(), () => {
      this.#timer = undefined;
      this.wake();
    });
  }

  protected override onUpstreamEnd(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    super.onUpstreamEnd();
  }

  protected override letGo(): Held<T>[] {
    this.#timer?.cancel();
    this.#timer = undefined;
    const newest = this.#newest;
    this.#newest = undefined;
    return newest === undefined ? [] : [newest];
  }

  override saveState(): SavedDebounce<T> {
    const newest = this.#newest;
    const leftMs = Math.max(0, this.#dueMs - this.time.monotonic());
    return newest === undefined ? { values: [], leftMs: 0 } : { values: [newest.value], leftMs };
  }

  override restoreState(state: unknown): void {
    const { values, leftMs } = state as SavedDebounce<T>;
    for (const value of values) this.#newest = { value, metadata: noMetadata };
    this.#dueMs = this.time.monotonic() + leftMs;
    this.wakeSoon();
  }
}
