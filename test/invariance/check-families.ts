import { type RecordBatch, Schema } from 'apache-arrow';
import { Batch } from '../../src/columnar/batch.ts';
import { assertBatchInvariant, type BatchInvariantOptions } from '../../src/testing/index.ts';
import type { Family, Pipeline } from './pipelines.ts';

export interface CheckOptions {
  readonly rows: RecordBatch;
  /** How many cuts are tried of each family, in turn of its pipelines. */
  readonly cuts: number;
  /** How many of them at a time. */
  readonly atATime: number;
  /** No more is begun after that. */
  readonly milliseconds?: number | undefined;
}

export interface Checked {
  readonly pipelines: number;
  readonly cuts: number;
  /** The cuts of the family of which the fewest were tried. */
  readonly fewest: number;
  readonly failures: readonly string[];
}

/** Tries cuts of every family in turns, so that all get on alike where the time is short. */
export async function checkFamilies(families: readonly Family[], options: CheckOptions): Promise<Checked> {
  const { cuts, atATime, milliseconds = Infinity } = options;
  const end = performance.now() + milliseconds;
  const tried = new Map<Pipeline, number>();
  const failures: string[] = [];
  const done = families.map(() => 0);
  for (let turn = 0; Math.min(...done) < cuts; turn++) {
    for (const [i, { pipelines }] of families.entries()) {
      if (done[i]! >= cuts) continue;
      if (performance.now() > end) return report(tried, done, failures);
      const pipeline = pipelines[turn % pipelines.length]!;
      const count = Math.min(atATime, cuts - done[i]!);
      const problem = await problemOf(pipeline, options.rows, { cuts: count, seed: 1 + turn });
      if (problem !== undefined) failures.push(`${pipeline.name}: ${problem}`);
      done[i]! += count;
      tried.set(pipeline, (tried.get(pipeline) ?? 0) + count);
    }
  }
  return report(tried, done, failures);
}

function report(tried: ReadonlyMap<Pipeline, number>, done: readonly number[], failures: string[]): Checked {
  const cuts = [...tried.values()].reduce((a, b) => a + b, 0);
  return { pipelines: tried.size, cuts, fewest: Math.min(...done), failures };
}

async function problemOf(
  { build, columns }: Pipeline,
  rows: RecordBatch,
  options: BatchInvariantOptions,
): Promise<string | undefined> {
  const own = only(rows, columns);
  try {
    await assertBatchInvariant((df) => build(df, rows.numRows), own, {
      ...options,
      schema: own.schema,
      time: 't',
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The rows with these columns alone. */
function only(rows: RecordBatch, names: readonly string[]): RecordBatch {
  const batch = Batch.of(rows);
  const fields = rows.schema.fields.filter(({ name }) => names.includes(name));
  const columns = fields.map(({ name }) => batch.column(batch.indexOf(name)));
  return new Batch(new Schema(fields), batch.length, columns).toRecordBatch();
}
