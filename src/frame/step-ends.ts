import { failStopped, type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow, Node } from '../core/node.ts';

/** For a node that joins results of one source: emits once per step, what `read` gives when all have arrived. */
export class StepEnds<T> {
  readonly #node: Node<never, T>;
  readonly #read: () => T | undefined;
  /** Of the element that came last; those that come by other ways carry the same. */
  #metadata: Metadata | undefined;

  constructor(node: Node<never, T>, read: () => T | undefined) {
    this.#node = node;
    this.#read = read;
  }

  /** Notes that something has arrived. */
  arrived(metadata: Metadata): void {
    retainAll(metadata);
    releaseAll(this.#metadata ?? noMetadata);
    this.#metadata = metadata;
  }

  /** Emits the value of now, where something has arrived since. */
  pass(): Flow {
    const metadata = this.#metadata;
    if (metadata === undefined) return;
    this.#metadata = undefined;
    try {
      const value = this.#read();
      if (value !== undefined) return this.#node.emit(value, metadata);
    } finally {
      releaseAll(metadata);
    }
  }

  /** Lets go of what has arrived, since the node is stopped. */
  stop(): void {
    const metadata = this.#metadata;
    if (metadata === undefined) return;
    this.#metadata = undefined;
    failStopped(metadata, this.#node.label);
    releaseAll(metadata);
  }
}
