import { Field, Schema } from 'apache-arrow';
import { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { concat } from '../columnar/concat.ts';
import { type Metadata, noMetadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import {
  type AggregateRequest,
  type BoundRequest,
  bindRequest,
  inputOf,
  itemsLabel,
  liveOf,
  requestLabel,
} from './aggregate-request.ts';
import {
  type AggregateInput,
  type AggregateResult,
  type AggregateState,
  createAggregateState,
  type SavedAggregate,
} from './aggregate-state.ts';
import type { GroupEviction } from './group-eviction.ts';
import { type Advancing, LiveWindow } from './live-window.ts';
import { OverflowGuard, type SavedTotals } from './overflow-guard.ts';
import { plainStart } from './plain-start.ts';
import {
  type AggregationState,
  checkBinary,
  checkState,
  type Fingerprint,
  isState,
  scopeOptions,
  typesText,
} from './saved-state.ts';

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
  /** When the newest rows came. */
  #nowMs = 0;
  #current: Batch | undefined;
  readonly #print: Fingerprint;
  /** What to begin with when the schema is known. */
  #start: unknown;
  #evictedNode: EvictedNode | undefined;
  #evicted: Batch[] = [];
  #live: LiveWindow | undefined;

  /** @throws `bad-option` for a start that is not of this plan, as far as that can be told. */
  constructor(request: AggregateRequest) {
    super({ name: requestLabel(request, itemsLabel(request.items)) });
    this.#request = request;
    this.#print = { plan: this.label, options: scopeOptions(request, { items: optionsOf(request.items) }) };
    this.#start = request.state?.start;
    if (isState(this.#start)) checkState(this.#start, this.#print);
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

  override saveState(): AggregationState {
    if (isState(this.#start)) return this.#start;
    const bound = this.#bound;
    if (bound === undefined) return { version: 1, ...this.#print };
    const state: SavedNode = { totals: this.#guard!.save(), aggregations: this.#state!.save() };
    return { version: 1, ...this.#print, types: this.#types(bound), state };
  }

  override restoreState(given: unknown): void {
    const saved = checkState(given, this.#print, this.#bound && this.#types(this.#bound));
    this.#start = saved.state === undefined ? undefined : saved;
    const schema = this.#request.frame.base.schema();
    if (this.#bound !== undefined) {
      this.#begin(this.#bound);
      this.#live?.restart();
    } else if (schema !== undefined) this.#bind(schema);
  }

  /** Whether groups are given up at all. */
  get hasLimits(): boolean {
    return this.#request.groups?.limits !== undefined;
  }

  /** How many groups have been given up. */
  get evictedGroups(): number {
    return this.#state?.eviction?.count ?? 0;
  }

  /** The node that emits the groups that are given up. */
  get evicted(): EvictedNode {
    if (this.#evictedNode === undefined) {
      this.#evictedNode = new EvictedNode(this);
      this.connect(this.#evictedNode);
    }
    return this.#evictedNode;
  }

  /** What has been given up since the last call. */
  takeEvicted(): Batch[] {
    const taken = this.#evicted;
    this.#evicted = [];
    return taken;
  }

  /** Remembers what the last batch has given up. */
  #keepEvicted(eviction: GroupEviction): void {
    const { last } = eviction;
    if (last.length === 0) return;
    const columns = (of: (result: AggregateResult) => Column[]): Column[] =>
      of(last[0]!).map((_, k) => concat(last.map((result) => of(result)[k]!)));
    const keys = columns((result) => result.keys);
    const length = last.reduce((sum, result) => sum + result.length, 0);
    this.#evicted.push(
      new Batch(this.#schemaOf(keys), length, [...keys, ...columns((result) => result.values)]),
    );
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
    else if (view.length > 0 || this.#current === undefined) {
      const { eviction } = this.#state!;
      if (eviction !== undefined) eviction.recording = this.#evictedNode?.active ?? false;
      this.#take(input);
      if (eviction !== undefined) this.#keepEvicted(eviction);
    }
    if (view.length > 0) this.#live?.arrived(this.clock);
    if (this.isFollowed) return this.emit(this.current!, metadata);
  }

  /** Takes the rows in, or leaves all as it was where a total does not fit. The result is made when somebody follows or asks for it. */
  #take(input: AggregateInput): void {
    const guard = this.#guard!;
    this.#nowMs = this.clock.now();
    guard.check(input, this.#state!);
    try {
      this.#state!.update(input);
    } catch (error) {
      guard.forget();
      throw error;
    }
    guard.took();
    this.#current = undefined;
  }

  /** The rows in place of all that came before, or none of it where a total does not fit. */
  #replace(input: AggregateInput, { spec }: BoundRequest): void {
    const guard = this.#guard!;
    const [state, current, totals] = [this.#state, this.#current, guard.save()];
    this.#state = createAggregateState(spec);
    guard.restart();
    try {
      const could = guard.couldOverflow(input, this.#state);
      this.#state.update(input);
      guard.took();
      this.#current = could ? this.#result() : undefined;
    } catch (error) {
      this.#state = state;
      this.#current = current;
      guard.restore(totals);
      throw error;
    }
  }

  /** The window as the clock moves it. */
  get #window(): Advancing {
    const state = this.#state!;
    return {
      end: state.end,
      advance: (end) => {
        this.#guard!.advance(end);
        return state.advance(end);
      },
    };
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
    const asked = bindRequest(this.#request, schema);
    const { limits } = asked.spec;
    const bound: BoundRequest =
      limits === undefined
        ? asked
        : { ...asked, spec: { ...asked.spec, limits: { ...limits, now: () => this.#nowMs } } };
    this.#state = createAggregateState(bound.spec);
    this.#live = LiveWindow.of(
      bound.spec.window,
      liveOf(this.#request),
      () => this.#window,
      () => this.#expired(),
    );
    this.#guard = new OverflowGuard(bound.spec);
    this.#begin(bound);
    this.#bound = bound;
    return bound;
  }

  /** Puts the state to where it begins. */
  #begin(bound: BoundRequest): void {
    const start = this.#start;
    if (start === undefined) return;
    this.#start = undefined;
    this.#current = undefined;
    this.#guard!.forget();
    if (isState(start)) {
      const { state } = checkState(start, this.#print, this.#types(bound));
      if (state === undefined) return;
      const own: SavedNode = { totals: this.#guard!.save(), aggregations: this.#state!.save() };
      checkBinary(state, own, this.label);
      const saved = state as SavedNode;
      this.#state!.restore(saved.aggregations);
      this.#guard!.restore(saved.totals);
    } else {
      this.#state!.restore(plainStart(this.#request, bound.spec, start));
      this.#guard!.saw(this.#state!.result().values, this.#state!);
    }
  }

  #types({ spec }: BoundRequest): string {
    return typesText(this.#state!.keyTypes, spec.inputTypes);
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
    const result = this.#state!.result();
    this.#guard!.saw(result.values, this.#state!);
    const { length, keys, values } = this.#request.arrange?.(result) ?? result;
    return new Batch(this.#schemaOf(keys), length, [...keys, ...values]);
  }
}

/** Emits the groups that an aggregation gives up, with their last results: a batch for each that brings any. */
export class EvictedNode extends Node<Batch, Batch> {
  override readonly kind: string = 'evicted';
  readonly #source: AggregateNode;
  #current: Batch | undefined;

  constructor(source: AggregateNode) {
    super();
    this.#source = source;
  }

  /** The newest of them. */
  get current(): Batch | undefined {
    return this.#current;
  }

  override update(_: Batch, metadata: Metadata): Flow {
    const batches = this.#source.takeEvicted();
    if (batches.length === 0) return;
    this.#current = batches.at(-1);
    return this.emitEach(batches, metadata);
  }
}

interface SavedNode {
  readonly totals: SavedTotals;
  readonly aggregations: SavedAggregate;
}

/** What tells aggregations of equal labels apart. */
function optionsOf(items: AggregateRequest['items']): unknown {
  if ('definition' in items) return { ...items.options, only: items.only };
  return items.map(({ name, options }) => [name, options]);
}
