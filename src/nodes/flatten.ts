import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { itemsOf } from './items.ts';

/**
 * Emits each element of the arrays and other iterables that come: the characters of a string, the `[key, value]` of a map. Each is
 * emitted when the asynchronous work on the one before it is done; the last carries the metadata. Keeps
 * nothing but the rest of what it is iterating over.
 */
export class FlattenNode<T> extends Node<Iterable<T>, T> {
  override readonly kind: string = 'flatten';

  override update(value: Iterable<T>, metadata: Metadata): Flow {
    return this.emitEach(itemsOf(value, 'flatten'), metadata);
  }
}
