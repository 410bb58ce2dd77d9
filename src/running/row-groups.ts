import type { DataType } from 'apache-arrow';
import { GroupIndex, type SavedGroups } from '../aggregate/group-index.ts';
import { clearBit, copyBits } from '../columnar/bitmap.ts';
import type { Column } from '../columnar/column.ts';
import { grown } from '../columnar/grow.ts';
import { withValidity } from '../columnar/nulls.ts';
import { validityBits } from '../columnar/validity.ts';

/**
 * The slot of each row's group: 0 for all rows where there are no keys, -1 for a row whose key is null. Groups stay for
 * ever.
 */
export class RowGroups {
  readonly #index: GroupIndex | undefined;
  #zeros: Int32Array = new Int32Array(0);

  /** @param dropna `false` makes a group of the rows whose key is null. */
  constructor(types: readonly DataType[], dropna: boolean = true) {
    this.#index = types.length === 0 ? undefined : new GroupIndex(types, { dropna });
  }

  /** Every slot is below this. */
  get capacity(): number {
    return this.#index?.capacity ?? 1;
  }

  /** Whether there are no keys. */
  get isOne(): boolean {
    return this.#index === undefined;
  }

  /** The array is used again by the next call. */
  slotsOf(keys: readonly Column[], length: number): Int32Array {
    if (this.#index !== undefined) return this.#index.assign(keys, length);
    if (this.#zeros.length < length) this.#zeros = grown(new Int32Array(0), length);
    return this.#zeros.subarray(0, length);
  }

  save(): SavedGroups | undefined {
    return this.#index?.save();
  }

  restore(saved: SavedGroups | undefined): void {
    if (saved !== undefined) this.#index?.restore(saved);
  }
}

/** Whether the options of a running function leave out rows whose key is null, which is the rule. */
export function dropsNull(options: Readonly<Record<string, unknown>>): boolean {
  return options.dropna !== false;
}

/** Null for the rows that belong to no group. */
export function nullWhereNone(column: Column, slots: Int32Array): Column {
  if (!slots.includes(-1)) return column;
  const validity = validityBits(column);
  for (let i = 0; i < slots.length; i++) if (slots[i]! < 0) clearBit(validity, i);
  if (column.kind === 'bool')
    return { ...column, values: copyBits(column.values, column.offset, column.length), validity, offset: 0 };
  return withValidity({ ...column, offset: 0 }, validity);
}
