import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { grown } from '../columnar/grow.ts';
import type { KeyTable } from '../columnar/keys/key-table.ts';
import { keyTable } from '../columnar/keys/keys.ts';

export interface GroupIndexOptions {
  /** Rows with a null in their key belong to no group. Default `true`; else null is a key like others, sorted last. */
  dropna?: boolean | undefined;
}

/** The live groups of an index as plain data. */
export interface SavedGroups {
  /** In order of appearance. */
  readonly slots: Int32Array;
  /** Their keys, in columns without type. */
  readonly keys: readonly object[];
}

/**
 * Gives each group of rows a slot: a small dense number, by which aggregations keep their states.
 *
 * Keys compare by value, however they are stored: dictionary codes by the strings they stand for, -0 as 0,
 * NaN as equal to NaN. A slot that is released is given to another key later; a key that comes back is a new
 * group. Keeps O(live groups) and the bytes of their keys.
 */
export class GroupIndex {
  readonly #types: readonly DataType[];
  readonly #dropna: boolean;
  #keys: KeyTable;
  #slots: Int32Array = new Int32Array(0);
  #version = 0;

  /** @throws SchemaError `type-mismatch` where a type cannot be a key. */
  constructor(types: readonly DataType[], { dropna = true }: GroupIndexOptions = {}) {
    this.#types = types;
    this.#dropna = dropna;
    this.#keys = keyTable(types, dropna);
  }

  /** Types of the key columns: those of the input, but strings are utf8 and dictionaries are what they hold. */
  get keyTypes(): readonly DataType[] {
    return this.#keys.types;
  }

  /** Every slot is below this; states need that many. */
  get capacity(): number {
    return this.#keys.pool.capacity;
  }

  /** Number of live groups. */
  get size(): number {
    return this.#keys.pool.size;
  }

  /** Changes whenever a group appears or vanishes: what was made of slots and keys holds while it is the same. */
  get version(): number {
    return this.#version;
  }

  /**
   * The slot of each row, -1 for a row without group. The array is used again by the next call. Where it throws, no
   * group has appeared.
   *
   * @throws SchemaError `schema-mismatch` for a column of another type.
   */
  assign(columns: readonly Column[], length: number): Int32Array {
    this.#slots = grown(this.#slots, length);
    const { size } = this;
    try {
      this.#keys.assign(columns, length, this.#slots);
    } catch (error) {
      for (const slot of this.#keys.pool.live().subarray(size)) this.#keys.release(slot);
      throw error;
    }
    if (this.size !== size) this.#version++;
    return this.#slots.subarray(0, length);
  }

  isLive(slot: number): boolean {
    return this.#keys.pool.isLive(slot);
  }

  /** Ends a group. Its slot may be given to another key: states must be made empty by then. */
  release(slot: number): void {
    this.#keys.release(slot);
    this.#version++;
  }

  /** A column for each key, with a row for each of `slots`. */
  keyColumns(slots: Int32Array): Column[] {
    return this.#keys.columnsOf(slots);
  }

  /**
   * The live slots, or those of them in `slots`, in order of their keys: column by column; numbers by value, NaN
   * after them and null last; strings by code point; false before true. Costs nothing while no group appears or vanishes;
   * not to be written to.
   */
  sorted(slots?: Int32Array): Int32Array {
    return only(this.#keys.sorted(), slots, this.capacity);
  }

  /** The live slots, or those of them in `slots`, in the order their groups appeared. O(groups). */
  inOrderOfAppearance(slots?: Int32Array): Int32Array {
    return only(this.#keys.pool.live(), slots, this.capacity);
  }

  /** The live groups as plain data. */
  save(): SavedGroups {
    const slots = this.inOrderOfAppearance();
    const keys = this.keyColumns(slots).map(({ type: _, data: __, ...column }) => column);
    return { slots, keys };
  }

  /** Replaces all groups by saved ones, with the slots they had. */
  restore({ slots, keys }: SavedGroups): void {
    const { keyTypes } = this;
    const columns = keys.map((key, k) => ({ ...key, type: keyTypes[k]! }) as Column);
    this.#keys = keyTable(this.#types, this.#dropna);
    this.#keys.pool.restart(slots);
    this.#version++;
    this.assign(columns, slots.length);
  }
}

function only(live: Int32Array, slots: Int32Array | undefined, capacity: number): Int32Array {
  if (slots === undefined) return live;
  const wanted = new Uint8Array(capacity);
  for (const slot of slots) wanted[slot] = 1;
  return live.filter((slot) => wanted[slot] === 1);
}
