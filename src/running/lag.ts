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

/** Rows of a piece that is not put together with others any more. */
const fullPiece = 4096;

/** The rows `n` before, where all rows are one group. Keeps the last `n` rows. O(rows of the batch), whatever `n` is. */
export class LagOfAll implements Lag {
  readonly #type: DataType;
  readonly #n: number;
  /** Pieces of rows, the oldest first. */
  #pieces: Column[] = [];
  /** Rows of the first piece that are not needed any more. */
  #gone = 0;
  /** Rows that are kept, without those. */
  #length = 0;
  #newer: Column | undefined;

  constructor(type: DataType, n: number) {
    this.#type = type;
    this.#n = n;
  }

  before(column: Column): Column {
    this.#newer = column;
    const { length } = column;
    const missing = Math.min(length, this.#n - this.#length);
    const wanted = length - missing;
    const found = this.#oldest(Math.min(wanted, this.#length));
    if (wanted > this.#length) found.push(slice(column, 0, wanted - this.#length));
    const rows = found.length === 0 ? slice(column, 0, 0) : concat(found);
    if (missing === 0) return rows;
    return takeOrNull(
      rows,
      Int32Array.from({ length }, (_, i) => Math.max(-1, i - missing)),
    );
  }

  commit(): void {
    const column = this.#newer!;
    this.#newer = undefined;
    const { length } = column;
    if (length === 0) return;
    const pieces = this.#pieces;
    const own = ownRows(column, Math.max(0, length - this.#n), length);
    pieces.push(own);
    this.#length += own.length;
    this.#dropOldest(this.#length - this.#n);
    while (pieces.length > 2) {
      const [before, last] = pieces.slice(-2) as [Column, Column];
      if (2 * last.length <= before.length || before.length + last.length > fullPiece) return;
      pieces.splice(-2, 2, concat([before, last]));
    }
  }

  rollback(): void {
    this.#newer = undefined;
  }

  save(): SavedColumn | undefined {
    return this.#length === 0
      ? undefined
      : savedColumn(ownRows(concat(this.#oldest(this.#length)), 0, this.#length));
  }

  restore(saved: unknown): void {
    this.#pieces = saved === undefined ? [] : [restoredColumn(saved as SavedColumn, this.#type)];
    this.#gone = 0;
    this.#length = this.#pieces[0]?.length ?? 0;
  }

  /** The first `count` rows that are kept. */
  #oldest(count: number): Column[] {
    const found: Column[] = [];
    let from = this.#gone;
    for (let p = 0, left = count; left > 0; p++) {
      const piece = this.#pieces[p]!;
      const to = Math.min(piece.length, from + left);
      found.push(slice(piece, from, to));
      left -= to - from;
      from = 0;
    }
    return found;
  }

  #dropOldest(count: number): void {
    if (count <= 0) return;
    this.#length -= count;
    this.#gone += count;
    let whole = 0;
    while (whole < this.#pieces.length && this.#gone >= this.#pieces[whole]!.length)
      this.#gone -= this.#pieces[whole++]!.length;
    this.#pieces.splice(0, whole);
  }
}

interface SavedLag {
  readonly pool: SavedPool;
  readonly refs: Int32Array;
  readonly next: Int32Array;
  readonly newest: Int32Array;
  readonly counts: Int32Array;
}

const none = -1;

/**
 * The rows `n` before of the same group. Keeps the last `n` rows of each group, in a ring of places that grows until it has as
 * many.
 */
export class LagOfGroups implements Lag {
  readonly #n: number;
  readonly #pool: RowPool;
  /** By place: its row in the pool, and the place of the next row of the group, after the newest that of the oldest. */
  #refs: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);
  #used = 0;
  /** By slot: the place of its newest row, and how many rows it has. */
  #newest: Int32Array = new Int32Array(0);
  #counts: Int32Array = new Int32Array(0);
  #column: Column | undefined;
  #slots: Int32Array = new Int32Array(0);
  /** For each row its place, what that held before, and the newest place before. */
  #places: Int32Array = new Int32Array(0);
  #replaced: Int32Array = new Int32Array(0);
  #before: Int32Array = new Int32Array(0);

  constructor(type: DataType, n: number) {
    this.#n = n;
    this.#pool = new RowPool(type);
  }

  before(column: Column, slots: Int32Array): Column {
    const { length } = column;
    this.#reserve(slots);
    const start = this.#pool.length;
    this.#column = column;
    this.#slots = slots.slice();
    this.#places = new Int32Array(length).fill(none);
    this.#replaced = new Int32Array(length).fill(none);
    this.#before = new Int32Array(length).fill(none);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      const newest = this.#newest[slot]!;
      this.#before[i] = newest;
      const place = this.#counts[slot] === this.#n ? this.#next[newest]! : this.#insert(slot, newest);
      this.#places[i] = place;
      this.#replaced[i] = this.#refs[place]!;
      this.#refs[place] = start + i;
      this.#newest[slot] = place;
    }
    return this.#pool.take(this.#replaced, column);
  }

  commit(): void {
    const column = this.#column!;
    const places = this.#places;
    const start = this.#pool.length;
    const refs = this.#refs;
    const rows = new Int32Array(column.length);
    let count = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (place < 0 || refs[place] !== start + i) continue;
      rows[count] = i;
      refs[place] = start + count++;
    }
    if (count > 0) this.#pool.add(take(column, rows.subarray(0, count)));
    this.#pool.tidy(refs, this.#used);
    this.#column = undefined;
  }

  rollback(): void {
    for (let i = this.#places.length - 1; i >= 0; i--) {
      const place = this.#places[i]!;
      if (place < 0) continue;
      const slot = this.#slots[i]!;
      const newest = this.#before[i]!;
      const ref = this.#replaced[i]!;
      this.#refs[place] = ref;
      this.#newest[slot] = newest;
      if (ref !== none) continue;
      // The place was new, and the last one to be.
      if (newest !== none) this.#next[newest] = this.#next[place]!;
      this.#counts[slot]!--;
      this.#used--;
    }
    this.#column = undefined;
  }

  save(): SavedLag {
    this.#pool.compact(this.#refs);
    return {
      pool: this.#pool.save(),
      refs: this.#refs.slice(0, this.#used),
      next: this.#next.slice(0, this.#used),
      newest: this.#newest.slice(),
      counts: this.#counts.slice(),
    };
  }

  restore(saved: unknown): void {
    const { pool, refs, next, newest, counts } = saved as SavedLag;
    this.#pool.restore(pool);
    this.#refs = refs.slice();
    this.#next = next.slice();
    this.#used = refs.length;
    this.#newest = newest.slice();
    this.#counts = counts.slice();
  }

  /** A new place after the newest of a slot. */
  #insert(slot: number, newest: number): number {
    const place = this.#used++;
    const { length } = this.#refs;
    if (place === length) {
      this.#refs = grown(this.#refs, place + 1).fill(none, length);
      this.#next = grown(this.#next, place + 1);
    }
    this.#next[place] = newest === none ? place : this.#next[newest]!;
    if (newest !== none) this.#next[newest] = place;
    this.#counts[slot]!++;
    return place;
  }

  #reserve(slots: Int32Array): void {
    let most = -1;
    for (let i = 0; i < slots.length; i++) if (slots[i]! > most) most = slots[i]!;
    const { length } = this.#newest;
    if (most < length) return;
    this.#newest = grown(this.#newest, most + 1).fill(none, length);
    this.#counts = grown(this.#counts, most + 1);
  }
}
