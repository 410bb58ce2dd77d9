import type { DataType } from 'apache-arrow';
import { Recency } from '../aggregate/recency.ts';
import type { Column } from '../columnar/column.ts';
import { KeyReader, type KeyWords } from '../columnar/key-words.ts';
import { isWide } from '../columnar/types.ts';
import type { AggregateResult } from './aggregate-state.ts';

/** When groups are given up. */
export interface EvictionSpec {
  readonly maxGroups?: number | undefined;
  /** In units of the key, or, where there is none, of `now`. */
  readonly ttl?: number | undefined;
  /** Type of the key that tells the time, where a column does. */
  readonly keyType?: DataType | undefined;
  /** Tells the time where no column does. */
  readonly now?: (() => number) | undefined;
}

/** The order of the groups as plain data. */
export interface SavedRecency {
  /** Least recently updated first. */
  readonly slots: Int32Array;
  readonly stamps: Float64Array;
  readonly newest: number;
  /** What the times are counted from, in the words of the key. */
  readonly from: readonly [high: number, low: number] | undefined;
  readonly count: number;
}

/** Rows after which the number of groups is looked at in the middle of a batch, at least. */
const leastCheck = 1024;
/** Rows of a run after one that ended early. */
const leastRun = 32;

/**
 * Knows which groups were updated least recently, and which of them are to go. A group is stamped with the time of its
 * last row: the greatest time seen by then, so stamps never go down. O(1) per row.
 */
export class GroupEviction {
  /** Groups given up so far. */
  count: number = 0;
  /** Whether what is given up is wanted. */
  recording: boolean = false;
  /** What the last batch has given up, oldest first, where it is wanted. */
  last: AggregateResult[] = [];
  readonly #maxGroups: number;
  readonly #rowsPerCheck: number;
  readonly #ttl: number;
  readonly #now: (() => number) | undefined;
  readonly #wide: boolean;
  readonly #reader: KeyReader = new KeyReader();
  #recency: Recency = new Recency();
  #newest: number = -Infinity;
  /** The first time of a wide key: times count from it, so that a double holds them to the unit for longer. */
  #from: readonly [high: number, low: number] | undefined;
  #keys: KeyWords | undefined;
  /** Rows of the next run, at most. */
  #run: number = Infinity;
  /** Rows of the batch that were in when the number of groups was looked at. */
  #checkedAt: number = 0;

  constructor({ maxGroups = Infinity, ttl = Infinity, keyType, now }: EvictionSpec) {
    this.#maxGroups = maxGroups;
    this.#rowsPerCheck = Math.max(maxGroups, leastCheck);
    this.#ttl = ttl;
    this.#now = keyType === undefined ? now : undefined;
    this.#wide = keyType !== undefined && isWide(keyType);
  }

  /** A batch begins, whose rows have these times. */
  begin(order: Column | undefined): void {
    this.last = [];
    this.#checkedAt = 0;
    this.#keys = order === undefined ? undefined : this.#reader.read(order);
    if (this.#now !== undefined && this.#ttl < Infinity) this.#newest = Math.max(this.#newest, this.#now());
  }

  /** The end of a run of rows from `from` on, to be looked at together. */
  runFrom(from: number, length: number): number {
    return Math.min(length, from + this.#run, this.#checkedAt + this.#rowsPerCheck);
  }

  /**
   * Goes through rows `from … to - 1`, in these slots, up to one whose group is too old by then. Gives the number of that
   * row, which belongs to a new group, or `to`.
   */
  touch(slots: Int32Array, from: number, to: number, capacity: number): number {
    const recency = this.#recency;
    const ttl = this.#ttl;
    recency.grow(capacity);
    for (let i = from; i < to; i++) {
      const time = this.#timeOf(i);
      if (time > this.#newest) this.#newest = time;
      const slot = slots[i - from]!;
      if (slot < 0) continue;
      if (recency.has(slot) && this.#newest - recency.stampOf(slot) > ttl) {
        this.#run = Math.max(leastRun, 2 * (i - from));
        return i;
      }
      recency.touch(slot, this.#newest);
    }
    this.#run *= 2;
    return to;
  }

  /** Whether a group has had a row that counts. */
  has(slot: number): boolean {
    return this.#recency.has(slot);
  }

  /** Takes out the groups that are to go now that `row` rows of `length` are in, of `size`; least recently updated first. */
  take(row: number, length: number, size: number): Int32Array {
    const recency = this.#recency;
    const isCheck = row === length || row - this.#checkedAt >= this.#rowsPerCheck;
    if (isCheck) this.#checkedAt = row;
    const most = isCheck ? this.#maxGroups : Infinity;
    const slots: number[] = [];
    for (let slot = recency.oldest; slot >= 0; slot = recency.oldest) {
      const isOld = this.#newest - recency.stampOf(slot) > this.#ttl;
      if (!isOld && size - slots.length <= most) break;
      recency.remove(slot);
      slots.push(slot);
    }
    this.count += slots.length;
    return Int32Array.from(slots);
  }

  #timeOf(row: number): number {
    const keys = this.#keys;
    if (keys === undefined) return Number.NaN;
    const high = keys.high[row]!;
    if (!this.#wide || Number.isNaN(high)) return high;
    const low = keys.low[row]!;
    this.#from ??= [high, low];
    return (high - this.#from[0]) * 2 ** 32 + (low - this.#from[1]);
  }

  save(): SavedRecency {
    const recency = this.#recency;
    const slots: number[] = [];
    for (let slot = recency.oldest; slot >= 0; slot = recency.nextOf(slot)) slots.push(slot);
    return {
      slots: Int32Array.from(slots),
      stamps: Float64Array.from(slots, (slot) => recency.stampOf(slot)),
      newest: this.#newest,
      from: this.#from,
      count: this.count,
    };
  }

  restore({ slots, stamps, newest, from, count }: SavedRecency, capacity: number): void {
    this.#recency = new Recency();
    this.#recency.grow(capacity);
    for (let i = 0; i < slots.length; i++) this.#recency.touch(slots[i]!, stamps[i]!);
    this.#newest = newest;
    this.#from = from;
    this.count = count;
    this.last = [];
  }
}
