import { grown } from '../columnar/grow.ts';
import { SlotPool } from '../columnar/keys/slot-pool.ts';
import { OrderTree } from './order-tree.ts';

/** Sorted values as plain data: each different value of each slot once. */
export interface SavedValues {
  readonly slots: Int32Array;
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** For each slot its doubles in order, equal ones counted. About 40 bytes for each different value of a slot. */
export class SortedValues {
  #values: Float64Array = new Float64Array(0);
  #slotOf: Int32Array = new Int32Array(0);
  #pool: SlotPool = new SlotPool();
  #tree: OrderTree = this.#newTree();

  /** How many values a slot has. */
  count(slot: number): number {
    return this.#tree.weight(slot);
  }

  /** The value number `index` of a slot, in order, from 0. */
  at(slot: number, index: number): number {
    return this.#values[this.#tree.nodeAt(slot, index)]!;
  }

  add(slot: number, value: number, count: number = 1): void {
    const x = value + 0; // never -0
    const known = this.#find(slot, x);
    if (known >= 0) {
      this.#tree.addWeight(slot, known, count);
      return;
    }
    const node = this.#pool.take();
    this.#values = grown(this.#values, node + 1);
    this.#slotOf = grown(this.#slotOf, node + 1);
    this.#values[node] = x;
    this.#slotOf[node] = slot;
    this.#tree.insert(slot, node, count);
  }

  /** Takes away a value that is there. */
  remove(slot: number, value: number): void {
    const node = this.#find(slot, value + 0);
    if (this.#tree.weightOf(node) > 1) {
      this.#tree.addWeight(slot, node, -1);
      return;
    }
    this.#tree.delete(slot, node);
    this.#pool.release(node);
    if (this.#pool.size === 0) this.#clear();
  }

  /** Lets go of all values of a slot. */
  drop(slot: number): void {
    for (const node of this.#tree.firstNodes(slot, Number.POSITIVE_INFINITY)) {
      this.#tree.delete(slot, node);
      this.#pool.release(node);
    }
    if (this.#pool.size === 0) this.#clear();
  }

  save(): SavedValues {
    const nodes = this.#pool.live();
    return {
      slots: Int32Array.from(nodes, (node) => this.#slotOf[node]!),
      values: Float64Array.from(nodes, (node) => this.#values[node]!),
      counts: Float64Array.from(nodes, (node) => this.#tree.weightOf(node)),
    };
  }

  restore({ slots, values, counts }: SavedValues): void {
    this.#clear();
    for (let i = 0; i < slots.length; i++) this.add(slots[i]!, values[i]!, counts[i]);
  }

  #find(slot: number, x: number): number {
    const values = this.#values;
    return this.#tree.find(slot, (node) => {
      const y = values[node]!;
      return x < y ? -1 : x > y ? 1 : 0;
    });
  }

  #newTree(): OrderTree {
    return new OrderTree((a, b) => this.#values[a]! - this.#values[b]!);
  }

  /** Gives the memory back. */
  #clear(): void {
    this.#values = new Float64Array(0);
    this.#slotOf = new Int32Array(0);
    this.#pool = new SlotPool();
    this.#tree = this.#newTree();
  }
}
