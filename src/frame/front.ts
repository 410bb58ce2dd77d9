import type { Lanes, SlotAggregation } from '../aggregate/aggregation.ts';
import { RowStore } from '../window/row-store.ts';
import type { SharedLanes } from './shared-lanes.ts';

/**
 * The older rows in view, in the order in which they leave. For each row and aggregation it holds the state
 * of that row together with all later rows of its group, so a row leaves by moving on to the next: nothing
 * is ever taken away from a state.
 */
export class Front {
  /** Rows `first … rows.length - 1` are in view. */
  rows: RowStore = new RowStore();
  first: number = 0;
  /** First row in view of each slot, -1 for none. With groups only. */
  head: Int32Array = new Int32Array(0);
  /** States by row, one list of fields per aggregation. */
  states: Float64Array[][] = [];
  /** Next row of the same slot, -1 for none. With groups only. */
  #next: Int32Array = new Int32Array(0);
  #capacity: number = 0;
  readonly #aggregations: readonly SlotAggregation[];
  readonly #shared: SharedLanes;

  constructor(aggregations: readonly SlotAggregation[], shared: SharedLanes) {
    this.#aggregations = aggregations;
    this.#shared = shared;
  }

  /** Rows in view. */
  get live(): number {
    return this.rows.length - this.first;
  }

  /** Makes room for heads of `slots` slots. */
  growHeads(slots: number): void {
    const before = this.head.length;
    if (slots <= before) return;
    const grown = new Int32Array(Math.max(slots, 2 * before));
    grown.set(this.head);
    this.head = grown.fill(-1, before);
  }

  /** Takes the rows in `this.rows` from `first` on; the heads must be clear. */
  build(first: number): void {
    this.first = first;
    const { rows, head } = this;
    const { length, slots } = rows;
    this.#fit(length, slots !== undefined);
    const next = this.#next;
    if (slots !== undefined) {
      for (let i = length - 1; i >= first; i--) {
        const slot = slots[i]!;
        if (slot < 0) continue;
        next[i] = head[slot]!;
        head[slot] = i;
      }
    }
    for (let k = 0; k < this.#aggregations.length; k++) {
      const lanes = this.#shared.pick(rows.lanes, k);
      const aggregation = this.#aggregations[k]!;
      if (slots === undefined) plainSuffixes(aggregation, this.states[k]!, lanes, first, length);
      else groupedSuffixes(aggregation, this.states[k]!, lanes, slots, next, first, length);
    }
  }

  /** The oldest `count` rows leave. `onGone` hears of each group that has no row left at all. */
  evict(count: number, held: Int32Array, onGone: (slot: number) => void): void {
    const { slots } = this.rows;
    const to = this.first + count;
    if (slots !== undefined) {
      const { head } = this;
      const next = this.#next;
      for (let i = this.first; i < to; i++) {
        const slot = slots[i]!;
        if (slot < 0) continue;
        head[slot] = next[i]!;
        if (--held[slot]! === 0) onGone(slot);
      }
    }
    this.first = to;
  }

  /** Lets go of all rows without anybody leaving. */
  clear(): void {
    const { slots, length } = this.rows;
    if (slots !== undefined) {
      const { head } = this;
      for (let i = this.first; i < length; i++) if (slots[i]! >= 0) head[slots[i]!] = -1;
    }
    this.rows.clear();
    this.first = 0;
  }

  #fit(length: number, grouped: boolean): void {
    if (length <= this.#capacity && this.#capacity <= 4 * Math.max(length, 16)) return;
    const capacity = Math.max(length, Math.min(2 * this.#capacity, 2 * length), 16);
    this.#capacity = capacity;
    if (grouped) this.#next = new Int32Array(capacity);
    this.states = this.#aggregations.map(({ initial }) => initial.map(() => new Float64Array(capacity)));
  }
}

function plainSuffixes(
  aggregation: SlotAggregation,
  state: readonly Float64Array[],
  lanes: Lanes,
  first: number,
  length: number,
): void {
  const { initial } = aggregation;
  const fields = state.length;
  for (let i = length - 1; i >= first; i--) {
    for (let f = 0; f < fields; f++) {
      const field = state[f]!;
      field[i] = i + 1 < length ? field[i + 1]! : initial[f]!;
    }
    aggregation.onNewRow(state, i, lanes, i);
  }
}

function groupedSuffixes(
  aggregation: SlotAggregation,
  state: readonly Float64Array[],
  lanes: Lanes,
  slots: Int32Array,
  next: Int32Array,
  first: number,
  length: number,
): void {
  const { initial } = aggregation;
  for (let f = 0; f < state.length; f++) state[f]!.fill(initial[f]!, first, length);
  const fields = state.length;
  for (let i = length - 1; i >= first; i--) {
    if (slots[i]! < 0) continue;
    const later = next[i]!;
    if (later >= 0) {
      for (let f = 0; f < fields; f++) {
        const field = state[f]!;
        field[i] = field[later]!;
      }
    }
    aggregation.onNewRow(state, i, lanes, i);
  }
}
