import type { RecordBatch, Schema } from 'apache-arrow';
import type { BuildResult, ColumnValues } from '../columnar/build.ts';
import {
  type Drift,
  type DriftCounts,
  type DriftReport,
  SchemaGate,
  type SchemaGateOptions,
} from '../columnar/schema-gate.ts';
import { type ErrorCode, MillraceError, quote, SourceError, type SourcePosition } from '../errors.ts';

/** What has come through a source. */
export interface SourceCounts {
  readonly batches: number;
  readonly rows: number;
  /** Rows that did not fit, or were no rows. */
  readonly rejectedRows: number;
  /** Rows thrown away because nobody took them in time. */
  readonly droppedRows: number;
  /** How often rows may be missing: a connection was lost without a position to go on from, or a request failed. */
  readonly gaps: number;
}

/**
 * The gate through which all rows of a source go: gives batches of one schema, and reports each row and batch
 * that does not fit, with its place. The schema is the declared one, else that of the first rows or batch.
 */
export class Intake {
  readonly #report: (error: SourceError) => void;
  readonly counts: { -readonly [K in keyof SourceCounts]: number } = {
    batches: 0,
    rows: 0,
    rejectedRows: 0,
    droppedRows: 0,
    gaps: 0,
  };
  readonly #gate: SchemaGate;
  /** Where what is looked at came from. */
  #place: SourcePosition = {};

  constructor(
    schema: Schema | undefined,
    report: (error: SourceError) => void,
    options: Omit<SchemaGateOptions, 'schema' | 'onDrift'> = {},
  ) {
    this.#report = report;
    const onDrift = ({ kind, text }: DriftReport): void => {
      if (kind !== 'ignored') return;
      const { row: _, ...position } = this.#place;
      report(new SourceError('schema-mismatch', text, { position }));
    };
    this.#gate = new SchemaGate({ ...options, schema, onDrift });
  }

  get schema(): Schema | undefined {
    return this.#gate.schema;
  }

  /** What becomes of batches of another schema. Those to be set aside are handed on, for the frame to do so. */
  set drift(drift: Drift) {
    this.#gate.drift = drift;
  }

  /** How much of what came did not have the schema. */
  get drifted(): DriftCounts {
    return { ...this.#gate.counts };
  }

  /** A batch of the rows that fit; of no rows where none came, nothing where all were rejected or nothing is known yet. */
  rows(rows: readonly unknown[], placeOf: (row: number) => SourcePosition): RecordBatch | undefined {
    return this.#build(rows, placeOf);
  }

  columns(columns: ColumnValues, place: SourcePosition): RecordBatch | undefined {
    const placeOf = (row: number): SourcePosition => ({ ...place, row });
    return this.#build(columns, placeOf, place);
  }

  /** The batch itself, if its schema fits. */
  batch(batch: RecordBatch, place: SourcePosition): RecordBatch | undefined {
    let code: ErrorCode = 'schema-mismatch';
    this.#place = place;
    let text: string;
    try {
      const fitting = this.#gate.batch(batch);
      if (!('differences' in fitting)) return this.#passed(fitting);
      if (this.#gate.drift === 'quarantine') return this.#passed(batch);
      text = `batch does not fit the schema: ${fitting.text}`;
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      ({ code, message: text } = error);
    }
    this.counts.rejectedRows += batch.numRows;
    this.#report(new SourceError(code, text, { position: place }));
    return undefined;
  }

  /** Counts and reports something that is no row at all. */
  reject(error: SourceError): void {
    this.counts.rejectedRows++;
    this.#report(error);
  }

  #build(
    input: readonly unknown[] | ColumnValues,
    placeOf: (row: number) => SourcePosition,
    place: SourcePosition = placeOf(0),
  ): RecordBatch | undefined {
    let result: BuildResult | undefined;
    this.#place = place;
    try {
      result = this.#gate.build(input);
    } catch (error) {
      const code = error instanceof MillraceError ? error.code : 'bad-value';
      this.#report(
        new SourceError(code, error instanceof Error ? error.message : String(error), {
          cause: error,
          position: place,
        }),
      );
      return undefined;
    }
    if (result === undefined) {
      this.#rejectAll(input, placeOf);
      return undefined;
    }
    for (const { row, column, reason } of result.rejected) {
      const where = column === undefined ? 'row' : `row with column ${quote(column)}`;
      this.reject(new SourceError('bad-value', `${where} rejected: ${reason}`, { position: placeOf(row) }));
    }
    return result.batch.length === 0 && result.rejected.length > 0
      ? undefined
      : this.#passed(result.batch.toRecordBatch());
  }

  /** Rows from which not even a schema could be made out. */
  #rejectAll(input: readonly unknown[] | ColumnValues, placeOf: (row: number) => SourcePosition): void {
    if (!Array.isArray(input)) {
      const text = `columns rejected: none of ${Object.keys(input).join(', ')} has a known type`;
      this.#report(new SourceError('bad-value', text, { position: placeOf(0) }));
      return;
    }
    for (let i = 0; i < input.length; i++) {
      this.reject(
        new SourceError('bad-value', 'row rejected: it has no field of a known type', {
          position: placeOf(i),
        }),
      );
    }
  }

  #passed(batch: RecordBatch): RecordBatch {
    this.counts.batches++;
    this.counts.rows += batch.numRows;
    return batch;
  }
}
