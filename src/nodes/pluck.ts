import { nodeOptionsOf } from '../core/check.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { fieldName, pick } from './pick.ts';

/** Emits one field or element of each value, or several as a tuple. Fails on a value that lacks one. Keeps nothing. */
export class PluckNode<I, O> extends Node<I, O> {
  override readonly kind: string = 'pluck';
  readonly #keys: PropertyKey | readonly PropertyKey[];

  constructor(keys: PropertyKey | readonly PropertyKey[], options: NodeOptions<I> = {}) {
    for (const key of [keys].flat()) fieldName(key, 'pluck');
    super({
      ...nodeOptionsOf(options, [], 'pluck'),
      name: options.name ?? `pluck(${[keys].flat().map(String).join(', ')})`,
    });
    this.#keys = keys;
  }

  override update(value: I, metadata: Metadata): Flow {
    const keys = this.#keys;
    const picked = typeof keys === 'object' ? keys.map((key) => pick(value, key)) : pick(value, keys);
    return this.emit(picked as O, metadata);
  }
}
