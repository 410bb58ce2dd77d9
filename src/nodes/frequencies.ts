import { nodeOptionsOf } from '../core/check.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';

/**
 * Emits, after each value, a new map of how often every value has come so far, in the order in which they first
 * came. Values are told apart as by `Map`. Keeps the distinct values; O(distinct values) per element.
 */
export class FrequenciesNode<T> extends Node<T, Map<T, number>> {
  override readonly kind: string = 'frequencies';
  #counts = new Map<T, number>();

  constructor(options: NodeOptions<T> = {}) {
    super(nodeOptionsOf(options, [], 'frequencies'));
  }

  override update(value: T, metadata: Metadata): Flow {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    return this.emit(new Map(this.#counts), metadata);
  }

  override saveState(): unknown {
    return new Map(this.#counts);
  }

  override restoreState(state: unknown): void {
    this.#counts = new Map(state as Map<T, number>);
  }
}
