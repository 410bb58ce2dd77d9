import type { Schema } from 'apache-arrow';
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
}
