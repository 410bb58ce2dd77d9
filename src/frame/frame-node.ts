import { RecordBatch, type Schema, Table } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import type { ColumnValues, RejectedRow, Row } from '../columnar/build.ts';
import type { FieldDifference } from '../columnar/schema-diff.ts';
import {
  type Drift,
  type DriftCounts,
  type DriftReport,
  type Int64As,
  SchemaGate,
} from '../columnar/schema-gate.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import { IpcDecoder } from '../formats/ipc.ts';
import { toIpc } from '../formats/ipc-write.ts';
import { Stream } from '../stream.ts';

/** What may be emitted into a frame: Arrow batches, rows as objects, or columns by name. */
export type FrameInput = RecordBatch | Table | readonly object[] | ColumnValues;

export interface FrameNodeOptions extends NodeOptions {
  /** What every batch must be like. Default: like the first one. */
  schema?: Schema | undefined;
  /**
   * What becomes of a batch whose schema is not that of the frame; the order of columns is no matter. Default `'error'`: it is
   * refused, with what differs field by field.
   *
   * `'add-nullable'` makes it fit where nothing is lost: a column that is missing is null; integers, floats and
   * decimals of a narrower type are converted. A new column becomes part of the schema from then on, for whoever looks at all
   * columns; plans that are running keep the columns they have. With a declared schema it is left out, and
   * counted. What else differs is refused.
   *
   * `'quarantine'` sets the batch aside: it comes out of `frame.quarantined`, is counted, and the next goes on.
   */
  drift?: Drift | undefined;
  /**
   * Told once for each column that is new, missing, converted, or left out. Default: of fields of rows that the first rows
   * had not and that are left out, the console is told.
   */
  onDrift?: ((report: DriftReport) => void) | undefined;
  /**
   * `'number'`: 64-bit integers are numbers to JavaScript and float64 to expressions; a batch with one beyond 2^53 fails as
   * `overflow`. Default `'bigint'`.
   */
  int64?: Int64As | undefined;
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
  readonly #gate: SchemaGate;
  readonly #clock: NodeOptions['clock'];
  #quarantined: Stream<QuarantinedBatch> | undefined;
  #current: Batch | undefined;

  constructor({ schema, onRejected, drift, onDrift, int64, ...options }: FrameNodeOptions = {}) {
    super(options);
    checkChoice('drift', drift, ['error', 'add-nullable', 'quarantine']);
    checkChoice('int64', int64, ['bigint', 'number']);
    this.#gate = new SchemaGate({ schema, drift, int64, onDrift: onDrift ?? warnOfIgnored });
    this.#clock = options.clock;
    this.#onRejected = onRejected;
  }

  /** The declared schema, or that of the first batch with what was added since; `undefined` before it. */
  get schema(): Schema | undefined {
    return this.#gate.schema;
  }

  /** How much of what came did not have the schema. */
  get driftCounts(): DriftCounts {
    return { ...this.#gate.counts };
  }

  /** The batches that were set aside. */
  get quarantined(): Stream<QuarantinedBatch> {
    this.#quarantined ??= new Stream<QuarantinedBatch>({
      name: 'quarantined',
      ...(this.#clock === undefined ? {} : { clock: this.#clock }),
    });
    return this.#quarantined;
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
    const { schema } = this.#gate;
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
    const difference = this.#gate.restore(saved);
    if (difference !== undefined) {
      throw new SchemaError('schema-mismatch', `it is of frames of another schema: ${difference}`);
    }
  }

  override update(value: FrameInput, metadata: Metadata): Flow {
    if (value instanceof RecordBatch || isRecordBatch(value)) {
      const checked = this.#checked(value);
      return 'emit' in checked ? checked.emit() : this.emit(checked, metadata);
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

  protected override onDispose(): void {
    this.#quarantined?.dispose();
  }

  /** A table as one batch each of its own; the metadata goes with the last. */
  #emitTable({ batches, schema }: Table, metadata: Metadata): Flow {
    const all = batches.length === 0 ? [new RecordBatch(schema, undefined)] : batches;
    const checked = all.map((batch) => this.#checked(batch));
    const good = checked.filter((batch): batch is Batch => !('emit' in batch));
    const aside = checked.flatMap((batch) => ('emit' in batch ? [batch.emit()] : []));
    const flow = good.length === 0 ? undefined : this.emitEach(good, metadata);
    const waiting = [...aside, flow].filter((each) => each !== undefined);
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => {});
  }

  #emitBuilt(value: readonly Row[] | ColumnValues, metadata: Metadata): Flow {
    const built = this.#gate.build(value);
    if (built === undefined) {
      if (Array.isArray(value) && value.length === 0) return;
      throw new SchemaError('schema-mismatch', 'no schema was declared and none can be read off what came');
    }
    const { batch, rejected } = built;
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

  /** The batch as one of the schema, or a way to set it aside. */
  #checked(batch: RecordBatch): Batch | { emit(): Flow } {
    const fitting = this.#gate.batch(batch);
    if (!('differences' in fitting)) return Batch.of(fitting);
    const { differences, text } = fitting;
    if (this.#gate.drift === 'quarantine') {
      return { emit: () => this.#quarantined?.emit({ batch, difference: text, fields: differences }) };
    }
    throw new SchemaError('schema-mismatch', `the batch does not have the schema of the stream: ${text}`);
  }
}

/** A batch that was set aside since its schema is not that of the frame. */
export interface QuarantinedBatch {
  readonly batch: RecordBatch;
  /** How its schema differs, in words. */
  readonly difference: string;
  /** The same field by field. */
  readonly fields: readonly FieldDifference[];
}

function warnOfIgnored({ kind, text }: DriftReport): void {
  if (kind === 'ignored') console.warn(`millrace: ${text}; declare a schema, or give onDrift`);
}

/** @throws `bad-option`. */
function checkChoice(option: string, value: string | undefined, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value)) return;
  throw new SchemaError(
    'bad-option',
    `${option}: no choice ${quote(String(value))}${didYouMean(String(value), choices) || ';'} there are ${choices.join(', ')}`,
  );
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
