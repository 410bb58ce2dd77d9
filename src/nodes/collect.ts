import { nodeOptionsOf, wholeNumberOrInfinity } from '../core/check.ts';
import { Fifo } from '../core/fifo.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { dropHeld, emitHeld } from './held.ts';

/** Options of `collect`. */
export interface CollectOptions<T = unknown> extends NodeOptions<T> {
  /** How many elements to keep; the oldest are dropped, and counted. Default: all. */
  max?: number | undefined;
}

interface Waiting<T> {
  readonly value: T;
  readonly metadata: Metadata;
}

/**
 * Keeps elements until `flush`, which emits them all as one array. When the stream ends, the rest goes out. Elements that wait when nothing
 * needs the node any more are dropped, and their reference counters hear of it.
 */
export class CollectNode<T> extends Node<T, T[]> {
  override readonly kind: string = 'collect';
  readonly #max: number;
  readonly #held = new Fifo<Waiting<T>>();

  constructor(options: CollectOptions<T> = {}) {
    const { max } = nodeOptionsOf(options, ['max'], 'collect');
    super(options);
    this.#max = wholeNumberOrInfinity(max ?? Number.POSITIVE_INFINITY, 'max of collect', 1);
  }

  override get waiting(): number {
    return this.#held.length;
  }

  override update(value: T, metadata: Metadata): void {
    retainAll(metadata);
    this.#held.push({ value, metadata });
    if (this.#held.length <= this.#max) return;
    this.drop();
    releaseAll(this.#held.shift()!.metadata);
  }

  /** Emits what has come since the last time, which may be nothing. What comes meanwhile is kept for the next. */
  flush(): Flow {
    return emitHeld(this, ...this.#take());
  }

  #take(): [values: T[], metadata: Metadata] {
    const held = this.#held.drain();
    return [held.map(({ value }) => value), held.flatMap(({ metadata }) => metadata)];
  }

  override saveState(): unknown {
    return Array.from({ length: this.#held.length }, (_, i) => this.#held.at(i)!.value);
  }

  override restoreState(state: unknown): void {
    this.onDeactivate();
    for (const value of state as T[]) this.#held.push({ value, metadata: noMetadata });
  }

  protected override onUpstreamEnd(): void {
    const [values, metadata] = this.#take();
    const flow = values.length === 0 ? undefined : this.emitDetached(values, metadata);
    releaseAll(metadata);
    this.endAfter(flow);
  }

  protected override onDeactivate(): void {
    const [, metadata] = this.#take();
    dropHeld(metadata, this.label);
  }
}
