import type { Fields, SlotAggregation } from '../aggregate/aggregation.ts';
import { grown } from '../columnar/grow.ts';
import type { SavedWindows, Windows } from './keyed-windows.ts';

/**
 * One window of the last rows, with one aggregation: what `KeyedWindows` does for many slots, without threads. Newer rows (the back)
 * have one running state, older ones (the front) each the state of itself and all after it. When the front is used up, the
 * back takes its place.
 */
export class SlidingRows implements Windows {
  readonly #aggregation: SlotAggregation;
  readonly #limit: number;
  readonly #laneCount: number;
  /** Rows `#first … #end - 1` of the front are in view. */
  #front: Float64Array[] = [];
  #suffixes: Float64Array[] = [];
  #first = 0;
  #end = 0;
  #back: Float64Array[] = [];
  #backCount = 0;
  #state: Float64Array[] = [];
  #valid = 0;

  constructor(aggregation: SlotAggregation, laneCount: number, limit: number) {
    this.#aggregation = aggregation;
    this.#laneCount = laneCount;
    this.#limit = limit;
    this.#reset();
  }

  get rows(): number {
    return this.#end - this.#first + this.#backCount;
  }

  validIn(): number {
    return this.#valid;
  }

  grow(): void {}

  settle(): void {}

  *stores(): Iterable<{ lanes: readonly Float64Array[]; from: number; to: number }> {
    yield { lanes: this.#front, from: this.#first, to: this.#end };
    yield { lanes: this.#back, from: 0, to: this.#backCount };
  }

  push(_slot: number, lanes: readonly Float64Array[], row: number): void {
    if (this.#end - this.#first + this.#backCount === this.#limit) this.#dropOldest();
    const at = this.#backCount++;
    const back = this.#back;
    if (at === back[0]!.length) for (let k = 0; k < back.length; k++) back[k] = grown(back[k]!, at + 1);
    for (let k = 0; k < back.length; k++) back[k]![at] = lanes[k]![row]!;
    if (!Number.isNaN(lanes[0]![row])) this.#valid++;
    this.#aggregation.onNewRow(this.#state, 0, lanes, row);
  }

  pushKeyed(): never {
    throw new Error('a window of rows has no keys');
  }

  stateInto(_k: number, into: Fields, at: number): void {
    const first = this.#first;
    const state = this.#state;
    if (first === this.#end) {
      for (let f = 0; f < into.length; f++) into[f]![at] = state[f]![0]!;
      return;
    }
    const suffixes = this.#suffixes;
    for (let f = 0; f < into.length; f++) into[f]![at] = suffixes[f]![first]!;
    if (this.#backCount > 0) this.#aggregation.merge(into, at, state, 0);
  }

  #dropOldest(): void {
    if (this.#first < this.#end) {
      if (!Number.isNaN(this.#front[0]![this.#first])) this.#valid--;
      this.#first++;
      return;
    }
    const front = this.#back;
    this.#back = this.#front;
    this.#front = front;
    this.#end = this.#backCount;
    this.#first = 1;
    this.#backCount = 0;
    if (!Number.isNaN(front[0]![0])) this.#valid--;
    this.#resetState();
    this.#computeSuffixes();
  }

  /** Of each row of the front, the state of it and all after it. */
  #computeSuffixes(): void {
    const aggregation = this.#aggregation;
    const lanes = this.#front;
    const last = this.#end - 1;
    if (last < this.#first) return;
    const { initial } = aggregation;
    if ((this.#suffixes[0]?.length ?? 0) <= last)
      this.#suffixes = initial.map(() => new Float64Array(lanes[0]!.length));
    const suffixes = this.#suffixes;
    for (let f = 0; f < suffixes.length; f++) suffixes[f]![last] = initial[f]!;
    aggregation.onNewRow(suffixes, last, lanes, last);
    for (let row = last - 1; row >= this.#first; row--) {
      for (let f = 0; f < suffixes.length; f++) {
        const field = suffixes[f]!;
        field[row] = field[row + 1]!;
      }
      aggregation.onNewRow(suffixes, row, lanes, row);
    }
  }

  save(): SavedWindows {
    const none = new Float64Array(0);
    const lanes = this.#front.map((lane, k) => {
      const kept = new Float64Array(this.rows);
      kept.set(lane.subarray(this.#first, this.#end));
      kept.set(this.#back[k]!.subarray(0, this.#backCount), this.#end - this.#first);
      return kept;
    });
    return {
      rows: { counts: Int32Array.of(this.rows), lanes, high: none, low: none },
      waiting: { counts: Int32Array.of(0), lanes: lanes.map(() => none), high: none, low: none },
      newestHigh: none,
      newestLow: none,
    };
  }

  restore({ rows }: SavedWindows): void {
    this.#reset();
    const count = rows.counts[0] ?? 0;
    for (let row = 0; row < count; row++) this.push(0, rows.lanes, row);
  }

  #reset(): void {
    const lanes = (): Float64Array[] => Array.from({ length: this.#laneCount }, () => new Float64Array(16));
    this.#front = lanes();
    this.#back = lanes();
    this.#suffixes = this.#aggregation.initial.map(() => new Float64Array(0));
    this.#first = 0;
    this.#end = 0;
    this.#backCount = 0;
    this.#valid = 0;
    this.#resetState();
  }

  #resetState(): void {
    this.#state = this.#aggregation.initial.map((value) => Float64Array.of(value));
  }
}
