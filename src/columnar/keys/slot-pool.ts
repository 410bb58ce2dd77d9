import { grown } from '../grow.ts';

/** Marks a slot that is not live in `#previous`. */
const dead = -2;

/**
 * Small numbers, handed out and taken back. A slot that was given back is handed out again before a new one
 * is made, so numbers stay below the most that were ever live at once. The live ones are linked in the order
 * they were handed out.
 */
export class SlotPool {
  #next: Int32Array = new Int32Array(0);
  #previous: Int32Array = new Int32Array(0);
  #first = -1;
  #last = -1;
  #free: number[] = [];
  #capacity = 0;
  #size = 0;

  /** Every slot is below this. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Number of live slots. */
  get size(): number {
    return this.#size;
  }

  isLive(slot: number): boolean {
    return slot < this.#capacity && this.#previous[slot] !== dead;
  }

  take(): number {
    const slot = this.#free.pop() ?? this.#newSlot();
    this.#previous[slot] = this.#last;
    this.#next[slot] = -1;
    if (this.#last < 0) this.#first = slot;
    else this.#next[this.#last] = slot;
    this.#last = slot;
    this.#size++;
    return slot;
  }

  /** Takes back a live slot. */
  release(slot: number): void {
    const before = this.#previous[slot]!;
    const after = this.#next[slot]!;
    if (before < 0) this.#first = after;
    else this.#next[before] = after;
    if (after < 0) this.#last = before;
    else this.#previous[after] = before;
    this.#previous[slot] = dead;
    this.#free.push(slot);
    this.#size--;
  }

  /** The live slots in the order they were handed out. O(size). */
  live(): Int32Array {
    const slots = new Int32Array(this.#size);
    for (let i = 0, slot = this.#first; slot >= 0; slot = this.#next[slot]!) slots[i++] = slot;
    return slots;
  }

  /** Empties the pool and makes it hand out `slots` next, in that order. */
  restart(slots: Int32Array): void {
    this.#first = -1;
    this.#last = -1;
    this.#size = 0;
    this.#capacity = slots.reduce((most, slot) => Math.max(most, slot + 1), 0);
    this.#next = new Int32Array(this.#capacity);
    this.#previous = new Int32Array(this.#capacity).fill(dead);
    const wanted = new Set(slots);
    this.#free = [];
    for (let slot = 0; slot < this.#capacity; slot++) if (!wanted.has(slot)) this.#free.push(slot);
    for (let i = slots.length - 1; i >= 0; i--) this.#free.push(slots[i]!);
  }

  #newSlot(): number {
    const slot = this.#capacity++;
    this.#next = grown(this.#next, slot + 1);
    this.#previous = grown(this.#previous, slot + 1);
    return slot;
  }
}
