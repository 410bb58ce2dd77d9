import { LineDecoder, type LineOptions } from '../formats/lines.ts';

/** The chunks of a stream. `return` cancels it at once, also while a chunk is waited for. */
export class Chunks<T> implements AsyncIterableIterator<T, undefined> {
  readonly #reader: ReadableStreamDefaultReader<T>;

  constructor(stream: ReadableStream<T>) {
    this.#reader = stream.getReader();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const { done, value } = await this.#reader.read();
    return done ? { done, value: undefined } : { done: false, value };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    // A stream that has ended or failed has nothing left to cancel, and says so.
    await this.#reader.cancel().catch(() => {});
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The lines of text that comes in chunks, each as soon as it is whole. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array | string>,
  options?: LineOptions,
): AsyncGenerator<string, void, undefined> {
  const decoder = new LineDecoder(options);
  for await (const chunk of chunks) yield* decoder.push(chunk);
  // Once more for what may be wrong with the last.
  yield* decoder.end();
  yield* decoder.end();
}
