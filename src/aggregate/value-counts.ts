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
  /** By slot its last entry, and by entry those of its slot around it; entries are kept + 1, so that 0 is none. */
  #last: Int32Array = new Int32Array(0);
  #before: Int32Array = new Int32Array(0);
  #after: Int32Array = new Int32Array(0);

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
    this.#link(slot, entry);
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
    this.#unlink(slot, entry);
    this.#pool.release(entry);
    if (this.#pool.size > 0) return;
    // Nothing is left: the memory goes too.
    this.#table = new WordTable();
    this.#pool = new SlotPool();
    this.#slotOf = new Int32Array(0);
    this.#codeOf = new Int32Array(0);
    this.#counts = new Float64Array(0);
    this.#distinct = new Float64Array(0);
    this.#last = new Int32Array(0);
    this.#before = new Int32Array(0);
    this.#after = new Int32Array(0);
  }

  /** Lets go of all entries of a slot. O(entries of the slot). */
  drop(slot: number): void {
    for (let last = this.#last[slot] ?? 0; last !== 0; last = this.#last[slot] ?? 0) this.leave(last - 1);
  }

  #link(slot: number, entry: number): void {
    this.#last = grown(this.#last, slot + 1);
    this.#before = grown(this.#before, entry + 1);
    this.#after = grown(this.#after, entry + 1);
    const before = this.#last[slot]!;
    this.#before[entry] = before;
    this.#after[entry] = 0;
    if (before !== 0) this.#after[before - 1] = entry + 1;
    this.#last[slot] = entry + 1;
  }

  #unlink(slot: number, entry: number): void {
    const before = this.#before[entry]!;
    const after = this.#after[entry]!;
    if (before !== 0) this.#after[before - 1] = after;
    if (after === 0) this.#last[slot] = before;
    else this.#before[after - 1] = before;
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
