import { nodeOptionsOf, wholeNumberOrInfinity } from '../core/check.ts';
import type { Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { Fifo } from '../core/fifo.ts';
import { type Held, HoldingNode, type LeftOver } from '../core/holding-node.ts';
import { type Metadata, noMetadata, retainAll } from '../core/metadata.ts';
import type { Flow, NodeOptions } from '../core/node.ts';

/** Options of `delay`. */
export interface DelayOptions<T = unknown> extends NodeOptions<T> {
  /** Most elements that wait; emitters of more wait until there is room. Default: no limit. */
  maxsize?: number | undefined;
}

interface Delayed<T> extends Held<T> {
  /** When it may go, in the time of the clock's `monotonic`. */
  readonly dueMs: number;
  /** Lets its emitter go on, once it is among the first `maxsize`. */
  admit: (() => void) | undefined;
}

interface SavedDelay<T> {
  readonly elements: readonly (readonly [value: T, leftMs: number])[];
}

/**
 * A delay line: each element comes out `interval` after it came in, in order, one at a time: while the work below on one
 * is not done, those behind it wait. Keeps the elements of one interval, or `maxsize` and those of the emitters that wait.
 *
 * When the upstreams end, the elements left still come out at their times. Failures below go to `onError`.
 */
export class DelayNode<T> extends HoldingNode<T, T> {
  override readonly kind: string = 'delay';
  readonly #intervalMs: number;
  readonly #maxsize: number;
  readonly #queue = new Fifo<Delayed<T>>();
  #timer: Timer | undefined;

  constructor(interval: Duration, options: DelayOptions<T> = {}) {
    const { maxsize = Number.POSITIVE_INFINITY } = nodeOptionsOf(options, ['maxsize'], 'delay');
    wholeNumberOrInfinity(maxsize, 'maxsize of delay', 1);
    super(options);
    this.#intervalMs = durationMs(interval, 'interval of delay');
    this.#maxsize = maxsize;
  }

  override get waiting(): number {
    return this.#queue.length;
  }

  override update(value: T, metadata: Metadata): Flow {
    retainAll(metadata);
    const dueMs = this.time.monotonic() + this.#intervalMs;
    const element: Delayed<T> = { value, metadata, dueMs, admit: undefined };
    this.#queue.push(element);
    if (this.#queue.length === 1 && !this.isPassing) this.#await(element);
    if (this.#queue.length <= this.#maxsize) return;
    return new Promise((admit) => {
      element.admit = admit;
    });
  }

  protected override take(): Held<T> | undefined {
    const first = this.#queue.at(0);
    if (first === undefined) return undefined;
    if (this.time.monotonic() < first.dueMs) {
      this.#await(first);
      return undefined;
    }
    this.#queue.shift();
    const admitted = this.#queue.at(this.#maxsize - 1);
    admitted?.admit?.();
    return first;
  }

  #await({ dueMs }: Delayed<T>): void {
    this.#timer ??= this.time.setTimer(dueMs - this.time.monotonic(), () => {
      this.#timer = undefined;
      this.wake();
    });
  }

  protected override letGo(): LeftOver[] {
    this.#timer?.cancel();
    this.#timer = undefined;
    return this.#queue.drain();
  }

  override saveState(): SavedDelay<T> {
    const now = this.time.monotonic();
    const elements = Array.from({ length: this.#queue.length }, (_, i) => {
      const { value, dueMs } = this.#queue.at(i)!;
      return [value, Math.max(0, dueMs - now)] as const;
    });
    return { elements };
  }

  override restoreState(state: unknown): void {
    const now = this.time.monotonic();
    for (const [value, leftMs] of (state as SavedDelay<T>).elements) {
      this.#queue.push({ value, metadata: noMetadata, dueMs: now + leftMs, admit: undefined });
    }
    this.wakeSoon();
  }
}
