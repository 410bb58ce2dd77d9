import type { DataType } from 'apache-arrow';
import type { SlotAggregation } from '../aggregate/aggregation.ts';
import { GroupIndex, type SavedGroups } from '../aggregate/group-index.ts';
import { type SavedLanes, SharedLanes } from '../aggregate/shared-lanes.ts';
import { SlotStates } from '../aggregate/slot-states.ts';
import { KeyReader } from '../columnar/key-words.ts';
import { KeyedWindows, type SavedRows, type SavedWindows } from '../running/keyed-windows.ts';
import type { WindowSpec } from '../window/window-spec.ts';
import type {
  AggregateInput,
  AggregateResult,
  AggregateSpec,
  AggregateState,
  SavedAggregate,
} from './aggregate-state.ts';
import { checkInput, type InputTypes } from './check-input.ts';
import type { Advance } from './live-window.ts';

/**
 * Aggregations over a window of each group: its own last rows, or those in the range below its own greatest key. Groups stay for
 * ever, as their newest rows do. Memory O(rows in view + groups).
 */
export class KeyedWindowState implements AggregateState {
  readonly #spec: AggregateSpec;
  readonly #types: InputTypes;
  readonly #shared: SharedLanes;
  readonly #window: WindowSpec;
  #aggregations: readonly SlotAggregation[] = [];
  #windows: KeyedWindows;
  readonly #index: GroupIndex;
  readonly #keyReader: KeyReader = new KeyReader();
  #rejected = 0;
  #late = 0;

  constructor(spec: AggregateSpec, window: WindowSpec) {
    this.#spec = spec;
    this.#types = { ...spec, keyType: 'rows' in window ? undefined : window.keyType };
    this.#shared = new SharedLanes(spec);
    this.#window = window;
    this.#windows = this.#newWindows();
    this.#index = new GroupIndex(spec.groupTypes, { dropna: spec.dropna });
  }

  /** Windows without rows, over aggregations that have seen none. */
  #newWindows(): KeyedWindows {
    const shared = this.#shared;
    this.#aggregations = shared.open();
    return new KeyedWindows({
      aggregations: this.#aggregations,
      reads: this.#aggregations.map((_, k) => shared.lanesOf(k)),
      laneCount: shared.laneCount,
      window: this.#window,
    });
  }

  get keyTypes(): readonly DataType[] {
    return this.#index.keyTypes;
  }

  get rowsInView(): number {
    return this.#windows.rows;
  }

  get groups(): number {
    return this.#visible().length;
  }

  get rejected(): number {
    return this.#rejected;
  }

  get late(): number {
    return this.#late;
  }

  /** The end of each window is the greatest key of its group, which the clock does not move. */
  get end(): undefined {
    return undefined;
  }

  advance(): Advance {
    return { changed: false, left: 0 };
  }

  update(input: AggregateInput): void {
    checkInput(input, this.#types);
    const { length, keys, values, order } = input;
    const lanes = this.#shared.of(values, length);
    const slots = this.#index.assign(keys, length);
    const windows = this.#windows;
    windows.grow(this.#index.capacity);
    const words = this.#types.keyType === undefined ? undefined : this.#keyReader.read(order!);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      if (words === undefined) {
        windows.push(slot, lanes, i);
        continue;
      }
      const high = words.high[i]!;
      if (high - high !== 0) this.#rejected++;
      else if (!windows.pushKeyed(slot, lanes, i, high, words.low[i]!)) this.#late++;
    }
    windows.settle();
    this.#shared.sweepRows(() => windows.stores(), windows.rows);
  }

  result(): AggregateResult {
    const slots = this.#visible();
    const { length } = slots;
    const rows = Int32Array.from({ length }, (_, i) => i);
    const values = this.#aggregations.map((aggregation, k) => {
      const { fields } = new SlotStates(aggregation, length);
      for (let i = 0; i < length; i++) this.#windows.stateInto(k, fields, i, slots[i]!);
      return aggregation.result(fields, rows, slots);
    });
    return { length, keys: this.#index.keyColumns(slots), values };
  }

  /** The groups with a row in view, in order. */
  #visible(): Int32Array {
    const slots = this.#spec.sort === false ? this.#index.inOrderOfAppearance() : this.#index.sorted();
    return slots.filter((slot) => this.#windows.liveIn(slot) > 0);
  }

  save(): SavedAggregate {
    const saved: SavedKeyed = {
      kind: 'keyed window',
      groups: this.#index.save(),
      windows: this.#windows.save(),
      lanes: this.#shared.save(),
      rejected: this.#rejected,
      late: this.#late,
    };
    return { ...saved };
  }

  restore(saved: SavedAggregate): void {
    const { groups, windows, lanes, rejected, late } = saved as unknown as SavedKeyed;
    this.#index.restore(groups);
    this.#windows = this.#newWindows();
    this.#shared.restore(lanes);
    this.#windows.restore(windows);
    this.#rejected = rejected;
    this.#late = late;
  }

  part(numbers: readonly number[]): KeyedWindowState {
    const spec = this.#spec;
    const aggregations = numbers.map((k) => spec.aggregations[k]!);
    const part = new KeyedWindowState({ ...spec, aggregations }, this.#window);
    const saved = this.save() as unknown as SavedKeyed;
    const of = (rows: SavedRows): SavedRows => ({
      ...rows,
      lanes: this.#shared.lanesOfPart(part.#shared, numbers, rows.lanes),
    });
    const { rows, waiting } = saved.windows;
    const own: SavedKeyed = { ...saved, windows: { ...saved.windows, rows: of(rows), waiting: of(waiting) } };
    part.restore({ ...own });
    return part;
  }
}

interface SavedKeyed {
  readonly kind: 'keyed window';
  readonly groups: SavedGroups;
  readonly windows: SavedWindows;
  readonly lanes: SavedLanes;
  readonly rejected: number;
  readonly late: number;
}
