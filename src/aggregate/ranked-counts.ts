import type { Codes } from './codes.ts';
import { OrderTree } from './order-tree.ts';
import { type SavedCounts, ValueCounts } from './value-counts.ts';

/**
 * For each slot its values by how often they are there, of equal ones the smallest first. O(log values of the slot)
 * per change.
 */
export class RankedCounts {
  readonly #values: ValueCounts = new ValueCounts();
  readonly #tree: OrderTree;

  constructor(codes: Codes) {
    const values = this.#values;
    this.#tree = new OrderTree(
      (a, b) => values.countOf(b) - values.countOf(a) || codes.compare(values.codeOf(a), values.codeOf(b)),
    );
  }

  add(slot: number, code: number, count: number = 1): void {
    let entry = this.#values.entry(slot, code);
    if (entry < 0) entry = this.#values.enter(slot, code);
    else this.#tree.delete(slot, entry);
    this.#values.count(entry, count);
    this.#tree.insert(slot, entry, 1);
  }

  remove(slot: number, code: number): void {
    const entry = this.#values.entry(slot, code);
    this.#tree.delete(slot, entry);
    if (this.#values.count(entry, -1) === 0) this.#values.leave(entry);
    else this.#tree.insert(slot, entry, 1);
  }

  /** Lets go of all values of a slot. */
  drop(slot: number): void {
    for (const entry of this.#tree.firstNodes(slot, Number.POSITIVE_INFINITY)) {
      this.#tree.delete(slot, entry);
      this.#values.leave(entry);
    }
  }

  /** The most frequent values of a slot, `most` of them if there are as many. */
  top(slot: number, most: number): { code: number; count: number }[] {
    return this.#tree
      .firstNodes(slot, most)
      .map((entry) => ({ code: this.#values.codeOf(entry), count: this.#values.countOf(entry) }));
  }

  /** The codes that are there. */
  *codes(): Iterable<number> {
    for (const entry of this.#values.entries()) yield this.#values.codeOf(entry);
  }

  save(): SavedCounts {
    return this.#values.save();
  }

  restore({ slots, codes, counts }: SavedCounts): void {
    for (let i = 0; i < slots.length; i++) this.add(slots[i]!, codes[i]!, counts[i]);
  }
}
