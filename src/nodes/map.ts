import { functionOf, nodeOptionsOf } from '../core/check.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, labelOf, Node, type NodeOptions } from '../core/node.ts';

/** Emits `fn(value)` for each value. Keeps nothing. A promise that `fn` returns is a value like any other. */
export class MapNode<I, O> extends Node<I, O> {
  override readonly kind: string = 'map';
  readonly #fn: (value: I) => O;

  constructor(fn: (value: I) => O, options: NodeOptions<I> = {}) {
    super({ ...nodeOptionsOf(options, [], 'map'), name: options.name ?? labelOf('map', fn) });
    this.#fn = functionOf(fn, 'map');
  }

  override update(value: I, metadata: Metadata): Flow {
    const fn = this.#fn;
    return this.emit(fn(value), metadata);
  }
}
