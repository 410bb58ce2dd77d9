import { functionOf, isTruthy, nodeOptionsOf } from '../core/check.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, labelOf, Node, type NodeOptions } from '../core/node.ts';

/** Emits the values for which `predicate` gives something truthy. Keeps nothing. */
export class FilterNode<T> extends Node<T, T> {
  override readonly kind: string = 'filter';
  readonly #predicate: (value: T) => unknown;

  constructor(predicate: (value: T) => unknown, options: NodeOptions<T> = {}) {
    super({ ...nodeOptionsOf(options, [], 'filter'), name: options.name ?? labelOf('filter', predicate) });
    this.#predicate = functionOf(predicate, 'filter');
  }

  override update(value: T, metadata: Metadata): Flow {
    const predicate = this.#predicate;
    const passes = predicate(value);
    if (passes === true || (passes !== false && isTruthy(passes, 'filter')))
      return this.emit(value, metadata);
  }
}
