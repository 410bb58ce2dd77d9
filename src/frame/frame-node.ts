import { RecordBatch, type Schema, Table } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import { BatchBuilder, type ColumnValues, type RejectedRow, type Row } from '../columnar/build.ts';
import { inferSchema } from '../columnar/infer-schema.ts';
import { schemaDifference } from '../columnar/schema-diff.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { quote, SchemaError } from '../errors.ts';
import { IpcDecoder } from '../formats/ipc.ts';
import { toIpc } from '../formats/ipc-write.ts';

/** What may be emitted into a frame: Arrow batches, rows as objects, or columns by name. */
export type FrameInput = RecordBatch | Table | readonly object[] | ColumnValues;

export interface FrameNodeOptions extends NodeOptions {
  /** What every batch must be like. Default: like the first one. */
  schema?: Schema | undefined;
  /** Told of rows that do not fit the schema and were left out. Default: they fail the batch after the rest went on. */
  onRejected?: ((rejected: readonly RejectedRow[]) => void) | undefined;
}

interface SavedFrame {
  readonly version: 1;
  readonly schema: Uint8Array | undefined;
}

/**
 * The top of a frame: makes batches of what comes in and holds every one of them to the schema. A batch
 * that differs is refused as a whole, rows given as objects one by one; what comes after is not touched by it.
 * Keeps the newest batch.
 */
export class FrameNode extends Node<FrameInput, Batch> {
  override readonly kind: string = 'frame';
  readonly #onRejected: ((rejected: readonly RejectedRow[]) => void) | undefined;
  #schema: Schema | undefined;
  /** The last schema that was found to fit; most batches bring the same object. */
  #fitting: Schema | undefined;
  #builder: BatchBuilder | undefined;
  #current: Batch | undefined;

  constructor({ schema, onRejected, ...options }: FrameNodeOptions = {}) {
    super(options);
    this.#schema = schema;
    this.#onRejected = onRejected;
  }

  /** The declared schema, or that of the first batch; `undefined` before it. */
  get schema(): Schema | undefined {
    return this.#schema;
  }

  /** The newest batch. */
  get current(): Batch | undefined {
    return this.#current;
  }

  override emit(batch: Batch, metadata?: Metadata): Flow {
    this.#current = batch;
    return super.emit(batch, metadata);
  }

  protected override rowsOf(value: FrameInput): number {
    if (typeof value !== 'object' || value === null) return 0;
    if ('numRows' in value && typeof value.numRows === 'number') return value.numRows;
    const rows: unknown = Array.isArray(value) ? value : Object.values(value)[0];
    return typeof rows === 'object' && rows !== null && 'length' in rows ? Number(rows.length) : 0;
  }

  /** The schema, where it is known, as the bytes of an Arrow stream without batches. The newest batch is not kept. */
  override saveState(): SavedFrame {
    const schema = this.#schema;
    return { version: 1, schema: schema === undefined ? undefined : toIpc([], schema) };
  }

  /** @throws `schema-mismatch` for a schema that is not the declared one. */
  override restoreState(state: unknown): void {
    const { version, schema: bytes } = state as SavedFrame;
    if (version !== 1) throw new SchemaError('bad-value', `version ${String(version)} is not known`);
    if (bytes === undefined) return;
    if (!ArrayBuffer.isView(bytes)) throw new SchemaError('bad-value', 'the schema is no longer bytes');
    const decoder = new IpcDecoder();
    for (const _ of decoder.push(bytes)); // none: the schema comes by itself
    const saved = decoder.schema!;
    const difference = this.#schema && schemaDifference(this.#schema, saved);
    if (difference !== undefined) {
      throw new SchemaError('schema-mismatch', `it is of frames of another schema: ${difference}`);
    }
    this.#schema ??= saved;
  }

  override update(value: FrameInput, metadata: Metadata): Flow {
    if (value instanceof RecordBatch || isRecordBatch(value)) {
      return this.emit(this.#checked(Batch.of(value)), metadata);
    }
    if (value instanceof Table || isTable(value)) return this.#emitTable(value, metadata);
    if (typeof value !== 'object' || value === null) {
      const got = value === null ? 'null' : `${typeof value} ${String(value)}`;
      throw new SchemaError(
        'bad-value',
        `a frame takes record batches, tables, arrays of rows or objects of columns, got ${got}`,
      );
    }
    if (!Array.isArray(value)) checkColumns(value as object);
    return this.#emitBuilt(value as readonly Row[] | ColumnValues, metadata);
  }

  /** A table as one batch each of its own; the metadata goes with the last. */
  #emitTable({ batches, schema }: Table, metadata: Metadata): Flow {
    const all = batches.length === 0 ? [new RecordBatch(schema, undefined)] : batches;
    const checked = all.map((batch) => this.#checked(Batch.of(batch)));
    return this.emitEach(checked, metadata);
  }

  #emitBuilt(value: readonly Row[] | ColumnValues, metadata: Metadata): Flow {
    this.#schema ??= inferSchema(value);
    if (this.#schema === undefined) {
      if (Array.isArray(value) && value.length === 0) return;
      throw new SchemaError('schema-mismatch', 'no schema was declared and none can be read off what came');
    }
    this.#builder ??= new BatchBuilder(this.#schema);
    const { batch, rejected } = Array.isArray(value)
      ? this.#builder.fromRows(value)
      : this.#builder.fromColumns(value as ColumnValues);
    const flow = this.emit(batch, metadata);
    if (rejected.length === 0) return flow;
    if (this.#onRejected !== undefined) {
      this.#onRejected(rejected);
      return flow;
    }
    const failure = rejectedError(rejected, batch.length);
    if (flow === undefined) throw failure;
    return flow.then(() => Promise.reject(failure));
  }

  #checked(batch: Batch): Batch {
    const { schema } = batch;
    this.#schema ??= schema;
    if (this.#fitting === schema && !this.#schema.fields.some((field) => !field.nullable)) return batch;
    const difference = schemaDifference(this.#schema, schema, batch);
    if (difference !== undefined) {
      throw new SchemaError(
        'schema-mismatch',
        `the batch does not have the schema of the stream: ${difference}`,
      );
    }
    this.#fitting = schema;
    return batch;
  }
}

/** @throws `bad-value` for a row that was given where columns were meant, and for columns that are no arrays. */
function checkColumns(value: object): void {
  for (const [name, values] of Object.entries(value) as [string, unknown][]) {
    if (isArrayLike(values)) continue;
    const isObject = typeof values === 'object' && values !== null;
    const got = isObject ? `an object of ${values.constructor?.name ?? 'no class'}` : String(values);
    throw new SchemaError(
      'bad-value',
      `an object of columns holds arrays, but ${quote(name)} is ${got}; a single row goes into an array: emit([row])`,
    );
  }
}

/** Whether values can be read by index: an Arrow vector, for one, has a length but not that. */
function isArrayLike(values: unknown): boolean {
  if (Array.isArray(values) || ArrayBuffer.isView(values)) return true;
  if (typeof values !== 'object' || values === null || !('length' in values)) return false;
  return values.length === 0 || 0 in values;
}

/** Of another copy of apache-arrow on the page. */
function isRecordBatch(value: unknown): value is RecordBatch {
  return (
    typeof value === 'object' &&
    value !== null &&
    'numRows' in value &&
    'numCols' in value &&
    'data' in value &&
    !('batches' in value)
  );
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && 'numRows' in value && 'batches' in value;
}

function rejectedError(rejected: readonly RejectedRow[], kept: number): SchemaError {
  const shown = rejected
    .slice(0, 3)
    .map(({ row, column, reason }) =>
      column === undefined ? `row ${row}: ${reason}` : `row ${row}, column "${column}": ${reason}`,
    );
  const more = rejected.length > shown.length ? `; and ${rejected.length - shown.length} more` : '';
  return new SchemaError(
    'bad-value',
    `${rejected.length} row(s) do not fit the schema and were left out (${kept} were kept): ${shown.join('; ')}${more}`,
  );
}
