import type { DataType } from 'apache-arrow';
import { GroupIndex } from '../aggregate/group-index.ts';
import type { Column } from '../columnar/column.ts';
import { concat } from '../columnar/concat.ts';
import { oneForm } from '../columnar/one-form.ts';
import { compareCells, isMissing } from '../columnar/order.ts';
import { take } from '../columnar/take.ts';
import { Fifo } from '../core/fifo.ts';
import type { WindowSpec } from '../window/window-spec.ts';
import { Arrivals } from './arrivals.ts';
import { Heap } from './heap.ts';

/** What to keep of the rows that come. */
export interface TopSpec {
  /** How many rows of each group. */
  readonly n: number;
  /** The greatest values; else the least. */
  readonly greatest: boolean;
  /** Type of each group key; none means one group. */
  readonly groupTypes: readonly DataType[];
  /** Default: all time. */
  readonly window?: WindowSpec | undefined;
  /** Groups in order of their keys (default), or of first appearance. */
  readonly sort?: boolean | undefined;
  /** Rows with a null key form no group (default), or one of their own. */
  readonly dropna?: boolean | undefined;
}

/** Columns that some rows are kept of. */
interface Piece {
  columns: readonly Column[];
  value: Column;
  /** The rows that were taken, in order; some may be gone. */
  taken: Held[];
  live: number;
  /** Whether rows are being taken of it, so that they must keep their numbers. */
  isOpen: boolean;
}

interface Held {
  readonly piece: Piece;
  row: number;
  /** Number of the row among all that came. */
  readonly arrival: number;
  readonly slot: number;
  readonly high: number;
  readonly low: number;
  live: boolean;
  isTop: boolean;
  /** Where it is among the top rows, or the rest. */
  at: number;
}

interface Group {
  /** The worst first. */
  readonly top: Heap<Held>;
  /** The rows in view that are not among the top ones, the best first. */
  readonly rest: Heap<Held>;
}

/** Pieces of no more rows than this are not made smaller. */
const small = 64;

/**
 * The `n` rows with the greatest values, or the least, of each group: of equal ones those that came first. Rows whose value is
 * missing are left out.
 *
 * O(log n) a row and n rows kept of each group for all time; O(log rows in view) and all of those with a window, where rows
 * come back when better ones leave.
 */
export class TopRows {
  readonly #spec: TopSpec;
  readonly #arrivals: Arrivals;
  readonly #index: GroupIndex | undefined;
  readonly #groups = new Map<number, Group>();
  readonly #oldest = new Fifo<Held>();
  readonly #byKey: Heap<Held> = new Heap((a, b) => a.high < b.high || (a.high === b.high && a.low < b.low));
  readonly #isBetter: (a: Held, b: Held) => boolean;
  #came = 0;

  constructor(spec: TopSpec) {
    this.#spec = spec;
    this.#arrivals = new Arrivals(spec.window);
    const { groupTypes, dropna, greatest } = spec;
    this.#index = groupTypes.length === 0 ? undefined : new GroupIndex(groupTypes, { dropna });
    const sign = greatest ? 1 : -1;
    this.#isBetter = (a, b) => {
      const order = sign * compareCells(a.piece.value, a.row, b.piece.value, b.row);
      return order > 0 || (order === 0 && a.arrival < b.arrival);
    };
  }

  /** Takes in rows: what is kept of them, the value they are ranked by, their group keys and the key of the window. */
  update(
    columns: readonly Column[],
    value: Column,
    keys: readonly Column[],
    length: number,
    order: Column | undefined,
  ): void {
    const { arrived, moved } = this.#arrivals.admit([value, ...keys, ...columns], length, order);
    for (const arrival of arrived) {
      const [ranked, ...others] = arrival.columns;
      const groupKeys = others.slice(0, keys.length);
      this.#take(others.slice(keys.length), ranked!, groupKeys, arrival.length, arrival.keys?.keys);
    }
    if (this.#arrivals.value === undefined) {
      for (let oldest = this.#oldest.at(0); oldest !== undefined; oldest = this.#oldest.at(0)) {
        if (oldest.arrival >= this.#came - this.#arrivals.limit) break;
        this.#oldest.shift();
        this.#evict(oldest);
      }
    } else if (moved) {
      for (let least = this.#byKey.first; least !== undefined; least = this.#byKey.first) {
        if (!this.#arrivals.value.isOut(least.high, least.low)) break;
        this.#byKey.shift();
        this.#evict(least);
      }
    }
  }

  #take(
    columns: readonly Column[],
    value: Column,
    keys: readonly Column[],
    length: number,
    words: { readonly high: Float64Array; readonly low: Float64Array } | undefined,
  ): void {
    const slots = this.#index?.assign(keys, length);
    const piece: Piece = { columns, value, taken: [], live: 0, isOpen: true };
    const first = Math.max(0, length - this.#arrivals.limit);
    for (let row = first; row < length; row++) {
      const slot = slots === undefined ? 0 : slots[row]!;
      if (slot < 0 || isMissing(value, row)) continue;
      const held: Held = {
        piece,
        row,
        arrival: this.#came + row,
        slot,
        high: words === undefined ? 0 : words.high[row]!,
        low: words === undefined ? 0 : words.low[row]!,
        live: true,
        isTop: false,
        at: 0,
      };
      if (!this.#enter(held)) continue;
      piece.taken.push(held);
      piece.live++;
    }
    this.#came += length;
    for (let row = 0; slots !== undefined && row < length; row++) {
      const slot = slots[row]!;
      if (slot >= 0 && !this.#groups.has(slot) && this.#index!.isLive(slot)) this.#index!.release(slot);
    }
    piece.isOpen = false;
    this.#compact(piece);
  }

  /** Whether the row is kept. */
  #enter(held: Held): boolean {
    const { n, window } = this.#spec;
    if (n === 0) return false;
    let group = this.#groups.get(held.slot);
    if (group === undefined) {
      group = { top: new Heap((a, b) => this.#isBetter(b, a), place), rest: new Heap(this.#isBetter, place) };
      this.#groups.set(held.slot, group);
    }
    const worst = group.top.first;
    held.isTop = group.top.length < n || this.#isBetter(held, worst!);
    if (!held.isTop && window === undefined) return false;
    if (held.isTop && group.top.length === n) {
      group.top.shift();
      worst!.isTop = false;
      if (window === undefined) this.#drop(worst!);
      else group.rest.push(worst!);
    }
    (held.isTop ? group.top : group.rest).push(held);
    if (window !== undefined) {
      if (this.#arrivals.value === undefined) this.#oldest.push(held);
      else this.#byKey.push(held);
    }
    return true;
  }

  #evict(held: Held): void {
    const { top, rest } = this.#groups.get(held.slot)!;
    (held.isTop ? top : rest).removeAt(held.at);
    this.#drop(held);
    if (held.isTop && rest.length > 0) {
      const next = rest.shift()!;
      next.isTop = true;
      top.push(next);
    }
    if (top.length > 0) return;
    this.#groups.delete(held.slot);
    this.#index?.release(held.slot);
  }

  #drop(held: Held): void {
    held.live = false;
    held.piece.live--;
    this.#compact(held.piece);
  }

  /** Lets go of a batch of which few rows are left. */
  #compact(piece: Piece): void {
    const { length } = piece.value;
    if (piece.isOpen || length <= small || 4 * piece.live > length) return;
    piece.taken = piece.taken.filter(({ live }) => live);
    const rows = Int32Array.from(piece.taken, ({ row }) => row);
    piece.columns = piece.columns.map((column) => take(column, rows));
    piece.value = take(piece.value, rows);
    for (const [row, held] of piece.taken.entries()) held.row = row;
  }

  /** The rows, group by group, the best of each first; nothing where there are none. */
  result(): { readonly columns: readonly Column[]; readonly length: number } | undefined {
    const slots = this.#slots();
    const rows: Held[] = [];
    for (const slot of slots) {
      const top = this.#groups.get(slot)?.top.items ?? [];
      for (const held of [...top].sort((a, b) => (this.#isBetter(a, b) ? -1 : 1))) rows.push(held);
    }
    if (rows.length === 0) return undefined;
    const pieces = new Map<Piece, Held[]>();
    for (const held of rows) {
      const of = pieces.get(held.piece);
      if (of === undefined) pieces.set(held.piece, [held]);
      else of.push(held);
    }
    const places = new Map<Held, number>();
    for (const of of pieces.values()) for (const held of of) places.set(held, places.size);
    const order = Int32Array.from(rows, (held) => places.get(held)!);
    const gathered = [...pieces].map(([piece, of]) => {
      const numbers = Int32Array.from(of, ({ row }) => row);
      return piece.columns.map((column) => take(column, numbers));
    });
    const columns = gathered[0]!.map((_, i) =>
      take(concat(oneForm(gathered.map((part) => part[i]!))), order),
    );
    return { columns, length: rows.length };
  }

  #slots(): Iterable<number> {
    if (this.#index === undefined) return [0];
    return this.#spec.sort === false ? this.#index.inOrderOfAppearance() : this.#index.sorted();
  }
}

function place(held: Held, at: number): void {
  held.at = at;
}
