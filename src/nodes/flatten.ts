import { nodeOptionsOf } from '../core/check.ts';
import { afterwards } from '../core/flow.ts';
import { failStopped, type Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { itemsOf } from './items.ts';

/** What is left to emit of one value. */
class Rest<T> implements IterableIterator<T> {
  readonly metadata: Metadata;
  readonly #items: Iterator<T>;
  isOver = false;

  constructor(items: Iterator<T>, metadata: Metadata) {
    this.#items = items;
    this.metadata = metadata;
  }

  next(): IteratorResult<T> {
    if (this.isOver) return { done: true, value: undefined };
    const result = this.#items.next();
    this.isOver = result.done === true;
    return result;
  }

  stop(): void {
    this.isOver = true;
    this.#items.return?.();
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/**
 * Emits each element of the arrays and other iterables that come: the characters of a string, the `[key, value]` of a
 * map. Each is emitted when the asynchronous work on the one before it is done; the last carries the metadata. Keeps
 * nothing but the rest of what it is iterating over. When nothing needs the node any more it stops in the middle, and
 * the reference counters hear of it.
 */
export class FlattenNode<T> extends Node<Iterable<T>, T> {
  override readonly kind: string = 'flatten';
  readonly #rests = new Set<Rest<T>>();
  #ending = false;

  constructor(options: NodeOptions<Iterable<T>> = {}) {
    super(nodeOptionsOf(options, [], 'flatten'));
  }

  override get waiting(): number {
    return this.#rests.size;
  }

  override update(value: Iterable<T>, metadata: Metadata): Flow {
    const rest = new Rest(itemsOf(value, 'flatten')[Symbol.iterator](), metadata);
    this.#rests.add(rest);
    let flow: Flow | undefined;
    try {
      flow = this.emitEach(rest, metadata);
    } finally {
      afterwards(flow, () => this.#done(rest));
    }
    return flow;
  }

  #done(rest: Rest<T>): void {
    this.#rests.delete(rest);
    if (this.#ending && this.isCutOff && this.#rests.size === 0) this.end();
  }

  protected override onUpstreamEnd(): void {
    this.#ending = true;
    if (this.#rests.size === 0) this.end();
  }

  protected override onDeactivate(): void {
    for (const rest of this.#rests) {
      if (rest.isOver) continue;
      failStopped(rest.metadata, this.label);
      rest.stop();
    }
  }
}
