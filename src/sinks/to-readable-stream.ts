import { optionsOf, streamOf } from '../core/check.ts';
import type { Stream } from '../stream.ts';

/** Options of `toReadableStream`. */
export interface ToReadableStreamOptions {
  /** Elements that are taken before the reader asks for them. Default 1. */
  highWaterMark?: number | undefined;
  /** Ends the stream when aborted. */
  signal?: AbortSignal | undefined;
}

/**
 * The elements from now on as a `ReadableStream`, which can be piped, given to `Response`, or transferred.
 *
 * Loses none: emitters that wait are held up until the reader has asked for the element after theirs, or it is among the
 * `highWaterMark` that are taken ahead. It closes when the sources above have ended or `signal` aborts, fails where a source has, and
 * cancelling it takes it off the stream. Keeps the elements of emitters that do not wait.
 */
export function toReadableStream<T>(
  stream: Stream<T>,
  options: ToReadableStreamOptions = {},
): ReadableStream<T> {
  streamOf(stream, 'toReadableStream');
  const { highWaterMark = 1, signal } = optionsOf(options, ['highWaterMark', 'signal'], 'toReadableStream');
  const values = stream.values({ signal });
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await values.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await values.return?.();
      },
    },
    { highWaterMark },
  );
}
