import { Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import { take } from '../columnar/take.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import type { FrameState } from './state.ts';
import { BoundSteps } from './steps.ts';

/** What is done to whole batches of rows. */
export interface BatchWork {
  /** The columns that come out; `undefined` where only the first batch tells. */
  readonly output: Schema | undefined;
  readonly run: (batch: Batch) => Batch;
}

/**
 * The rows of a frame after its steps, changed batch by batch by something that keeps nothing from one to the next. Keeps
 * the newest batch.
 */
export class BatchNode extends Node<Batch, Batch> {
  override readonly kind: string = 'rows';
  readonly #frame: FrameState;
  readonly #bind: (schema: Schema) => BatchWork;
  #steps: BoundSteps | undefined;
  #work: BatchWork | undefined;
  #output: Schema | undefined;
  #last: { readonly from: Batch; readonly batch: Batch } | undefined;

  constructor(frame: FrameState, name: string, bind: (schema: Schema) => BatchWork) {
    super({ name });
    this.#frame = frame;
    this.#bind = bind;
    const schema = frame.base.schema();
    if (schema !== undefined) this.#start(schema);
  }

  /** The columns that come out, once they are known. */
  get output(): Schema | undefined {
    return this.#output ?? this.#work?.output;
  }

  /** What came of the newest batch. */
  get current(): Batch | undefined {
    const batch = this.#frame.base.current();
    return batch === undefined ? undefined : this.#changed(batch);
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    return this.emit(this.#changed(batch), metadata);
  }

  #changed(from: Batch): Batch {
    if (this.#last?.from !== from) {
      const { steps, work } = this.#start(from.schema);
      const batch = work.run(steps.batch(from));
      this.#output = batch.schema;
      this.#last = { from, batch };
    }
    return this.#last!.batch;
  }

  #start(schema: Schema): { steps: BoundSteps; work: BatchWork } {
    if (this.#steps === undefined || this.#work === undefined) {
      const steps = new BoundSteps(schema, this.#frame.rest);
      this.#work = this.#bind(new Schema([...steps.fields]));
      this.#steps = steps;
    }
    return { steps: this.#steps, work: this.#work };
  }
}

/** A batch of the given rows of another. */
export function batchOfRows(batch: Batch, rows: Int32Array): Batch {
  const columns = batch.schema.fields.map((_, i) => take(batch.column(i), rows));
  return new Batch(batch.schema, rows.length, columns);
}
