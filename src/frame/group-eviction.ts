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
  readonly count: number;
}

/** Rows at a time where the number of groups is limited, at least. */
const leastRun = 1024;

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
  readonly #ttl: number;
  readonly #now: (() => number) | undefined;
  readonly #wide: boolean;
  readonly #reader: KeyReader = new KeyReader();
  #recency: Recency = new Recency();
  #newest: number = -Infinity;
  #keys: KeyWords | undefined;

  constructor({ maxGroups = Infinity, ttl = Infinity, keyType, now }: EvictionSpec) {
    this.#maxGroups = maxGroups;
    this.#ttl = ttl;
    this.#now = keyType === undefined ? now : undefined;
    this.#wide = keyType !== undefined && isWide(keyType);
  }

  /** A batch begins, whose rows have these times. */
  begin(order: Column | undefined): void {
    this.last = [];
    this.#keys = order === undefined ? undefined : this.#reader.read(order);
    if (this.#now !== undefined && this.#ttl < Infinity) this.#newest = Math.max(this.#newest, this.#now());
  }

  /** Time has come to row `row`. */
  reach(row: number): void {
    const time = this.#timeOf(row);
    if (time > this.#newest) this.#newest = time;
  }

  /** The row, after `from` and at most `length`, before which a group could have to go. */
  runFrom(from: number, length: number): number {
    const end = Math.min(length, from + Math.max(this.#maxGroups, leastRun));
    if (this.#keys === undefined || this.#ttl === Infinity) return end;
    const { oldest } = this.#recency;
    const limit = (oldest < 0 ? this.#newest : this.#recency.stampOf(oldest)) + this.#ttl;
    let to = from + 1;
    while (to < end && !(this.#timeOf(to) > limit)) to++;
    return to;
  }

  /** Rows `from … to - 1` are in, in these slots. */
  touch(slots: Int32Array, from: number, to: number, capacity: number): void {
    const recency = this.#recency;
    recency.grow(capacity);
    for (let i = from; i < to; i++) {
      this.reach(i);
      const slot = slots[i - from]!;
      if (slot >= 0) recency.touch(slot, this.#newest);
    }
  }

  /** Takes out the groups that are too old, or too many of `size`; the least recently updated first. */
  take(size: number): Int32Array {
    const recency = this.#recency;
    const slots: number[] = [];
    for (let slot = recency.oldest; slot >= 0; slot = recency.oldest) {
      const isOld = this.#newest - recency.stampOf(slot) > this.#ttl;
      if (!isOld && size - slots.length <= this.#maxGroups) break;
      recency.remove(slot);
      slots.push(slot);
    }
    this.count += slots.length;
    return Int32Array.from(slots);
  }

  #timeOf(row: number): number {
    const keys = this.#keys;
    if (keys === undefined) return Number.NaN;
    return this.#wide ? keys.high[row]! * 2 ** 32 + keys.low[row]! : keys.high[row]!;
  }

  save(): SavedRecency {
    const recency = this.#recency;
    const slots: number[] = [];
    for (let slot = recency.oldest; slot >= 0; slot = recency.nextOf(slot)) slots.push(slot);
    return {
      slots: Int32Array.from(slots),
      stamps: Float64Array.from(slots, (slot) => recency.stampOf(slot)),
      newest: this.#newest,
      count: this.count,
    };
  }

  restore({ slots, stamps, newest, count }: SavedRecency, capacity: number): void {
    this.#recency = new Recency();
    this.#recency.grow(capacity);
    for (let i = 0; i < slots.length; i++) this.#recency.touch(slots[i]!, stamps[i]!);
    this.#newest = newest;
    this.count = count;
    this.last = [];
  }
}
