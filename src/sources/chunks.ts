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

/** The lines of text that comes in chunks, those that are whole with each. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array | string>,
  options?: LineOptions,
): AsyncGenerator<string[], void, undefined> {
  const decoder = new LineDecoder(options);
  for await (const chunk of chunks) {
    const lines = decoder.push(chunk);
    if (lines.length > 0) yield lines;
  }
  yield decoder.end();
  // Once more for what may be wrong with the last.
  yield decoder.end();
}
