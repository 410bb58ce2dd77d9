import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { lanesOf } from '../columnar/lanes.ts';
import { nullsOf, withNulls } from '../columnar/nulls.ts';
import { GroupIndex, type SavedGroups } from './group-index.ts';

/** Codes that came and went are let go of when there are this many, at least. */
const leastSweep = 1024;

/**
 * Small numbers for the values of one column, so that states of numbers can hold strings: equal values have the same
 * code, however they are stored. -0 is 0. Keeps the values whose codes are in use, and until the next sweep others.
 */
export class Codes {
  /** Type of the values that `columnOf` gives: strings are utf8, dictionaries what they hold. */
  readonly type: DataType;
  readonly #index: GroupIndex;
  #sweepAt: number = leastSweep;

  constructor(type: DataType) {
    this.#index = new GroupIndex([type]);
    this.type = this.#index.keyTypes[0]!;
  }

  /** Number of values that have a code. */
  get size(): number {
    return this.#index.size;
  }

  /** The code of each row; NaN where it is null or NaN. */
  of(column: Column): Float64Array {
    const { length } = column;
    const ids = this.#index.assign([column], length);
    const codes = new Float64Array(length);
    for (let i = 0; i < length; i++) codes[i] = ids[i]! < 0 ? Number.NaN : ids[i]!;
    if (column.kind !== 'number') return codes;
    const lane = lanesOf(column)[0]!;
    for (let i = 0; i < length; i++) if (Number.isNaN(lane[i])) codes[i] = Number.NaN;
    return codes;
  }

  /** Order of two values: numbers by value, strings by code point, false before true. */
  compare(a: number, b: number): number {
    return this.#index.compare(a, b);
  }

  /** The values of codes, null for NaN. */
  columnOf(codes: Float64Array): Column {
    const { length } = codes;
    const present = new Uint8Array(length);
    const ids = new Int32Array(length);
    let some = -1;
    for (let i = 0; i < length; i++) {
      if (Number.isNaN(codes[i])) continue;
      some = codes[i]!;
      ids[i] = some;
      present[i] = 1;
    }
    if (some < 0) return nullsOf(this.type, length);
    for (let i = 0; i < length; i++) if (present[i] === 0) ids[i] = some;
    return withNulls(this.#index.keyColumns(ids)[0]!, present);
  }

  /**
   * Lets go of the codes that `mark` does not mark, where so many came since the last time that it is worth it.
   * O(codes) then, beside what marking costs: about `cost` steps.
   */
  sweep(cost: number, mark: (mark: (code: number) => void) => void): void {
    const index = this.#index;
    if (index.size < this.#sweepAt) return;
    const used = new Uint8Array(index.capacity);
    mark((code) => {
      used[code] = 1;
    });
    for (const code of index.inOrderOfAppearance()) if (used[code] === 0) index.release(code);
    this.#sweepAt = index.size + Math.max(leastSweep, index.size, cost);
  }

  save(): SavedGroups {
    return this.#index.save();
  }

  restore(saved: SavedGroups): void {
    this.#index.restore(saved);
  }
}
