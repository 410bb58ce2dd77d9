import { functionOf, isTruthy, nodeOptionsOf } from '../core/check.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, labelOf, Node, type NodeOptions } from '../core/node.ts';

/** Emits the values for which `predicate` gives something falsy. Keeps nothing. */
export class RemoveNode<T> extends Node<T, T> {
  override readonly kind: string = 'remove';
  readonly #predicate: (value: T) => unknown;

  constructor(predicate: (value: T) => unknown, options: NodeOptions<T> = {}) {
    super({ ...nodeOptionsOf(options, [], 'remove'), name: options.name ?? labelOf('remove', predicate) });
    this.#predicate = functionOf(predicate, 'remove');
  }

  override update(value: T, metadata: Metadata): Flow {
    const predicate = this.#predicate;
    const goes = predicate(value);
    if (goes === false || (goes !== true && !isTruthy(goes, 'remove'))) return this.emit(value, metadata);
  }
}
