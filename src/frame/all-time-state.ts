import type { DataType } from 'apache-arrow';
import { GroupIndex, type SavedGroups } from '../aggregate/group-index.ts';
import { SlotStates } from '../aggregate/slot-states.ts';
import type {
  AggregateInput,
  AggregateResult,
  AggregateSpec,
  AggregateState,
  SavedAggregate,
} from './aggregate-state.ts';
import { checkInput } from './check-input.ts';
import type { Advance } from './live-window.ts';
import { SharedLanes } from './shared-lanes.ts';

const onlySlot = new Int32Array(1);

/** Aggregations over all rows ever. Memory O(groups), which without a window never leave. */
export class AllTimeState implements AggregateState {
  readonly #spec: AggregateSpec;
  readonly #shared: SharedLanes;
  #index: GroupIndex | undefined;
  #states: SlotStates[] = [];
  #rows: number = 0;

  constructor(spec: AggregateSpec) {
    this.#spec = spec;
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
    checkInput(input, this.#spec);
    const { length, keys, values } = input;
    const lanes = this.#shared.of(values);
    const index = this.#index;
    const slots = index?.assign(keys, length);
    for (const [k, states] of this.#states.entries()) {
      const picked = this.#shared.pick(lanes, k);
      if (slots === undefined) states.aggregation.onNewAll(states.fields, picked, 0, length);
      else {
        states.grow(index!.capacity);
        states.aggregation.onNew(states.fields, picked, slots, 0, length);
      }
    }
    this.#rows += length;
  }

  result(): AggregateResult {
    const slots = this.#slots();
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
      groups: this.#index?.save(),
      states: this.#states.map(({ fields }) =>
        fields.map((field) => Float64Array.from(slots, (slot) => field[slot]!)),
      ),
    };
    return { ...saved };
  }

  restore(saved: SavedAggregate): void {
    const { rows, groups, states } = saved as unknown as SavedAllTime;
    this.#reset();
    if (groups !== undefined) this.#index?.restore(groups);
    const slots = groups?.slots ?? onlySlot;
    for (const [k, fields] of states.entries()) {
      const into = this.#states[k]!;
      if (this.#index !== undefined) into.grow(this.#index.capacity);
      for (const [f, field] of fields.entries()) {
        for (let i = 0; i < slots.length; i++) into.fields[f]![slots[i]!] = field[i]!;
      }
    }
    this.#rows = rows;
  }

  #reset(): void {
    const { aggregations, groupTypes, dropna } = this.#spec;
    this.#index = groupTypes.length === 0 ? undefined : new GroupIndex(groupTypes, { dropna });
    this.#states = aggregations.map(({ bound }) => new SlotStates(bound, 1));
    this.#rows = 0;
  }
}

interface SavedAllTime {
  readonly kind: 'all';
  readonly rows: number;
  readonly groups: SavedGroups | undefined;
  readonly states: readonly (readonly Float64Array[])[];
}
