import { nodeOptionsOf, wholeNumber } from '../core/check.ts';
import { Fifo } from '../core/fifo.ts';
import { type Held, HoldingNode } from '../core/holding-node.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow, NodeOptions } from '../core/node.ts';

/**
 * Emits the last `size` values, one by one, oldest first, when the upstreams have ended; nothing before. Keeps `size` values;
 * references of the others are released as they go. Failures below go to `onError`.
 */
export class TailNode<T> extends HoldingNode<T, T> {
  override readonly kind: string = 'tail';
  readonly #size: number;
  readonly #last = new Fifo<Held<T>>();

  constructor(size: number, options: NodeOptions<T> = {}) {
    super(nodeOptionsOf(options, [], 'tail'));
    this.#size = wholeNumber(size, 'size of tail', 1);
  }

  override get waiting(): number {
    return this.#last.length;
  }

  override update(value: T, metadata: Metadata): Flow {
    retainAll(metadata);
    this.#last.push({ value, metadata });
    if (this.#last.length > this.#size) releaseAll(this.#last.shift()!.metadata);
  }

  protected override take(): Held<T> | undefined {
    return this.isEnding ? this.#last.shift() : undefined;
  }

  protected override letGo(): Held<T>[] {
    return this.#last.drain();
  }

  override saveState(): { readonly values: readonly T[] } {
    return { values: Array.from({ length: this.#last.length }, (_, i) => this.#last.at(i)!.value) };
  }

  override restoreState(state: unknown): void {
    for (const value of (state as { values: T[] }).values) this.#last.push({ value, metadata: noMetadata });
  }
}
