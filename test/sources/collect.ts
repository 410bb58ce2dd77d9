import type { RecordBatch } from 'apache-arrow';
import type { SourceError } from '../../src/errors.ts';
import type { BatchSource } from '../../src/sources/batch-source.ts';
import type { Source, SourceState } from '../../src/sources/source.ts';

/** Everything that comes out of a source, as it comes. */
export function collect<T>(source: Pick<Source<unknown>, 'errors' | 'states'> & { sinkToList(): T[] }) {
  const errors: SourceError[] = source.errors.sinkToList();
  const states: SourceState[] = source.states.sinkToList();
  const values = source.sinkToList();
  return { errors, states, values, statuses: () => states.map((state) => state.status) };
}

export const rowsOf = (batches: readonly RecordBatch[]): unknown[] =>
  batches.flatMap((batch) => batch.toArray().map((row: { toJSON(): unknown }) => row.toJSON()));

/** Resolves when `count` values of `source` have come. */
export function arrivals<T>(source: Source<T> | BatchSource, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const sink = source.sink(() => {
      if (--left > 0) return;
      sink.dispose();
      resolve();
    });
  });
}

/** Resolves with the next error of `source`. */
export function nextError<T>(source: Source<T>): Promise<SourceError> {
  return new Promise((resolve) => {
    const sink = source.errors.sink((error) => {
      sink.dispose();
      resolve(error);
    });
  });
}

/** Resolves when `source` is in a state of that kind. */
export function reaches<T>(source: Source<T>, status: SourceState['status']): Promise<SourceState> {
  return new Promise((resolve) => {
    const check = (state: SourceState): void => {
      if (state.status !== status) return;
      sink.dispose();
      resolve(state);
    };
    const sink = source.states.sink(check);
    check(source.state);
  });
}
