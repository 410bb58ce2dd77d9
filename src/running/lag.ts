import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { concat } from '../columnar/concat.ts';
import { grown } from '../columnar/grow.ts';
import { restoredColumn, type SavedColumn, savedColumn } from '../columnar/saved-column.ts';
import { slice, take } from '../columnar/take.ts';
import { takeOrNull } from '../columnar/take-or-null.ts';
import { ownRows, RowPool, type SavedPool } from './row-pool.ts';

/** The rows that come some rows before others. */
export interface Lag {
  /** For each row of a column the row that comes before it, or null. Nothing is remembered until `commit`. */
  before(column: Column, slots: Int32Array): Column;
  /** Remembers the rows that `before` was called with. */
  commit(): void;
  /** Forgets them. */
  rollback(): void;
  save(): unknown;
  restore(saved: unknown): void;
}

/** The rows `n` before, where all rows are one group. Keeps the last `n` rows. */
export class LagOfAll implements Lag {
  readonly #type: DataType;
  readonly #n: number;
  #last: Column | undefined;
  #next: Column | undefined;

  constructor(type: DataType, n: number) {
    this.#type = type;
    this.#n = n;
  }

  before(column: Column): Column {
    const n = this.#n;
    const { length } = column;
    const joined = this.#last === undefined ? column : concat([this.#last, column]);
    this.#next = length === 0 ? this.#last : ownRows(joined, Math.max(0, joined.length - n), joined.length);
    const missing = Math.min(length, n - (joined.length - length));
    if (missing === 0) return slice(joined, 0, length);
    return takeOrNull(
      joined,
      Int32Array.from({ length }, (_, i) => Math.max(-1, i - missing)),
    );
  }

  commit(): void {
    this.#last = this.#next;
  }

  rollback(): void {
    this.#next = this.#last;
  }

  save(): SavedColumn | undefined {
    return this.#last && savedColumn(this.#last);
  }

  restore(saved: unknown): void {
    this.#last = saved === undefined ? undefined : restoredColumn(saved as SavedColumn, this.#type);
  }
}

interface SavedLag {
  readonly pool: SavedPool;
  readonly refs: Int32Array;
  readonly at: Int32Array;
}

/** The rows `n` before of the same group. Keeps the last `n` rows of each group. */
export class LagOfGroups implements Lag {
  readonly #n: number;
  readonly #pool: RowPool;
  /** The rows of each slot in the pool, `n` to a slot, in a ring. */
  #refs: Int32Array = new Int32Array(0);
  /** How many of them there are. */
  #held = 0;
  /** Where in its ring each slot goes on. */
  #at: Int32Array = new Int32Array(0);
  #column: Column | undefined;
  /** What the ring held before, for each row. */
  #replaced: Int32Array = new Int32Array(0);
  #places: Int32Array = new Int32Array(0);

  constructor(type: DataType, n: number) {
    this.#n = n;
    this.#pool = new RowPool(type);
  }

  before(column: Column, slots: Int32Array): Column {
    const n = this.#n;
    const { length } = column;
    this.#reserve(slots);
    const refs = this.#refs;
    const at = this.#at;
    const next = this.#pool.length;
    const replaced = new Int32Array(length).fill(-1);
    const places = new Int32Array(length).fill(-1);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      const place = slot * n + at[slot]!;
      places[i] = place;
      replaced[i] = refs[place]!;
      refs[place] = next + i;
      at[slot] = at[slot]! + 1 === n ? 0 : at[slot]! + 1;
    }
    this.#column = column;
    this.#replaced = replaced;
    this.#places = places;
    return this.#pool.take(replaced, column);
  }

  commit(): void {
    const column = this.#column!;
    const places = this.#places;
    const next = this.#pool.length;
    const refs = this.#refs;
    const rows = new Int32Array(column.length);
    let count = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (place < 0) continue;
      if (this.#replaced[i]! < 0) this.#held++;
      if (refs[place] !== next + i) continue;
      rows[count] = i;
      refs[place] = next + count++;
    }
    if (count > 0) this.#pool.add(take(column, rows.subarray(0, count)));
    this.#pool.tidy(refs, this.#held);
    this.#column = undefined;
  }

  rollback(): void {
    const places = this.#places;
    const n = this.#n;
    for (let i = places.length - 1; i >= 0; i--) {
      const place = places[i]!;
      if (place < 0) continue;
      this.#refs[place] = this.#replaced[i]!;
      this.#at[(place / n) | 0] = place % n;
    }
    this.#column = undefined;
  }

  save(): SavedLag {
    this.#pool.compact(this.#refs);
    return { pool: this.#pool.save(), refs: this.#refs.slice(), at: this.#at.slice() };
  }

  restore(saved: unknown): void {
    const { pool, refs, at } = saved as SavedLag;
    this.#pool.restore(pool);
    this.#refs = refs.slice();
    this.#at = at.slice();
    this.#held = refs.reduce((sum, ref) => sum + (ref >= 0 ? 1 : 0), 0);
  }

  #reserve(slots: Int32Array): void {
    let most = -1;
    for (let i = 0; i < slots.length; i++) if (slots[i]! > most) most = slots[i]!;
    if (most < this.#at.length) return;
    this.#at = grown(this.#at, most + 1);
    const { length } = this.#refs;
    const refs = new Int32Array(this.#at.length * this.#n).fill(-1, length);
    refs.set(this.#refs);
    this.#refs = refs;
  }
}
