import { Schema } from 'apache-arrow';
import type { Batch } from '../columnar/batch.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import type { FrameState } from './state.ts';
import { BoundSteps, stepLabel } from './steps.ts';

/** The rows of a frame after its steps, batch by batch. There only when somebody looks at them. */
export class RowsNode extends Node<Batch, Batch> {
  override readonly kind: string = 'rows';
  readonly #frame: FrameState;
  #steps: BoundSteps | undefined;
  #schema: Schema | undefined;
  #output: Schema | undefined;

  constructor(frame: FrameState) {
    super({ name: frame.steps.map(stepLabel).join(' › ') || 'rows' });
    this.#frame = frame;
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    const { base, rest } = this.#frame;
    if (rest.length === 0) return this.emit(batch, metadata);
    const schema = base.schema() ?? batch.schema;
    // Columns may have been added, or have turned out to be of a type.
    if (this.#steps === undefined || (this.#schema !== schema && this.#frame.root.kind === 'append')) {
      this.#steps = new BoundSteps(schema, rest);
      this.#schema = schema;
    }
    return this.emit(this.#steps.batch(batch), metadata);
  }

  /** The columns after the steps, once they are known. */
  get output(): Schema | undefined {
    const { fields } = this.#frame;
    if (this.#output === undefined && fields !== undefined) this.#output = new Schema([...fields]);
    return this.#output;
  }

  /** The rows of the newest batch. */
  get current(): Batch | undefined {
    const { base, rest } = this.#frame;
    const batch = base.current();
    if (batch === undefined || rest.length === 0) return batch;
    return new BoundSteps(base.schema() ?? batch.schema, rest).batch(batch);
  }
}
