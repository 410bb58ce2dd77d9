import type { DataType } from 'apache-arrow';
import type { Column } from '../column.ts';
import { grown } from './grow.ts';
import { SlotPool } from './slot-pool.ts';
import { sortByWords } from './sort-words.ts';

/**
 * Keys and their ids: small dense numbers, given to a key when it is first met and again free for another
 * when the key is released. Keeps O(live keys).
 */
export abstract class KeyTable {
  /** Where ids come from. */
  readonly pool: SlotPool = new SlotPool();
  /** Types of the key columns that `columnsOf` gives. */
  abstract readonly types: readonly DataType[];
  /** Ids in order of their keys, as far as they were sorted. */
  #order: Int32Array = new Int32Array(0);
  /** 1 for ids in `#order`. */
  #inOrder: Uint8Array = new Uint8Array(0);
  /** Ids that came since; where there were too many to keep, all are sorted anew. */
  #appeared: number[] = [];
  #sortAll = false;
  #vanished = false;

  /** The id of each row's key into `ids`; -1 for a key with a null where those are dropped. */
  abstract assign(columns: readonly Column[], length: number, ids: Int32Array): void;
  /** The keys of the given ids. */
  abstract columnsOf(ids: Int32Array): Column[];
  /** Order of two live keys. */
  abstract compare(a: number, b: number): number;
  /** For each id two words that sort as the keys do, as far as words can tell. */
  protected abstract sortWords(ids: Int32Array, high: Uint32Array, low: Uint32Array): void;
  /** Removes a key from the table. */
  protected abstract forget(id: number): void;

  /** Gives up a live key; should it come again, it is a new one. */
  release(id: number): void {
    this.forget(id);
    this.pool.release(id);
    if (this.#inOrder[id] === 1) {
      this.#inOrder[id] = 0;
      this.#vanished = true;
    }
  }

  /** The live ids in order of their keys. Not to be written to. Sorts only what came or went since the last call. */
  sorted(): Int32Array {
    if (this.#appeared.length > 0 || this.#vanished || this.#sortAll) this.#renewOrder();
    return this.#order;
  }

  protected newId(): number {
    const id = this.pool.take();
    this.#inOrder = grown(this.#inOrder, id + 1);
    if (!this.#sortAll && this.#appeared.push(id) > 2 * this.pool.size + 1024) {
      this.#sortAll = true;
      this.#appeared = [];
    }
    return id;
  }

  #renewOrder(): void {
    const flags = this.#inOrder;
    let order = this.#vanished ? this.#order.filter((id) => flags[id] === 1) : this.#order;
    let fresh = this.#sortAll ? this.pool.live() : Int32Array.from(this.#appeared);
    let count = 0;
    for (const id of fresh) {
      if (!this.pool.isLive(id) || flags[id] === 1) continue;
      flags[id] = 1;
      fresh[count++] = id;
    }
    fresh = fresh.subarray(0, count);
    if (8 * fresh.length > order.length) {
      const all = new Int32Array(order.length + fresh.length);
      all.set(order);
      all.set(fresh, order.length);
      order = this.#sort(all);
    } else if (fresh.length > 0) order = this.#insert(order, this.#sort(fresh));
    this.#order = order;
    this.#appeared = [];
    this.#sortAll = false;
    this.#vanished = false;
  }

  #sort(ids: Int32Array): Int32Array {
    const high = new Uint32Array(ids.length);
    const low = new Uint32Array(ids.length);
    this.sortWords(ids, high, low);
    return sortByWords(ids, high, low, (a, b) => this.compare(a, b));
  }

  /** Few sorted ids into many: each place is searched for, what lies between is copied whole. */
  #insert(order: Int32Array, fresh: Int32Array): Int32Array {
    const merged = new Int32Array(order.length + fresh.length);
    let done = 0;
    for (let k = 0; k < fresh.length; k++) {
      let from = done;
      let to = order.length;
      while (from < to) {
        const middle = (from + to) >> 1;
        if (this.compare(order[middle]!, fresh[k]!) < 0) from = middle + 1;
        else to = middle;
      }
      merged.set(order.subarray(done, from), done + k);
      merged[from + k] = fresh[k]!;
      done = from;
    }
    merged.set(order.subarray(done), done + fresh.length);
    return merged;
  }
}
