import type { RecordBatch, Schema } from 'apache-arrow';
import type { Drift, DriftCounts, Int64As } from '../columnar/schema-gate.ts';
import type { AnySchema, ColumnsOrAny, ColumnTypes } from '../columnar/type-families.ts';
import { frameOf, type StreamingDataFrame, type StreamingDataFrameOptions } from '../frame/dataframe.ts';
import { Intake, type SourceCounts } from './intake.ts';
import { Source, SourceNode, type SourceOptions } from './source.ts';

/** Options of sources that give record batches. */
export interface BatchSourceOptions<S extends ColumnTypes = ColumnTypes> extends SourceOptions {
  /**
   * Fields and types of the rows. Default: those of the first rows or of the first Arrow batch, from then on fixed. What
   * does not fit is reported and left out: rows one by one, Arrow batches as a whole.
   */
  schema?: Schema<S> | undefined;
  /** What becomes of batches of another schema, as on frames. Default `'error'`: they are reported and left out. */
  drift?: Drift | undefined;
  /** `'number'`: 64-bit integers are numbers to JavaScript, as on frames. Default `'bigint'`. */
  int64?: Int64As | undefined;
}

/** The node of a source of record batches. */
export abstract class BatchSourceNode extends SourceNode<RecordBatch> {
  readonly intake: Intake;

  constructor(options: BatchSourceOptions) {
    super(options);
    this.intake = new Intake(options.schema, (error) => this.report(error), options);
  }
}

/** A stream of record batches that come from outside, all of one schema. */
export class BatchSource<S extends ColumnTypes = AnySchema> extends Source<RecordBatch> {
  readonly #intake: Intake;

  constructor(node: SourceNode<RecordBatch> & { readonly intake: Intake }) {
    super(node);
    this.#intake = node.intake;
  }

  /** The declared schema, or the one made out from what came first; `undefined` until then. */
  get schema(): Schema | undefined {
    return this.#intake.schema;
  }

  /**
   * The batches as a frame with the schema of the source.
   *
   * @throws `no-such-column` where the schema has no column for the time key.
   */
  override toDataFrame(
    options?: Omit<StreamingDataFrameOptions<S>, 'schema'>,
  ): StreamingDataFrame<ColumnsOrAny<S>>;
  override toDataFrame<T extends ColumnTypes>(
    options: StreamingDataFrameOptions<T> & { schema: Schema<T> },
  ): StreamingDataFrame<ColumnsOrAny<T>>;
  override toDataFrame(options: StreamingDataFrameOptions = {}): never {
    // What the frame is to look at must reach it.
    if (options.drift !== undefined) this.#intake.drift = options.drift;
    return frameOf(this, { ...options, schema: options.schema ?? this.#intake.schema }) as never;
  }

  /** How much of what came did not have the schema. */
  get driftCounts(): DriftCounts {
    return this.#intake.drifted;
  }

  /** How much has come so far, and how much of it was left out. */
  get counts(): SourceCounts {
    return { ...this.#intake.counts };
  }
}
