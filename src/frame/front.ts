import type { Fields, SlotAggregation } from '../aggregate/aggregation.ts';
import type { SharedLanes } from '../aggregate/shared-lanes.ts';
import { RowStore } from '../window/row-store.ts';

/** Least number of rows in a block, unless said otherwise. */
const usualBlock = 4096;

const none: Fields = [];

/**
 * The older rows in view, in the order in which they leave. They lie in blocks; for each block there are
 * the states of all later blocks together, by slot. Of the first block, some of whose rows have left, there
 * are either the states of what remains of the front (where rows leave in crowds: taken in anew each
 * time), or for each row the state of that row and all later ones of its slot (where they leave by a
 * few: the next row of the slot takes over). So nothing is ever taken away from a state, and a row that
 * leaves costs O(1).
 */
export class Front {
  /** Rows `first … rows.length - 1` are in view. */
  rows: RowStore = new RowStore();
  first: number = 0;
  readonly #aggregations: readonly SlotAggregation[];
  readonly #shared: SharedLanes;
  /** Rows per block, no fewer than slots, so that the states of all blocks take no more room than rows. */
  #blockRows: number;
  readonly #leastBlock: number;
  /** Slots there were when the front was built. */
  #slots: number = 1;
  /** By aggregation and block: the states of the later blocks; nothing for the last. */
  readonly #later: Fields[][];
  /** By aggregation: the states of all rows in view. */
  #whole: Fields[] = [];
  /** By aggregation, row by row of the first block from `#base` on. */
  #suffixes: Fields[] = [];
  #suffixRows: number = 0;
  #base: number = 0;
  /** Whether the first block is held row by row. */
  #byRow: boolean = false;
  /** First row of each slot in the first block, -1 for none; all -1 unless held row by row. */
  #head: Int32Array = new Int32Array(0);
  /** Next row of the same slot in the first block, -1 for none. */
  #next: Int32Array = new Int32Array(0);

  constructor(
    aggregations: readonly SlotAggregation[],
    shared: SharedLanes,
    leastBlock: number = usualBlock,
  ) {
    this.#leastBlock = leastBlock;
    this.#blockRows = leastBlock;
    this.#aggregations = aggregations;
    this.#shared = shared;
    this.#later = aggregations.map(() => []);
  }

  /** Rows in view. */
  get live(): number {
    return this.rows.length - this.first;
  }

  /**
   * Takes the rows in `this.rows` from `first` on.
   *
   * @param slots how many slots there are.
   * @param crowd how many rows leave at a time, as far as one can tell.
   */
  build(first: number, slots: number, crowd: number): void {
    this.first = first;
    this.#slots = slots;
    this.#blockRows = Math.max(this.#leastBlock, slots);
    if (this.#head.length < slots)
      this.#head = new Int32Array(Math.max(slots, 2 * this.#head.length)).fill(-1);
    const { length } = this.rows;
    if (length === first) return;
    const last = this.#blockOf(length - 1);
    for (let k = 0; k < this.#aggregations.length; k++) {
      const later = this.#later[k]!;
      later.length = last;
      for (let block = last; block > this.#blockOf(first); block--) {
        later[block - 1] = this.#copied(k, block === last ? undefined : later[block], later[block - 1]);
        this.#takeIn(
          k,
          later[block - 1]!,
          block * this.#blockRows,
          Math.min(length, (block + 1) * this.#blockRows),
        );
      }
    }
    this.#open(crowd);
  }

  /** The oldest `count` rows leave. `onGone` hears of each slot that has no row left at all. */
  evict(count: number, held: Int32Array, onGone: (slot: number) => void): void {
    const from = this.first;
    const to = from + count;
    this.first = to;
    const { slots, length } = this.rows;
    const stays = this.#byRow && to < length && this.#blockOf(to) === this.#blockOf(from);
    if (this.#byRow && !stays) this.#close(from);
    if (slots !== undefined) {
      if (stays) moveHeads(slots, this.#head, this.#next, from, to, this.#base);
      letGo(slots, held, onGone, from, to);
    }
    if (to < length && !stays) this.#open(count);
  }

  /** Adds the state of aggregation `k` for `slot` over all rows in view to slot `at` of `into`. */
  mergeInto(k: number, into: Fields, at: number, slot: number): void {
    const aggregation = this.#aggregations[k]!;
    if (!this.#byRow) {
      if (slot < this.#slots) aggregation.merge(into, at, this.#whole[k]!, slot);
      return;
    }
    const row = this.rows.slots === undefined ? this.first : slot < this.#slots ? this.#head[slot]! : -1;
    if (row >= 0) aggregation.merge(into, at, this.#suffixes[k]!, row - this.#base);
    else if (slot < this.#slots) {
      const later = this.#later[k]![this.#blockOf(this.first)];
      if (later !== undefined) aggregation.merge(into, at, later, slot);
    }
  }

  /** Lets go of all rows without anybody leaving. */
  clear(): void {
    if (this.#byRow) this.#close(this.first);
    this.rows.clear();
    this.first = 0;
  }

  #blockOf(row: number): number {
    return Math.floor(row / this.#blockRows);
  }

  /** Prepares the first block. */
  #open(crowd: number): void {
    const { first } = this;
    const { length } = this.rows;
    const block = this.#blockOf(first);
    const end = Math.min(length, (block + 1) * this.#blockRows);
    if (end - first <= 2 * crowd && this.#slots <= 8 * crowd) {
      for (let k = 0; k < this.#aggregations.length; k++) {
        this.#whole[k] = this.#copied(k, this.#later[k]![block], this.#whole[k]);
        this.#takeIn(k, this.#whole[k]!, first, end);
      }
      return;
    }
    this.#openByRow(first, end, block);
  }

  #openByRow(first: number, end: number, block: number): void {
    this.#byRow = true;
    this.#base = first;
    const rows = end - first;
    if (rows > this.#suffixRows || this.#suffixRows > 4 * Math.max(rows, this.#leastBlock)) {
      this.#suffixRows = Math.max(rows, Math.min(2 * rows, this.#blockRows));
      this.#next = new Int32Array(this.rows.slots === undefined ? 0 : this.#suffixRows);
      this.#suffixes = this.#aggregations.map(({ initial }) =>
        initial.map(() => new Float64Array(this.#suffixRows)),
      );
    }
    const { slots, lanes } = this.rows;
    if (slots !== undefined) link(slots, this.#head, this.#next, first, end);
    for (let k = 0; k < this.#aggregations.length; k++) {
      const aggregation = this.#aggregations[k]!;
      const picked = this.#shared.pick(lanes, k);
      const suffixes = this.#suffixes[k]!;
      const later = this.#later[k]![block] ?? none;
      if (slots === undefined) plainSuffixes(aggregation, suffixes, later, picked, first, end);
      else groupedSuffixes(aggregation, suffixes, later, picked, slots, this.#next, first, end);
    }
  }

  /** Forgets the heads of the first block, whose rows from `first` on have some. */
  #close(first: number): void {
    this.#byRow = false;
    const { slots, length } = this.rows;
    if (slots === undefined) return;
    const head = this.#head;
    const end = Math.min(length, (this.#blockOf(first) + 1) * this.#blockRows);
    for (let i = first; i < end; i++) if (slots[i]! >= 0) head[slots[i]!] = -1;
  }

  #takeIn(k: number, state: Fields, from: number, to: number): void {
    const { slots, lanes } = this.rows;
    const aggregation = this.#aggregations[k]!;
    const picked = this.#shared.pick(lanes, k);
    if (slots === undefined) aggregation.onNewAll(state, picked, from, to);
    else aggregation.onNew(state, picked, slots, from, to);
  }

  /** A copy of the states of all slots, or the initial ones; in the arrays of `into` where those fit. */
  #copied(k: number, from: Fields | undefined, into: Fields | undefined): Fields {
    const slots = this.#slots;
    const fits = into?.every(({ length }) => length >= slots && length <= 4 * Math.max(slots, 1024)) ?? false;
    return this.#aggregations[k]!.initial.map((value, f) => {
      const field = fits ? into![f]! : new Float64Array(slots);
      if (from === undefined) return field.fill(value);
      const source = from[f]!;
      if (source.length <= field.length) field.set(source);
      else field.set(source.subarray(0, field.length));
      return field;
    });
  }
}

function moveHeads(
  slots: Int32Array,
  head: Int32Array,
  next: Int32Array,
  from: number,
  to: number,
  base: number,
): void {
  for (let i = from; i < to; i++) {
    const slot = slots[i]!;
    if (slot >= 0) head[slot] = next[i - base]!;
  }
}

function letGo(
  slots: Int32Array,
  held: Int32Array,
  onGone: (slot: number) => void,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const slot = slots[i]!;
    if (slot < 0) continue;
    const left = held[slot]! - 1;
    held[slot] = left;
    if (left === 0) onGone(slot);
  }
}

/** Threads each row to the next one of its slot. */
function link(slots: Int32Array, head: Int32Array, next: Int32Array, first: number, end: number): void {
  for (let i = end - 1; i >= first; i--) {
    const slot = slots[i]!;
    if (slot < 0) continue;
    next[i - first] = head[slot]!;
    head[slot] = i;
  }
}

function plainSuffixes(
  aggregation: SlotAggregation,
  suffixes: Fields,
  later: Fields,
  lanes: Fields,
  first: number,
  end: number,
): void {
  const { initial } = aggregation;
  const fields = suffixes.length;
  const lastAt = end - 1 - first;
  for (let f = 0; f < fields; f++) suffixes[f]![lastAt] = later[f]?.[0] ?? initial[f]!;
  for (let at = lastAt; at >= 0; at--) {
    if (at < lastAt) {
      for (let f = 0; f < fields; f++) {
        const field = suffixes[f]!;
        field[at] = field[at + 1]!;
      }
    }
    aggregation.onNewRow(suffixes, at, lanes, first + at);
  }
}

function groupedSuffixes(
  aggregation: SlotAggregation,
  suffixes: Fields,
  later: Fields,
  lanes: Fields,
  slots: Int32Array,
  next: Int32Array,
  first: number,
  end: number,
): void {
  const { initial } = aggregation;
  const fields = suffixes.length;
  const isLast = later.length === 0;
  for (let i = end - 1; i >= first; i--) {
    const slot = slots[i]!;
    if (slot < 0) continue;
    const at = i - first;
    const after = next[at]! - first;
    for (let f = 0; f < fields; f++) {
      const field = suffixes[f]!;
      field[at] = after >= 0 ? field[after]! : isLast ? initial[f]! : later[f]![slot]!;
    }
    aggregation.onNewRow(suffixes, at, lanes, i);
  }
}
