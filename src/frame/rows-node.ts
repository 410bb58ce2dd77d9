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

  constructor(frame: FrameState) {
    super({ name: frame.steps.map(stepLabel).join(' › ') || 'rows' });
    this.#frame = frame;
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    if (this.#frame.rest.length === 0) return this.emit(batch, metadata);
    const { base, rest } = this.#frame;
    this.#steps ??= new BoundSteps(base.schema() ?? batch.schema, rest);
    return this.emit(this.#steps.batch(batch), metadata);
  }
}
