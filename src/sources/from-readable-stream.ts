import { SourceError } from '../errors.ts';
import { Chunks } from './chunks.ts';
import { ReadingNode, type ReadingOptions } from './reading.ts';
import { Source } from './source.ts';

/**
 * The chunks of a `ReadableStream`, of whatever kind they are, each after the work on the one before is done: the
 * stream feels the backpressure.
 *
 * Reading begins when something listens, and locks the stream. It is cancelled when nothing listens any more or
 * `signal` aborts, and cannot be read again: the source then fails with `not-available` for the next listener, as
 * it does for a stream that somebody else reads. A stream that breaks ends the source as failed. `ack` gets the number
 * of chunks that are done.
 */
export function fromReadableStream<T>(stream: ReadableStream<T>, options?: ReadingOptions): Source<T> {
  const open = (): AsyncIterable<T> => {
    if (stream.locked)
      throw new SourceError('not-available', 'stream is locked: it is being read, or has been');
    return new Chunks(stream);
  };
  return new Source(
    new ReadingNode({ kind: 'fromReadableStream', failure: 'stream broke off', open }, options),
  );
}
