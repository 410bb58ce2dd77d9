import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { grown } from '../columnar/grow.ts';
import { take } from '../columnar/take.ts';
import { RowPool, type SavedPool } from './row-pool.ts';

/** Whether a row takes the place of the kept one. */
export type Choice = (row: number, kept: number) => boolean;

interface SavedLatest {
  readonly pool: SavedPool;
  readonly refs: Int32Array;
}

/** One row of each slot, kept until another takes its place. */
export class LatestRows {
  readonly #pool: RowPool;
  /** The row of each slot in the pool; -1 for none. */
  #refs: Int32Array = new Int32Array(0);
  #held = 0;

  constructor(type: DataType) {
    this.#pool = new RowPool(type);
  }

  /**
   * Goes through the rows of a column: each for which `chosen` is true takes the place of the one its slot has kept. `chosen` is
   * told the number of that, negative where there is none, for `find`. Gives for each row the one that its slot has kept
   * then, where `shown` is true, else the row itself; null for a row without slot.
   */
  update(column: Column, slots: Int32Array, chosen: Choice, shown: (row: number) => boolean): Column {
    const { length } = column;
    this.#reserve(slots);
    const refs = this.#refs;
    const next = this.#pool.length;
    const numbers = new Int32Array(length).fill(-1);
    const touched: number[] = [];
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      const kept = refs[slot]!;
      if (chosen(i, kept)) {
        if (kept < next) touched.push(slot);
        if (kept < 0) this.#held++;
        refs[slot] = next + i;
      }
      const now = refs[slot]!;
      numbers[i] = now >= 0 && shown(i) ? now : next + i;
    }
    const result = this.#pool.take(numbers, column);
    const rows = Int32Array.from(touched, (slot) => refs[slot]! - next);
    if (rows.length > 0) this.#pool.add(take(column, rows));
    for (let k = 0; k < touched.length; k++) refs[touched[k]!] = next + k;
    this.#pool.tidy(refs, this.#held);
    return result;
  }

  /** Where the kept row `number` is: in `newer`, the column that is gone through, or before it. */
  find(number: number, newer: Column): [column: Column, row: number] {
    const { length } = this.#pool;
    return number >= length ? [newer, number - length] : this.#pool.find(number);
  }

  save(): SavedLatest {
    this.#pool.compact(this.#refs);
    return { pool: this.#pool.save(), refs: this.#refs.slice() };
  }

  restore({ pool, refs }: SavedLatest): void {
    this.#pool.restore(pool);
    this.#refs = refs.slice();
    this.#held = refs.reduce((sum, ref) => sum + (ref >= 0 ? 1 : 0), 0);
  }

  #reserve(slots: Int32Array): void {
    let most = -1;
    for (let i = 0; i < slots.length; i++) if (slots[i]! > most) most = slots[i]!;
    const { length } = this.#refs;
    if (most < length) return;
    this.#refs = grown(this.#refs, most + 1).fill(-1, length);
  }
}
