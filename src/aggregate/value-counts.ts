import { grown } from '../columnar/grow.ts';
import { SlotPool } from '../columnar/keys/slot-pool.ts';
import { WordTable } from '../columnar/keys/word-table.ts';

/** Counts as plain data. */
export interface SavedCounts {
  readonly slots: Int32Array;
  readonly codes: Int32Array;
  readonly counts: Float64Array;
}

/** How often each slot has each code. An entry is a small number for a slot and a code whose count is not 0. */
export class ValueCounts {
  #table: WordTable = new WordTable();
  #pool: SlotPool = new SlotPool();
  #slotOf: Int32Array = new Int32Array(0);
  #codeOf: Int32Array = new Int32Array(0);
  #counts: Float64Array = new Float64Array(0);
  #distinct: Float64Array = new Float64Array(0);

  /** The entry of a slot and a code, -1 for none. */
  entry(slot: number, code: number): number {
    return this.#table.get(slot, code);
  }

  codeOf(entry: number): number {
    return this.#codeOf[entry]!;
  }

  countOf(entry: number): number {
    return this.#counts[entry]!;
  }

  /** How many different codes each slot has. */
  distinct(slots: number): Float64Array {
    this.#distinct = grown(this.#distinct, slots);
    return this.#distinct;
  }

  /** Adds an entry that is not there, with count 0. */
  enter(slot: number, code: number): number {
    const entry = this.#pool.take();
    this.#table.add(slot, code, entry);
    this.#slotOf = grown(this.#slotOf, entry + 1);
    this.#codeOf = grown(this.#codeOf, entry + 1);
    this.#counts = grown(this.#counts, entry + 1);
    this.#distinct = grown(this.#distinct, slot + 1);
    this.#slotOf[entry] = slot;
    this.#codeOf[entry] = code;
    this.#counts[entry] = 0;
    this.#distinct[slot]! += 1;
    return entry;
  }

  /** Adds to a count and returns what it is now. */
  count(entry: number, by: number): number {
    this.#counts[entry]! += by;
    return this.#counts[entry]!;
  }

  leave(entry: number): void {
    const slot = this.#slotOf[entry]!;
    this.#table.delete(slot, this.#codeOf[entry]!);
    this.#distinct[slot]! -= 1;
    this.#pool.release(entry);
    if (this.#pool.size > 0) return;
    // Nothing is left: the memory goes too.
    this.#table = new WordTable();
    this.#pool = new SlotPool();
    this.#slotOf = new Int32Array(0);
    this.#codeOf = new Int32Array(0);
    this.#counts = new Float64Array(0);
    this.#distinct = new Float64Array(0);
  }

  /** Lets go of all entries of a slot. O(entries of all slots). */
  drop(slot: number): void {
    for (const entry of this.entries().slice()) if (this.#slotOf[entry] === slot) this.leave(entry);
  }

  entries(): Int32Array {
    return this.#pool.live();
  }

  save(): SavedCounts {
    const entries = this.entries();
    return {
      slots: Int32Array.from(entries, (entry) => this.#slotOf[entry]!),
      codes: Int32Array.from(entries, (entry) => this.#codeOf[entry]!),
      counts: Float64Array.from(entries, (entry) => this.#counts[entry]!),
    };
  }
}
