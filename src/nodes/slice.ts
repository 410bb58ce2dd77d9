import { nodeOptionsOf, wholeNumber } from '../core/check.ts';
import { afterwards } from '../core/flow.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';

/** Options of `slice`. Positions count from 0, from the first element that the node gets. */
export interface SliceOptions<T = unknown> extends NodeOptions<T> {
  /** Position of the first element to pass on. Default 0. */
  start?: number | undefined;
  /** Position before which it stops. Default: it goes on for ever. */
  end?: number | undefined;
  /** Passes on every `step`th element, counted from `start`. Default 1. */
  step?: number | undefined;
}

/**
 * Emits the elements at the positions `start`, `start + step` and so on, below `end`: what `values.slice` and a step
 * would give of the whole. When no more can come it leaves its upstream and ends. Keeps a count.
 */
export class SliceNode<T> extends Node<T, T> {
  override readonly kind: string = 'slice';
  readonly #start: number;
  readonly #step: number;
  /** The last position to pass on. */
  readonly #last: number;
  #position = 0;

  constructor(options: SliceOptions<T> = {}) {
    const { start, end, step } = nodeOptionsOf(options, ['start', 'end', 'step'], 'slice');
    super(options);
    this.#start = wholeNumber(start ?? 0, 'start of slice', 0);
    this.#step = wholeNumber(step ?? 1, 'step of slice', 1);
    const length =
      end === undefined ? Number.POSITIVE_INFINITY : wholeNumber(end, 'end of slice', 0) - this.#start;
    this.#last = length <= 0 ? -1 : this.#start + Math.floor((length - 1) / this.#step) * this.#step;
  }

  override update(value: T, metadata: Metadata): Flow {
    const position = this.#position++;
    const passes = position >= this.#start && (position - this.#start) % this.#step === 0;
    if (position < this.#last) return passes ? this.emit(value, metadata) : undefined;
    this.leave();
    let flow: Flow | undefined;
    try {
      if (position === this.#last) flow = this.emit(value, metadata);
    } finally {
      afterwards(flow, () => this.end());
    }
    return flow;
  }

  override saveState(): unknown {
    return this.#position;
  }

  override restoreState(state: unknown): void {
    this.#position = state as number;
    this.#endIfOver();
  }

  protected override onUpstreamConnect(): void {
    this.#endIfOver();
  }

  #endIfOver(): void {
    if (this.#position <= this.#last) return;
    this.leave();
    this.end();
  }
}
