import { ReadingNode, type ReadingOptions } from './reading.ts';
import { Source } from './source.ts';

/**
 * The values of an iterable or async iterable, one by one, each after the work on the one before is done.
 *
 * Iteration begins when something listens. It stops when nothing does any more or `signal` aborts, and
 * the iterator's `return` is called; when something listens again it begins anew, which an array and the like
 * do from their start. A synchronous iterable without asynchronous work below runs through in one go; all else lets
 * timers run now and then, even where it need never wait. An iterable that throws ends the source as failed, with the
 * number of the value as `position.message`. `ack` gets the number of values, from the start of the iteration, that
 * are done.
 */
export function fromIterable<T>(
  iterable: Iterable<T> | AsyncIterable<T>,
  options?: ReadingOptions,
): Source<T> {
  return new Source(
    new ReadingNode({ kind: 'fromIterable', failure: 'iterable threw', open: () => iterable }, options),
  );
}
