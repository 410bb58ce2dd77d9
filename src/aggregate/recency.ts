const absent = -2;
const none = -1;

/**
 * Slots in the order in which they were last touched, each with a stamp that never goes down along that order. Linked
 * through typed arrays: every operation is O(1), 16 bytes per slot.
 */
export class Recency {
  #newer: Int32Array = new Int32Array(0);
  #older: Int32Array = new Int32Array(0);
  #stamps: Float64Array = new Float64Array(0);
  #newest = none;
  #oldest = none;

  /** The slot that was touched least recently, -1 where there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  has(slot: number): boolean {
    return slot < this.#older.length && this.#older[slot] !== absent;
  }

  /** When a slot that is there was last touched. */
  stampOf(slot: number): number {
    return this.#stamps[slot]!;
  }

  /** Makes room for slots below `capacity`. */
  grow(capacity: number): void {
    const before = this.#older.length;
    if (capacity <= before) return;
    const length = Math.max(16, capacity, 2 * before);
    const grown = <A extends Int32Array | Float64Array>(into: A, from: A): A => {
      into.set(from);
      return into;
    };
    this.#newer = grown(new Int32Array(length), this.#newer);
    this.#older = grown(new Int32Array(length).fill(absent, before), this.#older);
    this.#stamps = grown(new Float64Array(length), this.#stamps);
  }

  /** Puts a slot at the newest end. */
  touch(slot: number, stamp: number): void {
    this.#stamps[slot] = stamp;
    if (slot === this.#newest) return;
    if (this.#older[slot] !== absent) this.#unlink(slot);
    this.#older[slot] = this.#newest;
    this.#newer[slot] = none;
    if (this.#newest === none) this.#oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
  }

  /** Takes out a slot that is there. */
  remove(slot: number): void {
    this.#unlink(slot);
    this.#older[slot] = absent;
  }

  #unlink(slot: number): void {
    const newer = this.#newer[slot]!;
    const older = this.#older[slot]!;
    if (older === none) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === none) this.#newest = older;
    else this.#older[newer] = older;
  }

  /** The slots after `slot` in the order of age; -1 behind the newest. */
  nextOf(slot: number): number {
    return this.#newer[slot]!;
  }
}
