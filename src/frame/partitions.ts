import { RecordBatch, type Schema, Table } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import { BatchBuilder, type ColumnValues } from '../columnar/build.ts';
import { inferSchema } from '../columnar/infer-schema.ts';
import { schemaDifference } from '../columnar/schema-diff.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, labelOf, Node } from '../core/node.ts';
import { MillraceError, SchemaError, UserCodeError } from '../errors.ts';
import { BatchNode } from './batch-node.ts';
import { type Example, schemaOfExample } from './example.ts';
import { checkNames } from './sort.ts';
import type { FrameState } from './state.ts';
import { BoundSteps } from './steps.ts';
import { joinedBatch } from './window-content.ts';

/** What a function over whole batches may give: a record batch, a table, rows as objects, or columns by name. */
export type PartitionResult = RecordBatch | Table | readonly object[] | ColumnValues;

/** Options of `mapPartitions`: what comes out. Default: like what came of the first batch. */
export interface MapPartitionsOptions {
  readonly schema?: Schema | undefined;
  /** In place of a schema: rows or columns like those that come out. */
  readonly example?: Example | undefined;
}

function declaredSchema({ schema, example }: MapPartitionsOptions): Schema | undefined {
  return schema ?? (example === undefined ? undefined : schemaOfExample(example));
}

/** Makes batches of what a function gives, and holds all of them to one schema. */
class Outcome {
  readonly #label: string;
  schema: Schema | undefined;
  #builder: BatchBuilder | undefined;

  constructor(label: string, schema: Schema | undefined) {
    this.#label = label;
    this.schema = schema;
  }

  /** @throws `user-code` where it is nothing to make a batch of, `schema-mismatch` where it differs, `bad-value`. */
  batchOf(given: unknown): Batch {
    if (given instanceof RecordBatch) return this.#checked(Batch.of(given));
    if (given instanceof Table) {
      const pieces = given.batches.map((batch) => Batch.of(batch));
      return this.#checked(joinedBatch(given.schema, pieces));
    }
    if (typeof given !== 'object' || given === null || 'then' in given) {
      const got = given !== null && typeof given === 'object' ? 'a promise' : String(given);
      throw new UserCodeError(
        'user-code',
        `${this.#label} must give a record batch, a table, rows or columns, got ${got}`,
      );
    }
    this.schema ??= inferSchema(given as readonly object[] | ColumnValues);
    if (this.schema === undefined) {
      throw new SchemaError(
        'schema-mismatch',
        `${this.#label}: what it gave has no rows to read a schema off; declare { schema } or { example }`,
      );
    }
    this.#builder ??= new BatchBuilder(this.schema);
    const { batch, rejected } = Array.isArray(given)
      ? this.#builder.fromRows(given)
      : this.#builder.fromColumns(given as ColumnValues);
    if (rejected.length === 0) return batch;
    const { row, column, reason } = rejected[0]!;
    const where = column === undefined ? `row ${row}` : `row ${row}, column "${column}"`;
    throw new SchemaError(
      'bad-value',
      `${this.#label}: ${rejected.length} row(s) do not fit: ${where}: ${reason}`,
    );
  }

  #checked(batch: Batch): Batch {
    this.schema ??= batch.schema;
    const difference = schemaDifference(this.schema, batch.schema, batch);
    if (difference === undefined) return batch;
    throw new SchemaError('schema-mismatch', `${this.#label}: what it gave differs: ${difference}`);
  }
}

/** What `work` gives; what a user's function in it throws is `user-code`. */
function called<T>(label: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new UserCodeError('user-code', `${label} threw: ${text}`, { cause: error });
  }
}

/** `fn` of each batch. */
export function mapPartitionsNode(
  frame: FrameState,
  fn: (batch: RecordBatch) => unknown,
  options: MapPartitionsOptions,
): BatchNode {
  checkFunction('mapPartitions', fn);
  checkNames('mapPartitions', options, ['schema', 'example']);
  const label = labelOf('mapPartitions', fn);
  const outcome = new Outcome(label, declaredSchema(options));
  return new BatchNode(frame, label, () => ({
    output: outcome.schema,
    run: (batch) => outcome.batchOf(called(label, () => fn(batch.toRecordBatch()))),
  }));
}

/** `fn` of a state and each batch: gives the next state and what comes out. */
export class AccumulateNode extends Node<Batch, Batch> {
  override readonly kind: string = 'accumulate';
  readonly #frame: FrameState;
  readonly #fn: (state: unknown, batch: RecordBatch) => readonly [state: unknown, result: unknown];
  readonly #outcome: Outcome;
  #steps: BoundSteps | undefined;
  #state: unknown;
  #current: Batch | undefined;

  constructor(
    frame: FrameState,
    fn: (state: never, batch: RecordBatch) => readonly [state: unknown, result: unknown],
    start: unknown,
    options: MapPartitionsOptions,
  ) {
    checkFunction('accumulatePartitions', fn);
    const label = labelOf('accumulatePartitions', fn);
    super({ name: label });
    this.#frame = frame;
    this.#fn = fn as (state: unknown, batch: RecordBatch) => readonly [state: unknown, result: unknown];
    this.#outcome = new Outcome(label, declaredSchema(options));
    this.#state = start;
  }

  get output(): Schema | undefined {
    return this.#outcome.schema;
  }

  get current(): Batch | undefined {
    return this.#current;
  }

  override saveState(): unknown {
    return this.#state;
  }

  override restoreState(state: unknown): void {
    this.#state = state;
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    this.#steps ??= new BoundSteps(this.#frame.base.schema() ?? batch.schema, this.#frame.rest);
    const rows = this.#steps.batch(batch).toRecordBatch();
    const pair: unknown = called(this.label, () => this.#fn(this.#state, rows));
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new UserCodeError('user-code', `${this.label} must give [state, result], got ${String(pair)}`);
    }
    this.#current = this.#outcome.batchOf(pair[1]);
    this.#state = pair[0];
    return this.emit(this.#current, metadata);
  }
}

function checkFunction(operation: string, fn: unknown): void {
  if (typeof fn === 'function') return;
  throw new SchemaError('bad-option', `${operation} needs a function of a record batch, got ${String(fn)}`);
}
