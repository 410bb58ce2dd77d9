import type { DataType } from 'apache-arrow';
import type { Column } from '../column.ts';
import { grown } from '../grow.ts';
import { SlotPool } from './slot-pool.ts';
import { keepFlagged, mergeByWords, newWords, sortByWords, type Words } from './sort-words.ts';

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
  #order: Words = newWords(0);
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
  /** Readies `sortWords` for keys that are new; true where it now gives others for the old keys (of which there may be none). */
  protected abstract moveWords(fresh: Int32Array, anyOld: boolean): boolean;
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
    return this.#order.ids;
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
    let order = this.#vanished ? keepFlagged(this.#order, flags) : this.#order;
    const fresh = this.#sortAll ? this.pool.live() : Int32Array.from(this.#appeared);
    let count = 0;
    for (const id of fresh) {
      if (!this.pool.isLive(id) || flags[id] === 1) continue;
      flags[id] = 1;
      fresh[count++] = id;
    }
    if (count > 0) {
      const ids = fresh.subarray(0, count);
      if (this.moveWords(ids, order.ids.length > 0)) order = this.#wordsOf(order.ids);
      const compare = (a: number, b: number): number => this.compare(a, b);
      order = mergeByWords(order, sortByWords(this.#wordsOf(ids), compare), compare);
    }
    this.#order = order;
    this.#appeared = [];
    this.#sortAll = false;
    this.#vanished = false;
  }

  #wordsOf(ids: Int32Array): Words {
    const words = { ids, high: new Uint32Array(ids.length), low: new Uint32Array(ids.length) };
    this.sortWords(ids, words.high, words.low);
    return words;
  }
}
