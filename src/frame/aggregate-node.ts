import { Field, Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { type Metadata, noMetadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError } from '../errors.ts';
import {
  type AggregateRequest,
  type BoundRequest,
  bindRequest,
  inputOf,
  itemsLabel,
  liveOf,
  requestLabel,
} from './aggregate-request.ts';
import { type AggregateInput, type AggregateState, createAggregateState } from './aggregate-state.ts';
import { LiveWindow } from './live-window.ts';
import { OverflowGuard } from './overflow-guard.ts';

/**
 * A whole chain of steps, window, groups and aggregations as one node: evaluates the columns that are needed,
 * takes them into the state, and emits the result of now, one row per group, once per batch; where nobody follows, the
 * result is made when it is asked for. A batch without rows gives the same object again. A batch that fails changes
 * nothing.
 */
export class AggregateNode extends Node<Batch, Batch> {
  override readonly kind: string = 'aggregate';
  readonly #request: AggregateRequest;
  #bound: BoundRequest | undefined;
  #state: AggregateState | undefined;
  #guard: OverflowGuard | undefined;
  #current: Batch | undefined;
  #live: LiveWindow | undefined;

  constructor(request: AggregateRequest) {
    super({ name: requestLabel(request, itemsLabel(request.items)) });
    this.#request = request;
    const schema = request.frame.base.schema();
    if (schema !== undefined) this.#bind(schema);
  }

  /** The columns of the result, once they are known. */
  get output(): Schema | undefined {
    return this.#bound?.output;
  }

  /**
   * The newest result; before any rows came, that of no rows; `undefined` where the schema is not known yet.
   */
  get current(): Batch | undefined {
    if (this.#current === undefined && this.#bound !== undefined) this.#current = this.#result();
    return this.#current;
  }

  override saveState(): never {
    throw new GraphError('not-available', `the state of ${this.label} cannot be saved`);
  }

  protected override rowsOf(batch: Batch): number {
    return batch.length;
  }

  override update(batch: Batch, metadata: Metadata): Flow {
    const bound = this.#bound ?? this.#bind(batch.schema);
    const view = bound.steps.view(batch);
    const input = inputOf(bound, bound.values, view);
    // Each snapshot is aggregated by itself; an append stream goes on.
    if (this.#request.frame.root.kind === 'snapshot') this.#replace(input, bound);
    else if (view.length > 0 || this.#current === undefined) this.#take(input);
    if (view.length > 0) this.#live?.arrived(this.clock);
    if (this.isFollowed) return this.emit(this.current!, metadata);
  }

  /**
   * Takes the rows in, or leaves all as it was where a total does not fit. The result is made when somebody follows or
   * asks for it, but at once where it could fail.
   */
  #take(input: AggregateInput): void {
    const state = this.#state!;
    const guard = this.#guard!;
    const before = this.#current;
    const saved = guard.couldOverflow(input, state) ? state.save() : undefined;
    state.update(input);
    this.#current = undefined;
    if (saved === undefined) {
      guard.took();
      return;
    }
    try {
      this.#current = this.#result();
    } catch (error) {
      state.restore(saved);
      this.#current = before;
      throw error;
    }
  }

  /** The rows in place of all that came before, or none of it where a total does not fit. */
  #replace(input: AggregateInput, { spec }: BoundRequest): void {
    const before = this.#state;
    this.#state = createAggregateState(spec);
    try {
      this.#take(input);
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  protected override onActivate(): void {
    this.#live?.start(this.clock);
  }

  protected override onDeactivate(): void {
    this.#live?.stop();
  }

  /** A source that has ended is not one that is silent: what is in view stays. */
  protected override onUpstreamEnd(): void {
    this.#live?.stop();
    super.onUpstreamEnd();
  }

  /** Rows have left by the clock. */
  #expired(): void {
    const before = this.#current;
    this.#current = undefined;
    if (!this.isFollowed) return;
    try {
      this.#current = this.#result();
    } catch (error) {
      this.#current = before;
      void this.failDetached(error, before, noMetadata);
      return;
    }
    void this.emitDetached(this.#current, noMetadata);
  }

  #bind(schema: Schema): BoundRequest {
    this.#bound = bindRequest(this.#request, schema);
    this.#state = createAggregateState(this.#bound.spec);
    this.#live = LiveWindow.of(
      this.#bound.spec.window,
      liveOf(this.#request),
      () => this.#state!,
      () => this.#expired(),
    );
    this.#guard = new OverflowGuard(this.#bound.spec);
    return this.#bound;
  }

  /** Keys may come out in another physical form than they went in: plain strings for dictionary codes. */
  #schemaOf(keys: readonly Column[]): Schema {
    const bound = this.#bound!;
    const { fields } = bound.output;
    if (keys.some((key, i) => key.type !== fields[i]!.type)) {
      const typed = fields.map((field, i) =>
        i < keys.length ? new Field(field.name, keys[i]!.type, true) : field,
      );
      this.#bound = { ...bound, output: new Schema(typed) };
    }
    return this.#bound!.output;
  }

  #result(): Batch {
    const { length, keys, values } = this.#state!.result();
    this.#guard!.saw(values, this.#state!);
    return new Batch(this.#schemaOf(keys), length, [...keys, ...values]);
  }
}
