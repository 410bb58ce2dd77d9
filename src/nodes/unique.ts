import { nodeOptionsOf, wholeNumberOrInfinity } from '../core/check.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { type KeyOf, keyFunction } from './pick.ts';
import { sameStructure } from './same-structure.ts';

/** Options of `unique`. */
export interface UniqueOptions<T = unknown> extends NodeOptions<T> {
  /** How many keys to remember: those that came last, repeats included. 1 drops immediate repeats. Default: all. */
  maxsize?: number | undefined;
  /** What is compared: a function of the element or one of its fields. Default: the element itself. */
  key?: KeyOf<T> | undefined;
  /**
   * `false`: arrays, plain objects, maps, sets and dates are compared by what they hold, at the cost of looking at
   * every remembered key. Default `true`: keys are compared as `Map` does it, at a cost that does not depend on their number.
   */
  hashable?: boolean | undefined;
}

/**
 * Emits the elements whose key is not among the `maxsize` that came last. A repeat counts as having come, so that it is remembered
 * longer. Keeps those keys: without `maxsize`, all there ever were.
 */
export class UniqueNode<T> extends Node<T, T> {
  override readonly kind: string = 'unique';
  readonly #maxsize: number;
  readonly #keyOf: ((value: T) => unknown) | undefined;
  readonly #hashable: boolean;
  /** The one that came longest ago first. */
  #seen = new Set<unknown>();

  constructor(options: UniqueOptions<T> = {}) {
    const { maxsize, key, hashable } = nodeOptionsOf(options, ['maxsize', 'key', 'hashable'], 'unique');
    super(options);
    this.#maxsize = wholeNumberOrInfinity(maxsize ?? Number.POSITIVE_INFINITY, 'maxsize of unique', 1);
    this.#keyOf = keyFunction(key, 'unique');
    this.#hashable = hashable ?? true;
  }

  override update(value: T, metadata: Metadata): Flow {
    const key = this.#keyOf === undefined ? value : this.#keyOf(value);
    const seen = this.#seen;
    const known = this.#hashable ? key : this.#equalTo(key);
    const isNew = !seen.has(known);
    if (!isNew && this.#maxsize === Number.POSITIVE_INFINITY) return;
    seen.delete(known);
    seen.add(isNew ? key : known);
    if (seen.size > this.#maxsize) seen.delete(seen.values().next().value);
    if (isNew) return this.emit(value, metadata);
  }

  /** The remembered key that equals `key`, or `key` itself. */
  #equalTo(key: unknown): unknown {
    for (const known of this.#seen) if (sameStructure(known, key)) return known;
    return key;
  }

  override saveState(): unknown {
    return [...this.#seen];
  }

  override restoreState(state: unknown): void {
    this.#seen = new Set(state as unknown[]);
  }
}
