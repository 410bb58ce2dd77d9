import type { DataType } from 'apache-arrow';
import type { SavedGroups } from '../aggregate/group-index.ts';
import { clearBit, getBit } from '../columnar/bitmap.ts';
import type { Column } from '../columnar/column.ts';
import { grown } from '../columnar/grow.ts';
import { plainColumn, plainType } from '../columnar/plain-column.ts';
import { isFloat } from '../columnar/types.ts';
import { validityBits } from '../columnar/validity.ts';
import { LatestRows } from './latest.ts';
import { canBeKept, notAvailable } from './refusal.ts';
import { dropsNull, RowGroups } from './row-groups.ts';
import type { RunningDefinition, RunningInput, RunningState, RunningTypes } from './running.ts';

export const forwardFill: RunningDefinition = {
  name: 'forwardFill',
  bind(types, options) {
    const type = types.args[0]!;
    if (!canBeKept(type)) throw notAvailable('forwardFill', type);
    return { output: plainType(type), create: () => new FillState(types, options) };
  },
};

interface Saved {
  readonly groups: SavedGroups | undefined;
  readonly latest: ReturnType<LatestRows['save']>;
  readonly gaps: Float64Array;
}

/** The last value that was there, of each group. */
class FillState implements RunningState {
  readonly #by: readonly DataType[];
  readonly #dropna: boolean;
  readonly #limit: number;
  readonly #latest: LatestRows;
  #groups: RowGroups;
  /** How many rows have been missing since, of each slot. */
  #gaps: Float64Array = new Float64Array(0);

  constructor({ args, by }: RunningTypes, options: Readonly<Record<string, unknown>>) {
    this.#by = by;
    this.#dropna = dropsNull(options);
    this.#limit = (options.limit as number | undefined) ?? Number.POSITIVE_INFINITY;
    this.#latest = new LatestRows(plainType(args[0]!));
    this.#groups = new RowGroups(by, this.#dropna);
  }

  update({ length, args, by }: RunningInput): Column {
    const column = plainColumn(args[0]!);
    const slots = this.#groups.slotsOf(by, length);
    const present = presentBits(column);
    this.#gaps = grown(this.#gaps, this.#groups.capacity);
    const gaps = this.#gaps;
    const limit = this.#limit;
    return this.#latest.update(
      column,
      slots,
      (row) => getBit(present, row),
      (row) => {
        const slot = slots[row]!;
        gaps[slot] = getBit(present, row) ? 0 : gaps[slot]! + 1;
        return gaps[slot]! <= limit;
      },
    );
  }

  save(): unknown {
    const saved: Saved = {
      groups: this.#groups.save(),
      latest: this.#latest.save(),
      gaps: this.#gaps.slice(),
    };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, latest, gaps } = saved as Saved;
    this.#groups = new RowGroups(this.#by, this.#dropna);
    this.#groups.restore(groups);
    this.#latest.restore(latest);
    this.#gaps = gaps.slice();
  }
}

/** Which rows have a value: neither null nor NaN. */
export function presentBits(column: Column): Uint8Array {
  const bits = validityBits(column);
  if (column.kind !== 'number' || !isFloat(column.type)) return bits;
  const { values, length } = column;
  for (let i = 0; i < length; i++) if (Number.isNaN(values[i])) clearBit(bits, i);
  return bits;
}
