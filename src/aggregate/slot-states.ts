import type { SlotAggregation } from './aggregation.ts';

/** The state of one aggregation over slots, growing. Slots that took nothing hold the initial state. */
export class SlotStates {
  readonly aggregation: SlotAggregation;
  fields: Float64Array[];
  #capacity: number;

  constructor(aggregation: SlotAggregation, capacity: number) {
    this.aggregation = aggregation;
    this.#capacity = capacity;
    this.fields = aggregation.initial.map((value) => new Float64Array(capacity).fill(value));
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Makes room for `slots` slots. */
  grow(slots: number): void {
    if (slots <= this.#capacity) return;
    const before = this.#capacity;
    const capacity = Math.max(slots, 2 * before);
    this.#capacity = capacity;
    this.fields = this.fields.map((field, f) => {
      const grown = new Float64Array(capacity);
      grown.set(field);
      return grown.fill(this.aggregation.initial[f]!, before);
    });
  }

  reset(slot: number): void {
    const { fields } = this;
    const { initial } = this.aggregation;
    for (let f = 0; f < fields.length; f++) fields[f]![slot] = initial[f]!;
  }

  /** Puts slots `0 … slots - 1` back to the initial state. */
  resetFirst(slots: number): void {
    const { fields } = this;
    const { initial } = this.aggregation;
    for (let f = 0; f < fields.length; f++) fields[f]!.fill(initial[f]!, 0, slots);
  }

  /** Puts the slots of rows back to the initial state. */
  resetOf(slotOf: Int32Array, from: number, to: number): void {
    const { fields } = this;
    const { initial } = this.aggregation;
    for (let f = 0; f < fields.length; f++) {
      const field = fields[f]!;
      const value = initial[f]!;
      for (let i = from; i < to; i++) {
        const slot = slotOf[i]!;
        if (slot >= 0) field[slot] = value;
      }
    }
  }
}
