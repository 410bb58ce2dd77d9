import { Bool, type DataType } from 'apache-arrow';
import { GroupIndex, type SavedGroups } from '../aggregate/group-index.ts';
import { newBitmap, setBit } from '../columnar/bitmap.ts';
import type { Column } from '../columnar/column.ts';
import { boolColumn } from '../columnar/compare.ts';
import { grown } from '../columnar/grow.ts';
import { KeyReader, type KeyWords } from '../columnar/key-words.ts';
import type { RunningDefinition, RunningInput, RunningState } from './running.ts';
import { unitsOf } from './time-span.ts';

/** Whether no row with the same key came among the last keys, or went through in a span of time before. */
export const firstSeen: RunningDefinition = {
  name: 'firstSeen',
  bind: ({ by, order }, { within }) => ({
    output: new Bool(),
    create: () =>
      typeof within === 'number'
        ? new AmongLastState(by, within)
        : new WithinState(by, unitsOf(within as string, order!, 'dedupe')),
  }),
};

const none = -1;

interface SavedLast {
  readonly groups: SavedGroups;
  /** The slots, the one seen longest ago first. */
  readonly order: Int32Array;
}

/** Whether the key of a row is not among the `n` keys that came last. Keeps those. O(1) per row. */
class AmongLastState implements RunningState {
  readonly #by: readonly DataType[];
  readonly #n: number;
  #index: GroupIndex;
  /** The slots that are remembered as a list, by when they were seen last. */
  #before: Int32Array = new Int32Array(0);
  #after: Int32Array = new Int32Array(0);
  #isKept: Uint8Array = new Uint8Array(0);
  #first = none;
  #last = none;
  #size = 0;

  constructor(by: readonly DataType[], n: number) {
    this.#by = by;
    this.#n = n;
    this.#index = new GroupIndex(by, { dropna: false });
  }

  update({ length, by }: RunningInput): Column {
    const slots = this.#index.assign(by, length);
    this.#reserve();
    const isNew = newBitmap(length);
    const gone = new Set<number>();
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (this.#isKept[slot] === 1) this.#unlink(slot);
      else setBit(isNew, i);
      gone.delete(slot);
      this.#append(slot);
      if (this.#size <= this.#n) continue;
      const oldest = this.#first;
      this.#unlink(oldest);
      gone.add(oldest);
    }
    for (const slot of gone) this.#index.release(slot);
    return boolColumn(isNew, length);
  }

  save(): unknown {
    const order = new Int32Array(this.#size);
    for (let slot = this.#first, i = 0; slot !== none; slot = this.#after[slot]!) order[i++] = slot;
    const saved: SavedLast = { groups: this.#index.save(), order };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, order } = saved as SavedLast;
    this.#index = new GroupIndex(this.#by, { dropna: false });
    this.#index.restore(groups);
    this.#reserve();
    this.#isKept.fill(0);
    this.#first = none;
    this.#last = none;
    this.#size = 0;
    for (const slot of order) this.#append(slot);
  }

  #reserve(): void {
    const { capacity } = this.#index;
    this.#before = grown(this.#before, capacity);
    this.#after = grown(this.#after, capacity);
    this.#isKept = grown(this.#isKept, capacity);
  }

  #append(slot: number): void {
    this.#before[slot] = this.#last;
    this.#after[slot] = none;
    if (this.#last === none) this.#first = slot;
    else this.#after[this.#last] = slot;
    this.#last = slot;
    this.#isKept[slot] = 1;
    this.#size++;
  }

  #unlink(slot: number): void {
    const before = this.#before[slot]!;
    const after = this.#after[slot]!;
    if (before === none) this.#first = after;
    else this.#after[before] = after;
    if (after === none) this.#last = before;
    else this.#before[after] = before;
    this.#isKept[slot] = 0;
    this.#size--;
  }
}

interface SavedWithin {
  readonly groups: SavedGroups;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly newest: readonly [high: number, low: number];
  readonly nextTidy: number;
}

/** Groups that are remembered before the first look for those to forget. */
const leastTidy = 256;

/**
 * Whether no row with the same key went through less than `width` before by the time key, or later. A row that went through is forgotten
 * once it is twice `width` older than the newest row, whenever its memory is given back. Keeps the keys that are not forgotten, and at most
 * as many more.
 */
class WithinState implements RunningState {
  readonly #by: readonly DataType[];
  readonly #width: number;
  readonly #keys: KeyReader = new KeyReader();
  #index: GroupIndex;
  /** When the last row of each slot went through; NaN for never. */
  #high: Float64Array = new Float64Array(0);
  #low: Float64Array = new Float64Array(0);
  #newestHigh = Number.NEGATIVE_INFINITY;
  #newestLow = 0;
  #nextTidy = leastTidy;

  constructor(by: readonly DataType[], width: number) {
    this.#by = by;
    this.#width = width;
    this.#index = new GroupIndex(by, { dropna: false });
  }

  update({ length, by, order }: RunningInput): Column {
    const slots = this.#index.assign(by, length);
    this.#reserve();
    const words: KeyWords = this.#keys.read(order!);
    const high = this.#high;
    const low = this.#low;
    const isNew = newBitmap(length);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const h = words.high[i]!;
      const l = words.low[i]!;
      // A row without time says nothing of when its key came.
      if (Number.isNaN(h)) {
        setBit(isNew, i);
        continue;
      }
      if (h > this.#newestHigh || (h === this.#newestHigh && l > this.#newestLow)) {
        this.#newestHigh = h;
        this.#newestLow = l;
      }
      const passed = (h - high[slot]!) * 2 ** 32 + (l - low[slot]!);
      if (passed < this.#width && !this.#isForgotten(slot)) continue;
      setBit(isNew, i);
      if (h < high[slot]! || (h === high[slot] && l < low[slot]!)) continue;
      high[slot] = h;
      low[slot] = l;
    }
    if (this.#index.size > this.#nextTidy) this.#tidy();
    return boolColumn(isNew, length);
  }

  save(): unknown {
    const saved: SavedWithin = {
      groups: this.#index.save(),
      high: this.#high.slice(),
      low: this.#low.slice(),
      newest: [this.#newestHigh, this.#newestLow],
      nextTidy: this.#nextTidy,
    };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, high, low, newest, nextTidy } = saved as SavedWithin;
    this.#index = new GroupIndex(this.#by, { dropna: false });
    this.#index.restore(groups);
    this.#high = high.slice();
    this.#low = low.slice();
    [this.#newestHigh, this.#newestLow] = newest;
    this.#nextTidy = nextTidy;
  }

  #reserve(): void {
    const { length } = this.#high;
    this.#high = grown(this.#high, this.#index.capacity);
    this.#low = grown(this.#low, this.#index.capacity);
    this.#high.fill(Number.NaN, length);
  }

  #isForgotten(slot: number): boolean {
    const age = (this.#newestHigh - this.#high[slot]!) * 2 ** 32 + (this.#newestLow - this.#low[slot]!);
    return !(age < 2 * this.#width);
  }

  /** Gives the memory of what is forgotten back. */
  #tidy(): void {
    for (const slot of this.#index.inOrderOfAppearance().slice()) {
      if (!this.#isForgotten(slot)) continue;
      this.#index.release(slot);
      this.#high[slot] = Number.NaN;
    }
    this.#nextTidy = Math.max(leastTidy, 2 * this.#index.size);
  }
}
