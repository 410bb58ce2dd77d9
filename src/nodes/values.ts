import { optionsOf } from '../core/check.ts';
import { onAbort } from '../core/dispose.ts';
import { Fifo } from '../core/fifo.ts';
import { failStopped, type Metadata } from '../core/metadata.ts';
import { Node } from '../core/node.ts';
import type { MillraceError } from '../errors.ts';

/** Options of `values`. */
export interface ValuesOptions {
  /** Ends the iteration when aborted, as `return` does. */
  signal?: AbortSignal | undefined;
}

interface Arrived<T> {
  readonly value: T;
  readonly metadata: Metadata;
  readonly done: () => void;
}

interface Asking<T> {
  readonly answer: (result: IteratorResult<T, undefined>) => void;
  readonly fail: (error: MillraceError) => void;
}

/**
 * The elements as an async iterator that loses none: an element counts as worked on when the consumer asks for the
 * next one, and emitters that wait are held up until then. Keeps the elements of emitters that do not wait.
 *
 * The iteration ends when every source above has ended, or by `return`; elements that the consumer has not
 * seen by then are dropped, and their reference counters hear of it. Where a source has failed, the iteration throws its
 * error once, after the elements before it: a part is not to be taken for the whole.
 */
export class ValuesNode<T> extends Node<T, never> implements AsyncIterableIterator<T, undefined> {
  override readonly kind: string = 'values';
  readonly #arrived = new Fifo<Arrived<T>>();
  readonly #asking = new Fifo<Asking<T>>();
  /** Elements that the consumer has and may still be working on. */
  readonly #inHand = new Fifo<() => void>();
  #over = false;
  /** What the iteration is still to throw. */
  #failure: MillraceError | undefined;
  #forget: () => void = () => {};

  constructor(options: ValuesOptions = {}) {
    const { signal } = optionsOf(options, ['signal'], 'values');
    super();
    this.begin();
    this.#forget = onAbort(signal, () => this.dispose());
  }

  override update(value: T, metadata: Metadata): Promise<void> {
    return new Promise((done) => {
      const asking = this.#asking.shift();
      if (asking === undefined) {
        this.#arrived.push({ value, metadata, done });
        return;
      }
      // Where the next one has been asked for already, nobody will say so later.
      if (this.#asking.length > 0) done();
      else this.#inHand.push(done);
      asking.answer({ done: false, value });
    });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    for (const done of this.#inHand.drain()) done();
    const first = this.#arrived.shift();
    if (first !== undefined) {
      this.#inHand.push(first.done);
      return Promise.resolve({ done: false, value: first.value });
    }
    if (!this.#over) return new Promise((answer, fail) => this.#asking.push({ answer, fail }));
    const failure = this.#failure;
    this.dispose();
    return failure === undefined ? this.return() : Promise.reject(failure);
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.dispose();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  protected override get isEnd(): boolean {
    return true;
  }

  protected override onUpstreamEnd(): void {
    this.#over = true;
    this.#failure = this.disposed ? undefined : this.failure;
    const asking = this.#asking.drain();
    this.end();
    if (asking.length === 0) return;
    const failure = this.#failure;
    this.dispose();
    if (failure !== undefined) asking.shift()!.fail(failure);
    for (const { answer } of asking) answer({ done: true, value: undefined });
  }

  protected override onDispose(): void {
    this.#forget();
    for (const done of this.#inHand.drain()) done();
    for (const { metadata, done } of this.#arrived.drain()) {
      failStopped(metadata, this.label);
      done();
    }
    this.onUpstreamEnd();
  }
}
