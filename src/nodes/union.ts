import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';

/** Emits the elements of all upstreams as they come. Keeps nothing. Ends when all of them have ended. */
export class UnionNode<T> extends Node<T, T> {
  override readonly kind: string = 'union';

  override get isInlet(): boolean {
    return true;
  }

  override update(value: T, metadata: Metadata): Flow {
    return this.emit(value, metadata);
  }

  protected override onUpstreamDisconnect(): void {
    this.endWithTheOthers();
  }
}
