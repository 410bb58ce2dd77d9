import { nodeOptionsOf, wholeNumber } from '../core/check.ts';
import { failStopped, type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';

/** Options of `slidingWindow`. */
export interface SlidingWindowOptions<T = unknown> extends NodeOptions<T> {
  /** Also emit the shorter windows at the start. Default `true`. */
  returnPartial?: boolean | undefined;
}

/**
 * Emits the last `size` elements, oldest first, each time one arrives. Keeps `size` elements, which count as worked on
 * when they have left the window or the stream has ended. When nothing needs it any more it forgets them.
 */
export class SlidingWindowNode<T> extends Node<T, T[]> {
  override readonly kind: string = 'slidingWindow';
  readonly #size: number;
  readonly #returnPartial: boolean;
  /** Before an element comes: those that will be in its window. */
  #values: T[] = [];
  /** That of each value. */
  #metadata: Metadata[] = [];
  /** Whether the values have been emitted. */
  #shown = false;

  constructor(size: number, options: SlidingWindowOptions<T> = {}) {
    const { returnPartial } = nodeOptionsOf(options, ['returnPartial'], 'slidingWindow');
    super(options);
    this.#size = wholeNumber(size, 'size of slidingWindow', 1);
    this.#returnPartial = returnPartial ?? true;
  }

  override update(value: T, metadata: Metadata): Flow {
    retainAll(metadata);
    this.#values.push(value);
    this.#metadata.push(metadata);
    const isFull = this.#values.length === this.#size;
    if (!isFull && !this.#returnPartial) return;
    this.#shown = true;
    const window = this.#values.slice();
    const all = this.#metadata.some((one) => one.length > 0) ? this.#metadata.flat() : noMetadata;
    if (!isFull) return this.emit(window, all);
    this.#values.shift();
    const left = this.#metadata.shift()!;
    try {
      return this.emit(window, all);
    } finally {
      releaseAll(left);
    }
  }

  override saveState(): unknown {
    return this.#values.slice();
  }

  override restoreState(state: unknown): void {
    this.#letGo();
    this.#values = (state as T[]).slice();
    this.#metadata = this.#values.map(() => noMetadata);
  }

  protected override onUpstreamEnd(): void {
    this.#letGo();
    this.end();
  }

  protected override onDeactivate(): void {
    if (!this.#shown) for (const metadata of this.#metadata) failStopped(metadata, this.label);
    this.#letGo();
    this.#values = [];
    this.#metadata = [];
    this.#shown = false;
  }

  /** Keeps the values, since the stream may go on after its end. */
  #letGo(): void {
    for (const metadata of this.#metadata) releaseAll(metadata);
    this.#metadata = this.#values.map(() => noMetadata);
  }
}
