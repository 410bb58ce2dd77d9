import { wholeNumberOrInfinity } from '../core/check.ts';
import { Fifo } from '../core/fifo.ts';
import { failStopped, type Metadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';

/** Options of `buffer`. */
export interface BufferOptions<T = unknown> extends NodeOptions<T> {}

interface Waiting<T> {
  readonly value: T;
  readonly metadata: Metadata;
  /** Called once the element is among the first `size`. */
  admit: (() => void) | undefined;
}

/**
 * Takes the emitter's work and the work below apart: an element counts as emitted when it is in the queue,
 * and a task passes the elements on, in order, one after the other. Keeps `size` elements, and those of
 * emitters that do not wait.
 *
 * A failure below is not the emitter's, who is further on by then: the node's error policy and the element's own reference
 * counters hear of it, and the next element follows. A buffer that nothing needs any more drops what
 * it holds; the counters hear of that, too.
 */
export class BufferNode<T> extends Node<T, T> {
  override readonly kind: string = 'buffer';
  readonly #size: number;
  readonly #queue = new Fifo<Waiting<T>>();
  /** The task that passes elements on; a new object each time it starts, so that one left behind can tell. */
  #task: object | undefined;
  #ending = false;

  constructor(size: number, options: BufferOptions<T> = {}) {
    super(options);
    this.#size = wholeNumberOrInfinity(size, 'size of a buffer', 1);
  }

  override update(value: T, metadata: Metadata): Flow {
    const element: Waiting<T> = { value, metadata, admit: undefined };
    retainAll(metadata);
    this.#queue.push(element);
    if (this.#task === undefined) {
      const task = {};
      this.#task = task;
      queueMicrotask(() => void this.#passOn(task)); // never rejects
    }
    if (this.#queue.length > this.#size) {
      return new Promise((admit) => {
        element.admit = admit;
      });
    }
  }

  async #passOn(task: object): Promise<void> {
    while (this.#task === task) {
      const element = this.#queue.shift();
      if (element === undefined) {
        this.#task = undefined;
        if (this.#ending) this.end();
        return;
      }
      this.#queue.at(this.#size - 1)?.admit?.();
      const flow = this.emitDetached(element.value, element.metadata);
      if (flow !== undefined) await flow;
      releaseAll(element.metadata);
    }
  }

  protected override onUpstreamEnd(): void {
    this.#ending = true;
    if (this.#task === undefined) this.end();
  }

  protected override onDeactivate(): void {
    this.#task = undefined;
    for (const { metadata, admit } of this.#queue.drain()) {
      failStopped(metadata, this.label);
      releaseAll(metadata);
      admit?.();
    }
    if (this.#ending) this.end();
  }
}
