import { unlessAborted } from '../core/dispose.ts';
import { SourceError } from '../errors.ts';
import { Source, SourceNode, type SourceOptions, textOf } from './source.ts';

/**
 * The values of an iterable or async iterable, one by one, each after the work on the one before is done.
 *
 * Iteration begins when something listens. It stops when nothing does any more or `signal` aborts, and
 * the iterator's `return` is called; when something listens again it begins anew, which an array and the like
 * do from their start. A synchronous iterable without asynchronous work below runs through in one go. An iterable
 * that throws ends the source as failed, with the number of the value as `position.message`.
 */
export function fromIterable<T>(
  iterable: Iterable<T> | AsyncIterable<T>,
  options?: SourceOptions,
): Source<T> {
  return new Source(new IterableNode(iterable, options));
}

class IterableNode<T> extends SourceNode<T> {
  override readonly kind: string = 'fromIterable';
  readonly #iterable: Iterable<T> | AsyncIterable<T>;
  #count = 0;

  constructor(iterable: Iterable<T> | AsyncIterable<T>, options?: SourceOptions) {
    super(options);
    this.#iterable = iterable;
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    this.#count = 0;
    this.setState('live');
    try {
      const iterable = this.#iterable;
      if (Symbol.asyncIterator in iterable) await this.#readAsync(iterable[Symbol.asyncIterator](), signal);
      else await this.#read(iterable, signal);
    } catch (error) {
      const position = { message: this.#count };
      throw new SourceError('source-failed', `iterable threw: ${textOf(error)}`, { cause: error, position });
    }
  }

  async #read(iterable: Iterable<T>, signal: AbortSignal): Promise<void> {
    for (const value of iterable) {
      if (this.stopped(signal)) return;
      const flow = this.deliver(value, signal);
      this.#count++;
      if (flow !== undefined) await flow;
      if (this.stopped(signal)) return;
    }
  }

  /** Does not wait for a value that never comes once it is told to stop. */
  async #readAsync(iterator: AsyncIterator<T>, signal: AbortSignal): Promise<void> {
    while (true) {
      const result = await unlessAborted(iterator.next(), signal);
      if (result === undefined || this.stopped(signal)) break;
      if (result.done === true) return;
      const flow = this.deliver(result.value, signal);
      this.#count++;
      await flow;
      if (this.stopped(signal)) break;
    }
    // A generator in the middle of waiting answers only when it is done with that.
    Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
