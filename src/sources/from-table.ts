import type { RecordBatch, Schema, Table } from 'apache-arrow';
import { isColumnValues } from '../columnar/build.ts';
import type { AnySchema, ColumnsOrAny, ColumnTypes } from '../columnar/type-families.ts';
import type { Clock } from '../core/clock.ts';
import { reportUnheard } from '../core/report.ts';
import { MillraceError, type SourceError } from '../errors.ts';
import type { StreamingDataFrame, StreamingDataFrameOptions } from '../frame/dataframe.ts';
import type { FrameInput } from '../frame/frame-node.ts';
import { fromIterable } from './from-iterable.ts';

/** Options of `fromTable`. */
export interface TableOptions<S extends ColumnTypes = ColumnTypes>
  extends Omit<StreamingDataFrameOptions<S>, 'name' | 'clock'> {
  /** At most how many rows a batch has. Default: the batches of the table as they are, rows given as objects all in one. */
  batchSize?: number | undefined;
  /** Shown in error paths. Default `'fromTable'`. */
  name?: string | undefined;
  /** Where the nodes below take time from. Default: the platform. */
  clock?: Clock | undefined;
}

/**
 * The rows of a table that is there already, as a frame: the same steps that work on a stream work on it, and give the same
 * answers. The rows come when something listens; then it ends, so that `await df.groupby('k').x.sum().collect()` is the result
 * for the whole table. When something listens again later, they come anew. Arrow data is not copied.
 *
 * Where the work on a batch fails, the source ends as failed, as a part is not the whole: `collect` and `for await` throw what
 * failed, and it is reported globally.
 *
 * @throws `bad-option` for a bad `batchSize`, `no-such-column` where there is no column for the time key.
 */
export function fromTable<S extends ColumnTypes>(
  table: Table<S> | RecordBatch<S>,
  options?: Omit<TableOptions<S>, 'schema' | 'example'>,
): StreamingDataFrame<ColumnsOrAny<S>>;
export function fromTable<S extends ColumnTypes = AnySchema>(
  table: FrameInput,
  options?: TableOptions<S>,
): StreamingDataFrame<ColumnsOrAny<S>>;
export function fromTable(table: FrameInput, options: TableOptions = {}): never {
  return tableFrame(table, options, reportUnheard);
}

/** The frame of `fromTable`; `tell` hears of the failure that ends it. */
function tableFrame(table: FrameInput, options: TableOptions, tell: (error: SourceError) => void): never {
  const { batchSize = Infinity, name = 'fromTable', clock, ...rest } = options;
  if (batchSize !== Infinity && !(Number.isSafeInteger(batchSize) && batchSize > 0)) {
    throw new MillraceError(
      'bad-option',
      `fromTable: batchSize must be a whole number of rows of at least 1, got ${String(batchSize)}`,
    );
  }
  let failure: SourceError | undefined;
  const onError = (error: SourceError): void => {
    if (failure !== undefined) return;
    failure = error;
    tell(error);
  };
  function* pieces(): IterableIterator<FrameInput> {
    for (const piece of piecesOf(table, batchSize)) {
      yield piece;
      if (failure !== undefined) throw failure;
    }
  }
  const source = fromIterable<FrameInput>(
    { [Symbol.iterator]: pieces },
    clock === undefined ? { name, onError } : { name, onError, clock },
  );
  const schema = rest.schema ?? (isArrow(table) ? (table.schema as Schema) : undefined);
  return source.toDataFrame({ ...rest, schema } as StreamingDataFrameOptions) as never;
}

function isArrow(table: FrameInput): table is Table | RecordBatch {
  return 'schema' in table && 'numRows' in table;
}

function* piecesOf(table: FrameInput, size: number): IterableIterator<FrameInput> {
  if (isArrow(table)) {
    const { batches } = 'batches' in table ? table : { batches: [table] };
    if (batches.length === 0) yield table;
    for (const batch of batches) {
      if (batch.numRows <= size) yield batch;
      else for (let at = 0; at < batch.numRows; at += size) yield batch.slice(at, at + size);
    }
    return;
  }
  const columns = isColumnValues(table) ? table : undefined;
  const length =
    columns === undefined ? (table as readonly object[]).length : Object.values(columns)[0]!.length;
  if (length <= size) {
    yield table;
    return;
  }
  for (let at = 0; at < length; at += size) {
    const part = <A>(values: A): A => (values as unknown as unknown[]).slice(at, at + size) as A;
    if (columns === undefined) yield part(table);
    else yield Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, part(values)]));
  }
}

/** What a pipeline may end in: a frame, or a running value. */
export interface Collectable<R> {
  collect(): Promise<R>;
}

/**
 * What `pipeline` gives for all rows of a table: `await runOn(table, (df) => df.groupby('k').x.sum())`. Each run is one of its
 * own.
 *
 * @throws as a rejection, what fails in the pipeline.
 */
export async function runOn<S extends ColumnTypes, R>(
  table: Table<S> | RecordBatch<S>,
  pipeline: (frame: StreamingDataFrame<ColumnsOrAny<S>>) => Collectable<R>,
  options?: Omit<TableOptions<S>, 'schema' | 'example'>,
): Promise<R>;
export async function runOn<R, S extends ColumnTypes = AnySchema>(
  table: FrameInput,
  pipeline: (frame: StreamingDataFrame<ColumnsOrAny<S>>) => Collectable<R>,
  options?: TableOptions<S>,
): Promise<R>;
export async function runOn(
  table: FrameInput,
  pipeline: (frame: StreamingDataFrame) => Collectable<unknown>,
  options?: TableOptions,
): Promise<unknown> {
  let failed: (error: SourceError) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    failed = reject;
  });
  failure.catch(() => {});
  const frame: StreamingDataFrame = tableFrame(table, options ?? {}, (error) => failed(error));
  try {
    return await Promise.race([failure, pipeline(frame).collect()]);
  } finally {
    frame.dispose();
  }
}
