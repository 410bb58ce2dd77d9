import { functionOf, nodeOptionsOf } from '../core/check.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, labelOf, Node, type NodeOptions } from '../core/node.ts';
import { GraphError } from '../errors.ts';

/** Emits `fn(...(value as A))` for each value, an array of arguments. Keeps nothing. */
export class StarmapNode<A extends readonly unknown[], O> extends Node<A, O> {
  override readonly kind: string = 'starmap';
  readonly #fn: (...args: A) => O;

  constructor(fn: (...args: A) => O, options: NodeOptions<A> = {}) {
    super({ ...nodeOptionsOf(options, [], 'starmap'), name: options.name ?? labelOf('starmap', fn) });
    this.#fn = functionOf(fn, 'starmap');
  }

  override update(value: A, metadata: Metadata): Flow {
    if (!Array.isArray(value)) {
      throw new GraphError(
        'bad-value',
        `starmap takes arrays of arguments, got ${typeof value} ${String(value)}`,
      );
    }
    const fn = this.#fn;
    return this.emit(fn(...(value as A)), metadata);
  }
}
