import { nodeOptionsOf, oneOf, wholeNumber } from '../core/check.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { dropHeld, emitHeld } from './held.ts';
import { type KeyOf, keyFunction } from './pick.ts';

/** Options of `partitionUnique`. */
export interface PartitionUniqueOptions<T = unknown> extends NodeOptions<T> {
  /** What must differ: a function of the element or one of its fields. Default: the element itself. */
  key?: KeyOf<T> | undefined;
  /** Which of several elements of one key stays: the first, or the last, which then stands last. Default `'first'`. */
  keep?: 'first' | 'last' | undefined;
}

interface Waiting<T> {
  readonly value: T;
  readonly metadata: Metadata;
}

/**
 * Emits arrays of `size` elements whose keys, compared as `Map` does it, all differ, and begins anew. Elements of a key that
 * is there already are left out and count as worked on. When the stream ends, the rest goes out. Keeps
 * fewer than `size` elements; when nothing needs the node any more they are dropped, and their reference counters hear of it.
 */
export class PartitionUniqueNode<T> extends Node<T, T[]> {
  override readonly kind: string = 'partitionUnique';
  readonly #size: number;
  readonly #keyOf: ((value: T) => unknown) | undefined;
  readonly #keepsFirst: boolean;
  #held = new Map<unknown, Waiting<T>>();

  constructor(size: number, options: PartitionUniqueOptions<T> = {}) {
    const { key, keep } = nodeOptionsOf(options, ['key', 'keep'], 'partitionUnique');
    super(options);
    this.#size = wholeNumber(size, 'size of partitionUnique', 1);
    this.#keyOf = keyFunction(key, 'partitionUnique');
    this.#keepsFirst = oneOf(keep ?? 'first', ['first', 'last'], 'keep of partitionUnique') === 'first';
  }

  override get waiting(): number {
    return this.#held.size;
  }

  override update(value: T, metadata: Metadata): Flow {
    const key = this.#keyOf === undefined ? value : this.#keyOf(value);
    const held = this.#held;
    const before = held.get(key);
    if (before !== undefined) {
      if (this.#keepsFirst) return;
      held.delete(key);
      releaseAll(before.metadata);
    }
    retainAll(metadata);
    held.set(key, { value, metadata });
    if (held.size < this.#size) return;
    return emitHeld(this, ...this.#take());
  }

  #take(): [values: T[], metadata: Metadata] {
    const held = [...this.#held.values()];
    this.#held = new Map();
    return [held.map(({ value }) => value), held.flatMap(({ metadata }) => metadata)];
  }

  override saveState(): unknown {
    return Array.from(this.#held, ([key, { value }]) => [key, value]);
  }

  override restoreState(state: unknown): void {
    this.onDeactivate();
    for (const [key, value] of state as [unknown, T][]) this.#held.set(key, { value, metadata: noMetadata });
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
