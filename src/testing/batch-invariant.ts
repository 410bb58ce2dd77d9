import type { RecordBatch, Schema, Table } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import { buildBatch } from '../columnar/build.ts';
import { concat } from '../columnar/concat.ts';
import { inferSchema } from '../columnar/infer-schema.ts';
import { rowsOf } from '../columnar/rows.ts';
import { slice, take } from '../columnar/take.ts';
import type { AnySchema, ColumnsOrAny, ColumnTypes } from '../columnar/type-families.ts';
import type { Flow } from '../core/node.ts';
import { SchemaError } from '../errors.ts';
import { StreamingDataFrame, type StreamingDataFrameOptions } from '../frame/dataframe.ts';
import { Live } from '../frame/live.ts';
import type { StreamKind } from '../frame/state.ts';
import type { Sink } from '../nodes/sink.ts';
import type { Stream } from '../stream.ts';
import { difference } from './difference.ts';
import { randomFrom } from './random.ts';
import { sameBatches } from './same-batches.ts';
import { settle } from './virtual-clock.ts';

/** What a pipeline gives: a frame, a series or a running value. */
export interface Followable {
  readonly kind: StreamKind;
  readonly stream: Stream<unknown>;
}

export interface BatchInvariantOptions<S extends ColumnTypes = ColumnTypes>
  extends Pick<StreamingDataFrameOptions<S>, 'schema' | 'time' | 'clock'> {
  /** How many random cuts are tried. Default 200. */
  readonly cuts?: number | undefined;
  /** The seed of the cuts; the same seed gives the same cuts. Default 1. */
  readonly seed?: number | undefined;
  /** How far numbers may differ, relative to the larger of the two. Default 1e-12; 0 wants the same numbers. */
  readonly tolerance?: number | undefined;
}

/** The answer of a pipeline depends on how rows were cut into batches. */
export class BatchInvarianceError extends Error {
  override readonly name: string = 'BatchInvarianceError';
  /** Lengths of the batches of the smallest cut that was found. */
  readonly batches: readonly number[];
  /** The rows that it cuts. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];

  constructor(message: string, batches: readonly number[], rows: BatchInvarianceError['rows']) {
    super(message);
    this.batches = batches;
    this.rows = rows;
  }
}

/**
 * Checks that the answer of a pipeline does not depend on how its rows are cut into batches: runs it over `rows` in one
 * batch and in many random cuts, with empty batches and batches of one row among them, and compares. Of an append stream
 * all rows that came out are compared, of a snapshot stream the newest state at the end and at one place on the way.
 * A cut that gives something else is made smaller, cuts first and rows then, as long as it still does.
 *
 * Running results and frames of the library are looked at in one of eight runs from the first batch on, in the others only at
 * the places that are compared.
 *
 * `pipeline` gets a new frame for each run. What the user's own functions remember outside of it is theirs to reset.
 * Cost: a run over all rows for each cut, and up to some hundred runs to make a failing cut smaller.
 *
 * @throws BatchInvarianceError with the smallest failing cut and its rows; whatever the pipeline throws over one batch.
 */
export async function assertBatchInvariant<S extends ColumnTypes = AnySchema>(
  pipeline: (df: StreamingDataFrame<ColumnsOrAny<S>>) => Followable,
  rows: Table<S> | RecordBatch<S> | readonly object[],
  options: BatchInvariantOptions<S> = {},
): Promise<void> {
  const { cuts = 200, seed = 1, tolerance = 1e-12, ...frame } = options;
  const all = batchOf(rows, frame.schema);
  const run = (batch: Batch, how: Run): Promise<Answer> =>
    answerOf(pipeline, { ...frame, schema: batch.schema as Schema<S> }, batch, how);
  const whole = await run(all, oneBatchRun);
  if ('error' in whole) throw whole.error;
  const random = randomFrom(seed);
  const places = Array.from({ length: 4 }, () => random(all.length + 1));
  const prefixes = whole.kind === 'append' ? [] : await onTheWay(all, places, run);
  for (let n = 0; n < cuts; n++) {
    const ends = randomCut(all.length, random);
    const prefix = prefixes[n % (prefixes.length + 1)];
    const cut = prefix === undefined ? ends : [...ends, prefix.length].sort((a, b) => a - b);
    const lookLate = n % 8 !== 0;
    const got = await run(all, { cut, lookLate, place: prefix?.length });
    const failing = (batch: Batch): Failing => ({
      batch,
      cut: cut.filter((end) => end <= batch.length),
      lookLate,
    });
    const found =
      prefix !== undefined && differenceOf(onTheWayOf(got), prefix.answer, tolerance) !== undefined
        ? failing(rowsFrom(all, 0, prefix.length))
        : differenceOf(got, whole, tolerance) !== undefined
          ? failing(all)
          : undefined;
    if (found === undefined) continue;
    const smallest = await shrunk(found, async (rest, restCut) => {
      const one = await run(rest, oneBatchRun);
      if ('error' in one) return undefined;
      return differenceOf(await run(rest, { cut: restCut, lookLate }), one, tolerance);
    });
    throw failure(smallest, all.length, `seed ${seed}, cut ${n}`);
  }
}

/** How rows are given to a pipeline. */
interface Run {
  readonly cut: readonly number[];
  /** Whether nobody looks but at the places that are compared. */
  readonly lookLate: boolean;
  /** An end of a batch at which the result is wanted, too. */
  readonly place?: number | undefined;
}

const oneBatchRun: Run = { cut: [], lookLate: false };

/** What came out: rows, or a value, and what there was on the way; or what was thrown. */
type Answer =
  | { readonly kind: StreamKind; readonly value: unknown; readonly onTheWay?: unknown }
  | { readonly error: unknown };

interface Prefix {
  readonly length: number;
  readonly answer: Answer;
}

/** What a pipeline gives for the first rows alone. Where that fails, the whole would tell. */
async function onTheWay(
  all: Batch,
  places: readonly number[],
  run: (batch: Batch, how: Run) => Promise<Answer>,
): Promise<Prefix[]> {
  const prefixes: Prefix[] = [];
  for (const length of places) {
    const answer = await run(rowsFrom(all, 0, length), oneBatchRun);
    if ('value' in answer) prefixes.push({ length, answer });
  }
  return prefixes;
}

function onTheWayOf(answer: Answer): Answer {
  return 'error' in answer ? answer : { ...answer, value: answer.onTheWay };
}

function differenceOf(got: Answer, wanted: Answer, tolerance: number): string | undefined {
  if ('value' in got && 'value' in wanted) {
    const [a, b] = [got.value, wanted.value];
    if (!(a instanceof Batch && b instanceof Batch)) return difference(a, b, tolerance);
    return sameBatches(a, b, tolerance) ? undefined : difference(rowsOf(a), rowsOf(b), tolerance);
  }
  const [a, b] = [got, wanted].map((answer) => ('error' in answer ? answer.error : 'a result'));
  return difference(a, b, tolerance);
}

async function answerOf<S extends ColumnTypes>(
  pipeline: (df: StreamingDataFrame<ColumnsOrAny<S>>) => Followable,
  options: StreamingDataFrameOptions<S>,
  all: Batch,
  { cut, lookLate, place }: Run,
): Promise<Answer> {
  const df = new StreamingDataFrame<S>(options);
  try {
    const followed = pipeline(df);
    const { kind } = followed;
    const emitted: unknown[] = [];
    const look = (): Sink =>
      followed.stream.sink((one) => {
        if (kind === 'snapshot') emitted.length = 0;
        emitted.push(one);
      });
    // The results of others are not kept up to date while nobody looks.
    const isLate = lookLate && kind === 'snapshot' && followed instanceof Live;
    let sink = isLate ? undefined : look();
    let way: unknown;
    let from = 0;
    const ends = [...cut, all.length];
    const seen = place === undefined ? -1 : ends.lastIndexOf(place, ends.length - 2);
    for (const [i, to] of ends.entries()) {
      const isCompared = i === seen || i === ends.length - 1;
      if (isLate && isCompared) sink = look();
      const flow: Flow = df.emit(rowsFrom(all, from, to).toRecordBatch());
      if (flow !== undefined) await flow;
      if (i === seen) way = plain(emitted[0]);
      if (isLate && isCompared) sink!.dispose();
      from = to;
    }
    return {
      kind,
      value: kind === 'snapshot' ? plain(emitted[0]) : joined(emitted),
      onTheWay: way,
    };
  } catch (error) {
    return { error };
  } finally {
    df.dispose();
    // What is out of reach is freed only between turns of the event loop.
    await settle();
  }
}

/** Arrow data as one batch, other sequences as arrays, the rest as it is. */
function plain(emitted: unknown): unknown {
  if (typeof emitted !== 'object' || emitted === null) return emitted;
  if ('numRows' in emitted && 'schema' in emitted) return oneBatch(emitted as Table | RecordBatch);
  return Symbol.iterator in emitted && !Array.isArray(emitted)
    ? [...(emitted as Iterable<unknown>)]
    : emitted;
}

/** All rows that came out, one after the other. */
function joined(emitted: readonly unknown[]): unknown {
  const parts = emitted.map(plain);
  if (parts.length > 0 && parts.every((part) => part instanceof Batch)) return joinedBatches(parts);
  return parts.flat();
}

function oneBatch(data: Table | RecordBatch): Batch {
  const batches = ('batches' in data ? data.batches : [data]).map((batch) => Batch.of(batch));
  return batches.length === 0 ? buildBatch(data.schema, []).batch : joinedBatches(batches);
}

function joinedBatches(batches: readonly Batch[]): Batch {
  const filled = batches.filter(({ length }) => length > 0);
  if (filled.length <= 1) return filled[0] ?? batches[0]!;
  const { schema } = filled[0]!;
  const columns = schema.fields.map((_, i) => concat(filled.map((batch) => batch.column(i))));
  return new Batch(
    schema,
    filled.reduce((sum, { length }) => sum + length, 0),
    columns,
  );
}

function batchOf(rows: Table | RecordBatch | readonly object[], schema: Schema | undefined): Batch {
  if (Array.isArray(rows)) {
    const own = schema ?? inferSchema(rows);
    if (own === undefined) throw new SchemaError('bad-option', 'assertBatchInvariant: rows without a schema');
    const { batch, rejected } = buildBatch(own, rows);
    const [first] = rejected;
    if (first === undefined) return batch;
    throw new SchemaError(
      'bad-value',
      `assertBatchInvariant: row ${first.row} does not fit: ${first.reason}`,
    );
  }
  return oneBatch(rows as Table | RecordBatch);
}

function rowsFrom(all: Batch, from: number, to: number): Batch {
  const columns = all.schema.fields.map((_, i) => slice(all.column(i), from, to));
  return new Batch(all.schema, to - from, columns);
}

function withoutRows(all: Batch, from: number, to: number): Batch {
  const kept = new Uint32Array(all.length - (to - from));
  for (let i = 0; i < kept.length; i++) kept[i] = i < from ? i : i + to - from;
  return new Batch(
    all.schema,
    kept.length,
    all.schema.fields.map((_, i) => take(all.column(i), kept)),
  );
}

/** Ends of batches in order, equal ones for empty batches: few, many, or a batch for each row. */
function randomCut(length: number, random: (below: number) => number): number[] {
  const kind = random(4);
  const count =
    kind === 0 ? 1 + random(4) : kind === 1 ? 1 + random(40) : 1 + random(Math.min(length, 400) + 1);
  const cut = Array.from({ length: count }, () => random(length + 1));
  if (kind === 3) {
    // A stretch of batches of one row each.
    const from = random(length + 1);
    for (let to = from; to < Math.min(length, from + 100); to++) cut.push(to);
  }
  return cut.sort((a, b) => a - b);
}

interface Failing {
  readonly batch: Batch;
  readonly cut: readonly number[];
  readonly lookLate: boolean;
}

/** Runs at most this many times to make a failing cut smaller. */
const mostRuns = 400;

/** A failing cut of which no part can be left out, as far as the runs allowed go, and what is wrong with it. */
async function shrunk(
  found: Failing,
  wrong: (batch: Batch, cut: readonly number[]) => Promise<string | undefined>,
): Promise<Failing & { readonly problem: string }> {
  let { batch, cut } = found;
  let problem = (await wrong(batch, cut)) ?? 'it differed once, and not again';
  let runs = 0;
  const keeps = async (nextBatch: Batch, nextCut: readonly number[]): Promise<boolean> => {
    if (runs++ >= mostRuns) return false;
    const text = await wrong(nextBatch, nextCut);
    if (text === undefined) return false;
    batch = nextBatch;
    cut = nextCut;
    problem = text;
    return true;
  };
  for (let size = cut.length; size >= 1; size = size >> 1) {
    for (let at = 0; at < cut.length; ) {
      const kept = [...cut.slice(0, at), ...cut.slice(at + size)];
      if (!(await keeps(batch, kept))) at += size;
    }
  }
  for (let size = batch.length >> 1; size >= 1; size = size >> 1) {
    for (let at = 0; at < batch.length; ) {
      const to = Math.min(batch.length, at + size);
      const moved = cut.map((end) => (end <= at ? end : Math.max(at, end - (to - at))));
      if (!(await keeps(withoutRows(batch, at, to), moved))) at += size;
    }
  }
  return { batch, cut, lookLate: found.lookLate, problem };
}

function failure(
  { batch, cut, problem }: Failing & { readonly problem: string },
  length: number,
  which: string,
): BatchInvarianceError {
  const ends = [...cut, batch.length];
  const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  const rows = rowsOf(batch);
  const shown = rows.slice(0, 20).map((row) => `    ${text(row)}`);
  if (rows.length > shown.length) shown.push(`    and ${rows.length - shown.length} more`);
  return new BatchInvarianceError(
    [
      `the answer depends on how rows are cut into batches (${which} of ${length} rows)`,
      `  smallest cut: ${batch.length} rows in batches of ${lengths.join(', ')}`,
      ...shown,
      `  ${problem}`,
    ].join('\n'),
    lengths,
    rows,
  );
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint'
      ? `${part}n`
      : typeof part === 'number'
        ? Number.isFinite(part)
          ? part
          : String(part)
        : part,
  );
}
