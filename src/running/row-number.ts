import type { DataType } from 'apache-arrow';
import { exactInteger, exactIntegers } from '../aggregate/exact-integer.ts';
import type { SavedGroups } from '../aggregate/group-index.ts';
import type { Column } from '../columnar/column.ts';
import { grown } from '../columnar/grow.ts';
import { dropsNull, nullWhereNone, RowGroups } from './row-groups.ts';
import type { RunningDefinition, RunningInput, RunningState } from './running.ts';

export const rowNumber: RunningDefinition = {
  name: 'rowNumber',
  bind: ({ by }, options) => ({
    output: exactInteger,
    plainNumber: true,
    create: () => new RowNumberState(by, dropsNull(options)),
  }),
};

interface Saved {
  readonly groups: SavedGroups | undefined;
  readonly counts: Float64Array;
}

/** Which row of its group a row is, from 1. */
class RowNumberState implements RunningState {
  readonly #by: readonly DataType[];
  readonly #dropna: boolean;
  #groups: RowGroups;
  #counts: Float64Array = new Float64Array(0);

  constructor(by: readonly DataType[], dropna: boolean) {
    this.#by = by;
    this.#dropna = dropna;
    this.#groups = new RowGroups(by, dropna);
  }

  update({ length, by }: RunningInput): Column {
    const slots = this.#groups.slotsOf(by, length);
    this.#counts = grown(this.#counts, this.#groups.capacity);
    const counts = this.#counts;
    const numbers = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot >= 0) numbers[i] = ++counts[slot]!;
    }
    const rows = Int32Array.from({ length }, (_, i) => i);
    return nullWhereNone(exactIntegers(numbers, rows), slots);
  }

  save(): unknown {
    const saved: Saved = { groups: this.#groups.save(), counts: this.#counts.slice() };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, counts } = saved as Saved;
    this.#groups = new RowGroups(this.#by, this.#dropna);
    this.#groups.restore(groups);
    this.#counts = counts.slice();
  }
}
