import { type DataType, Utf8 } from 'apache-arrow';
import type { SavedGroups } from '../aggregate/group-index.ts';
import { getBit } from '../columnar/bitmap.ts';
import type { Column, Utf8Column } from '../columnar/column.ts';
import { orderOfStrings } from '../columnar/compare.ts';
import { plainColumn } from '../columnar/plain-column.ts';
import { validityBits } from '../columnar/validity.ts';
import { LatestRows } from './latest.ts';
import { RowGroups } from './row-groups.ts';
import type { RunningInput, RunningState } from './running.ts';

interface Saved {
  readonly groups: SavedGroups | undefined;
  readonly latest: ReturnType<LatestRows['save']>;
}

/** The first string (`sign` 1) by code point of each row and those before it, or the last (`sign` -1). */
export class ExtremeTextState implements RunningState {
  readonly #by: readonly DataType[];
  readonly #dropna: boolean;
  readonly #sign: 1 | -1;
  readonly #latest: LatestRows = new LatestRows(new Utf8());
  #groups: RowGroups;

  constructor(by: readonly DataType[], dropna: boolean, sign: 1 | -1) {
    this.#by = by;
    this.#dropna = dropna;
    this.#sign = sign;
    this.#groups = new RowGroups(by, dropna);
  }

  update({ length, args, by }: RunningInput): Column {
    const column = plainColumn(args[0]!) as Utf8Column;
    const present = validityBits(column);
    const isThere = (row: number): boolean => getBit(present, row);
    const beats = (row: number, kept: number): boolean => {
      if (!isThere(row) || kept < 0) return isThere(row);
      const [other, at] = this.#latest.find(kept, column);
      return this.#sign * orderOfStrings(column, row, other as Utf8Column, at) < 0;
    };
    return this.#latest.update(column, this.#groups.slotsOf(by, length), beats, isThere);
  }

  save(): unknown {
    const saved: Saved = { groups: this.#groups.save(), latest: this.#latest.save() };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, latest } = saved as Saved;
    this.#groups = new RowGroups(this.#by, this.#dropna);
    this.#groups.restore(groups);
    this.#latest.restore(latest);
  }
}
