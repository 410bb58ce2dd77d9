import { byteSizeOf } from '../columnar/byte-size.ts';
import { functionOf, nodeOptionsOf, oneOf, wholeNumberOrInfinity } from '../core/check.ts';
import { Fifo } from '../core/fifo.ts';
import { type Held, HoldingNode, type LeftOver } from '../core/holding-node.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow, NodeOptions } from '../core/node.ts';
import { type Overflow, OverflowQueue } from '../core/overflow-queue.ts';
import { GraphError } from '../errors.ts';

/** Options of `buffer`. */
export interface BufferOptions<T = unknown> extends NodeOptions<T> {
  /** Most elements that wait, besides the one that is worked on. Default: no limit where `maxBytes` is given. */
  size?: number | undefined;
  /** Most bytes that the elements which wait may have together. A larger one is let in when nothing else waits. Default: no limit. */
  maxBytes?: number | undefined;
  /**
   * Bytes of an element, for `maxBytes`. Default: those of Arrow's record batches and tables (without dictionaries), of
   * buffers and views on them, and two per character of a string; other elements need this option.
   */
  sizeOf?: ((value: T) => number) | undefined;
  /**
   * What becomes of an element for which there is no room:
   *
   * - `'wait'`: its emitter waits until there is. The default. Those that do not wait add to what is kept.
   * - `'dropOldest'`: the elements that have waited longest give way.
   * - `'dropNewest'`: it is dropped itself.
   * - `'keepLatest'`: all that wait give way.
   * - `'error'`: its emitter gets an error `limit-exceeded`.
   *
   * `dropped` counts those that were dropped, and their references are released without an error.
   */
  overflow?: 'wait' | Overflow | undefined;
}

interface Measured<T> extends Held<T> {
  readonly bytes: number;
}

interface Outside<T> {
  readonly element: Measured<T>;
  readonly admit: () => void;
}

/**
 * Takes the emitter's work and the work below apart: an element counts as emitted when it is in the queue,
 * and a task passes the elements on, in order, one after the other. Keeps what its bounds allow, the element that is
 * worked on, and, with `'wait'`, the elements of the emitters that wait.
 *
 * A failure below is not the emitter's, who is further on by then: the node's error policy and the element's own reference
 * counters hear of it, and the next element follows. A buffer that nothing needs any more drops what
 * it holds; the counters hear of that, too.
 */
export class BufferNode<T> extends HoldingNode<T, T> {
  override readonly kind: string = 'buffer';
  readonly #queue: OverflowQueue<Measured<T>>;
  /** Elements for which there is no room yet. */
  readonly #outside = new Fifo<Outside<T>>();
  readonly #overflow: 'wait' | Overflow;
  readonly #bounds: string;
  readonly #bytesOf: (value: T) => number = () => 0;

  constructor(options: BufferOptions<T> = {}) {
    const { size, maxBytes, sizeOf, overflow = 'wait' } = bufferOptionsOf(options);
    if (size === undefined && maxBytes === undefined) {
      throw new GraphError('bad-option', 'a buffer needs a size or maxBytes');
    }
    if (size !== undefined) wholeNumberOrInfinity(size, 'size of a buffer', 1);
    if (maxBytes !== undefined) wholeNumberOrInfinity(maxBytes, 'maxBytes of a buffer', 1);
    oneOf(overflow, overflows, 'overflow of a buffer');
    if (sizeOf !== undefined) functionOf(sizeOf, 'sizeOf of a buffer');
    super(options);
    this.#overflow = overflow;
    const bounds = [...(size === undefined ? [] : [`${size} elements`])];
    if (maxBytes !== undefined) bounds.push(`${maxBytes} bytes`);
    this.#bounds = bounds.join(' or ');
    this.#queue = new OverflowQueue({
      maxItems: size,
      maxSize: maxBytes,
      sizeOf: ({ bytes }) => bytes,
    });
    if (maxBytes !== undefined) this.#bytesOf = (value) => bytesOf(value, sizeOf);
  }

  override get waiting(): number {
    return this.#queue.length + this.#outside.length;
  }

  override update(value: T, metadata: Metadata): Flow {
    const element = this.#measured(value, metadata);
    if (this.#overflow === 'wait') return this.#takeOrWait(element);
    const dropped = this.#queue.push(element, this.#overflow);
    if (this.#overflow === 'error' && dropped.length > 0) {
      throw new GraphError('limit-exceeded', `more than ${this.#bounds} wait`);
    }
    retainAll(metadata);
    for (const { metadata: released } of dropped) releaseAll(released);
    this.drop(dropped.length);
    this.wakeSoon();
  }

  #measured(value: T, metadata: Metadata): Measured<T> {
    const bytesOf = this.#bytesOf;
    return { value, metadata, bytes: bytesOf(value) };
  }

  #takeOrWait(element: Measured<T>): Flow {
    if (this.#outside.length === 0 && this.#queue.offer(element)) {
      retainAll(element.metadata);
      this.wakeSoon();
      return;
    }
    retainAll(element.metadata);
    return new Promise((admit) => {
      this.#outside.push({ element, admit });
    });
  }

  protected override take(): Held<T> | undefined {
    const next = this.#queue.shift()?.item;
    for (let first = this.#outside.at(0); first !== undefined; first = this.#outside.at(0)) {
      if (!this.#queue.offer(first.element)) break;
      this.#outside.shift();
      first.admit();
    }
    return next;
  }

  protected override letGo(): LeftOver[] {
    const outside = this.#outside
      .drain()
      .map(({ element: { metadata }, admit }): LeftOver => ({ metadata, admit }));
    return [...this.#queue.drain(), ...outside];
  }

  override saveState(): unknown {
    const outside = Array.from({ length: this.#outside.length }, (_, i) => this.#outside.at(i)!.element);
    return { values: [...this.#queue.items(), ...outside].map(({ value }) => value) };
  }

  override restoreState(state: unknown): void {
    for (const value of (state as { values: T[] }).values) {
      const element = this.#measured(value, noMetadata);
      if (this.#outside.length > 0 || !this.#queue.offer(element)) {
        this.#outside.push({ element, admit: () => {} });
      }
    }
    this.wakeSoon();
  }
}

/** @throws `bad-option` for options that a buffer does not have. */
export function bufferOptionsOf<T>(options: BufferOptions<T>): BufferOptions<T> {
  return nodeOptionsOf(options, ['size', 'maxBytes', 'sizeOf', 'overflow'], 'buffer');
}

const overflows: readonly ('wait' | Overflow)[] = ['wait', 'dropOldest', 'dropNewest', 'keepLatest', 'error'];

function bytesOf<T>(value: T, sizeOf: ((value: T) => number) | undefined): number {
  const bytes = sizeOf === undefined ? byteSizeOf(value) : sizeOf(value);
  if (bytes === undefined) {
    throw new GraphError(
      'bad-value',
      `maxBytes of a buffer cannot measure ${typeof value === 'object' ? 'an object' : `a ${typeof value}`}; give it sizeOf`,
    );
  }
  if (!(bytes >= 0)) {
    throw new GraphError('bad-value', `sizeOf of a buffer must give a number from 0, got ${String(bytes)}`);
  }
  return bytes;
}
