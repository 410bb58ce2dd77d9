import type { DataType } from 'apache-arrow';
import type { Lanes } from '../aggregate/aggregation.ts';
import { GroupIndex, type SavedGroups } from '../aggregate/group-index.ts';
import { type SavedLanes, SharedLanes } from '../aggregate/shared-lanes.ts';
import { SlotStates } from '../aggregate/slot-states.ts';
import { checkCodes } from '../columnar/check-codes.ts';
import type { Column } from '../columnar/column.ts';
import { slice } from '../columnar/take.ts';
import type {
  AggregateInput,
  AggregateResult,
  AggregateSpec,
  AggregateState,
  SavedAggregate,
} from './aggregate-state.ts';
import { checkInput } from './check-input.ts';
import { GroupEviction, type SavedRecency } from './group-eviction.ts';
import type { Advance } from './live-window.ts';

const onlySlot = new Int32Array(1);

/**
 * Aggregations over all rows ever. Memory O(groups), which leave only where they have limits, and what the collections of
 * aggregations such as `median` hold.
 */
export class AllTimeState implements AggregateState {
  readonly #spec: AggregateSpec;
  readonly #shared: SharedLanes;
  #index: GroupIndex | undefined;
  #states: SlotStates[] = [];
  #rows: number = 0;
  readonly eviction: GroupEviction | undefined;

  constructor(spec: AggregateSpec) {
    this.#spec = spec;
    this.eviction = spec.limits && new GroupEviction(spec.limits);
    this.#shared = new SharedLanes(spec);
    this.#reset();
  }

  get keyTypes(): readonly DataType[] {
    return this.#index?.keyTypes ?? [];
  }

  get rowsInView(): number {
    return this.#rows;
  }

  get groups(): number {
    return this.#index?.size ?? 1;
  }

  get rejected(): number {
    return 0;
  }

  get late(): number {
    return 0;
  }

  get end(): undefined {
    return undefined;
  }

  advance(): Advance {
    return { changed: false, left: 0 };
  }

  update(input: AggregateInput): void {
    const { limits } = this.#spec;
    checkInput(input, limits === undefined ? this.#spec : { ...this.#spec, keyType: limits.keyType });
    if (this.eviction === undefined) this.#take(input);
    else this.#takeAndEvict(this.eviction, input);
    this.#rows += input.length;
    this.#sweep();
  }

  /** In runs: one ends before a row whose group is too old to go on, so that it begins a new one. */
  #takeAndEvict(eviction: GroupEviction, { length, keys, values, order }: AggregateInput): void {
    // So that no run fails after another has been taken in.
    for (const column of [...keys, ...values]) checkCodes(column);
    const index = this.#index!;
    eviction.begin(order);
    for (let from = 0, to: number; from < length; from = to) {
      const end = eviction.runFrom(from, length);
      const cut = (column: Column): Column => slice(column, from, end);
      const isWhole = from === 0 && end === length;
      const slots = index.assign(isWhole ? keys : keys.map(cut), end - from);
      to = eviction.touch(slots, from, end, index.capacity);
      const lanes = this.#shared.of(isWhole ? values : values.map(cut), to - from);
      this.#takeInto(slots, lanes, to - from);
      // Groups of rows that are yet to come appear when these do.
      for (let i = to - from; i < end - from; i++) {
        const slot = slots[i]!;
        if (slot >= 0 && !eviction.has(slot) && index.isLive(slot)) index.release(slot);
      }
      this.#release(eviction, eviction.take(to, length, index.size));
    }
  }

  /** Gives groups up. */
  #release(eviction: GroupEviction, slots: Int32Array): void {
    if (slots.length === 0) return;
    if (eviction.recording) eviction.last.push(this.#resultOf(slots));
    for (const slot of slots) {
      for (const states of this.#states) {
        states.reset(slot);
        states.aggregation.drop?.(slot);
      }
      this.#index!.release(slot);
    }
  }

  #take({ length, keys, values }: AggregateInput): void {
    // Reading the values can fail, so it comes before any group appears.
    const lanes = this.#shared.of(values, length);
    this.#takeInto(this.#index?.assign(keys, length), lanes, length);
  }

  #takeInto(slots: Int32Array | undefined, lanes: Lanes, length: number): void {
    const index = this.#index;
    for (const [k, states] of this.#states.entries()) {
      const picked = this.#shared.pick(lanes, k);
      if (slots === undefined) states.aggregation.onNewAll(states.fields, picked, 0, length);
      else {
        states.grow(index!.capacity);
        states.aggregation.onNew(states.fields, picked, slots, 0, length);
      }
      states.aggregation.add?.(slots, picked, 0, length);
    }
  }

  /** Lets go of the codes of values that no state holds any more. */
  #sweep(): void {
    this.#shared.sweep(this.groups, (k, mark) => {
      const { aggregation, fields } = this.#states[k]!;
      const slots = this.#index?.inOrderOfAppearance() ?? onlySlot;
      aggregation.mark?.(fields, slots, mark);
    });
  }

  result(): AggregateResult {
    return this.#resultOf(this.#slots());
  }

  #resultOf(slots: Int32Array): AggregateResult {
    const values = this.#states.map(({ aggregation, fields }) => aggregation.result(fields, slots));
    return { length: slots.length, keys: this.#index?.keyColumns(slots) ?? [], values };
  }

  #slots(): Int32Array {
    if (this.#index === undefined) return onlySlot;
    return (this.#spec.sort ?? true) ? this.#index.sorted() : this.#index.inOrderOfAppearance();
  }

  save(): SavedAggregate {
    const slots = this.#index?.inOrderOfAppearance() ?? onlySlot;
    const saved: SavedAllTime = {
      kind: 'all',
      rows: this.#rows,
      recency: this.eviction?.save(),
      groups: this.#index?.save(),
      states: this.#states.map(({ fields }) =>
        fields.map((field) => Float64Array.from(slots, (slot) => field[slot]!)),
      ),
      lanes: this.#shared.save(),
      collections: this.#states.map(({ aggregation }) => aggregation.save?.()),
    };
    return { ...saved };
  }

  restore(saved: SavedAggregate): void {
    const { rows, groups, states, recency, lanes, collections } = saved as unknown as SavedAllTime;
    this.#reset();
    this.#shared.restore(lanes);
    if (groups !== undefined) this.#index?.restore(groups);
    const slots = groups?.slots ?? onlySlot;
    for (const [k, fields] of states.entries()) {
      const into = this.#states[k]!;
      if (this.#index !== undefined) into.grow(this.#index.capacity);
      for (const [f, field] of fields.entries()) {
        for (let i = 0; i < slots.length; i++) into.fields[f]![slots[i]!] = field[i]!;
      }
      const collection = collections[k];
      if (collection !== undefined) into.aggregation.restore?.(collection);
    }
    this.#rows = rows;
    if (recency !== undefined) this.eviction?.restore(recency, this.#index!.capacity);
  }

  part(numbers: readonly number[]): AllTimeState {
    const spec = this.#spec;
    const part = new AllTimeState({ ...spec, aggregations: numbers.map((k) => spec.aggregations[k]!) });
    const { states, collections, ...saved } = this.save() as unknown as SavedAllTime;
    const of: SavedAllTime = {
      ...saved,
      states: numbers.map((k) => states[k]!),
      collections: numbers.map((k) => collections[k]),
    };
    part.restore({ ...of });
    return part;
  }

  #reset(): void {
    const { groupTypes, dropna } = this.#spec;
    this.#index = groupTypes.length === 0 ? undefined : new GroupIndex(groupTypes, { dropna });
    this.#states = this.#shared.open().map((aggregation) => new SlotStates(aggregation, 1));
    this.#rows = 0;
  }
}

interface SavedAllTime {
  readonly kind: 'all';
  readonly rows: number;
  readonly groups: SavedGroups | undefined;
  readonly recency?: SavedRecency | undefined;
  readonly states: readonly (readonly Float64Array[])[];
  readonly lanes: SavedLanes;
  /** By aggregation, of those that have some. */
  readonly collections: readonly (object | undefined)[];
}

/** A state without groups whose fields are these. */
export function savedSlot(fields: readonly Float64Array[]): SavedAggregate {
  const saved: SavedAllTime = {
    kind: 'all',
    rows: 0,
    groups: undefined,
    states: [fields],
    lanes: { arrived: 0, codes: [] },
    collections: [],
  };
  return { ...saved };
}
