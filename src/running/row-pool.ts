import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { concat } from '../columnar/concat.ts';
import { restoredColumn, type SavedColumn, savedColumn } from '../columnar/saved-column.ts';
import { slice, take } from '../columnar/take.ts';
import { takeOrNull } from '../columnar/take-or-null.ts';

/** Rows that nobody refers to are done away with when they are this many more than the others. */
const slack = 256;

/** Rows of a pool as plain data. */
export interface SavedPool {
  readonly rows: SavedColumn | undefined;
}

/**
 * Rows of a column, kept for whoever holds their numbers. They lie in pieces, each at least twice as long as the
 * next, so that adding a few rows to many costs little: a row is copied O(log rows) times.
 */
export class RowPool {
  readonly #type: DataType;
  #pieces: Column[] = [];
  #length = 0;

  /** @param type of a column without dictionary. */
  constructor(type: DataType) {
    this.#type = type;
  }

  /** Rows that are kept; the number of the next one. */
  get length(): number {
    return this.#length;
  }

  /**
   * The rows of those numbers; null where one is negative. A number from `length` on is that of a row of `newer`, which is as
   * long as `numbers`.
   */
  take(numbers: Int32Array, newer: Column): Column {
    const pieces = [...this.#pieces, newer];
    const rank = new Int32Array(numbers.length).fill(-1);
    const taken: Column[] = [];
    let end = this.#length + newer.length;
    let picked = 0;
    // The newest piece first, in which most of them are.
    for (let p = pieces.length - 1, left = countOf(numbers); p >= 0 && left > 0; p--) {
      const piece = pieces[p]!;
      const start = end - piece.length;
      const rows = new Int32Array(left);
      let count = 0;
      for (let i = 0; i < numbers.length; i++) {
        const number = numbers[i]!;
        if (number < start || number >= end) continue;
        rank[i] = picked + count;
        rows[count++] = number - start;
      }
      if (count > 0) taken.push(take(piece, rows.subarray(0, count)));
      picked += count;
      left -= count;
      end = start;
    }
    if (taken.length === 0) return takeOrNull(newer, rank);
    return takeOrNull(concat(taken), rank);
  }

  /** The column that holds row `number`, and which of its rows that is. */
  find(number: number): [column: Column, row: number] {
    let start = 0;
    for (const piece of this.#pieces) {
      if (number < start + piece.length) return [piece, number - start];
      start += piece.length;
    }
    throw new RangeError(`row ${number} of ${start}`);
  }

  /** Takes rows in, which are numbered on. They must own their memory. */
  add(rows: Column): void {
    if (rows.length === 0) return;
    const pieces = this.#pieces;
    pieces.push(rows);
    this.#length += rows.length;
    while (pieces.length > 1 && 2 * pieces.at(-1)!.length > pieces.at(-2)!.length) {
      const last = pieces.pop()!;
      pieces.push(concat([pieces.pop()!, last]));
    }
  }

  /** Lets go of rows that are not in `numbers`, now and then, and renews those numbers. `kept` is how many of them are not negative. */
  tidy(numbers: Int32Array, kept: number): void {
    if (this.#length > 2 * kept + slack) this.compact(numbers);
  }

  /** Lets go of all rows that are not in `numbers`, and renews those numbers. */
  compact(numbers: Int32Array): void {
    const held = numbers.filter((number) => number >= 0).sort();
    if (held.length === this.#length) return;
    if (held.length === 0) this.#pieces = [];
    else this.#pieces = [take(concat(this.#pieces), held)];
    const renewed = new Int32Array(this.#length).fill(-1);
    for (let i = 0; i < held.length; i++) renewed[held[i]!] = i;
    for (let i = 0; i < numbers.length; i++) if (numbers[i]! >= 0) numbers[i] = renewed[numbers[i]!]!;
    this.#length = held.length;
  }

  save(): SavedPool {
    if (this.#pieces.length > 1) this.#pieces = [concat(this.#pieces)];
    const rows = this.#pieces[0];
    return { rows: rows && savedColumn(rows) };
  }

  restore({ rows }: SavedPool): void {
    this.#pieces = rows === undefined ? [] : [restoredColumn(rows, this.#type)];
    this.#length = this.#pieces[0]?.length ?? 0;
  }
}

/** Rows `from … to - 1` in memory of their own. */
export function ownRows(column: Column, from: number, to: number): Column {
  return take(
    slice(column, from, to),
    Int32Array.from({ length: to - from }, (_, i) => i),
  );
}

function countOf(numbers: Int32Array): number {
  let count = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! >= 0) count++;
  return count;
}
