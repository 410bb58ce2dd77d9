import { DataType } from 'apache-arrow';
import { getBit } from '../bitmap.ts';
import type { Column, NumberColumn } from '../column.ts';
import { grown } from '../grow.ts';
import { columnOfLanes, lanesOf } from '../lanes.ts';
import { LeafKeys } from './leaf-keys.ts';
import { WordTable } from './word-table.ts';

/** Whole numbers from 0 up to here index an array. */
const directLimit = 1 << 16;

/** Keys that are numbers or booleans. -0 is 0, NaN equals NaN and sorts last. */
export class NumberKeys extends LeafKeys {
  #values: Float64Array = new Float64Array(0);
  /** Id + 1 of small whole numbers, 0 for none. */
  #direct: Int32Array = new Int32Array(0);
  readonly #table: WordTable = new WordTable();
  readonly #double: Float64Array = new Float64Array(1);
  readonly #words: Int32Array = new Int32Array(this.#double.buffer);

  constructor(type: DataType, position: number, dropna: boolean) {
    super(type, DataType.isBool(type) ? 'bool' : 'number', position, dropna);
  }

  protected override assignValues(column: Column, length: number, ids: Int32Array): void {
    const lane = lanesOf(column)[0]!;
    const { validity, offset } = column;
    let direct = this.#direct;
    for (let i = 0; i < length; i++) {
      if (validity !== undefined && !getBit(validity, offset + i)) {
        ids[i] = this.idOfNull();
        continue;
      }
      const x = lane[i]!;
      const index = x | 0;
      const known = index === x && index >= 0 && index < direct.length ? direct[index]! : 0;
      if (known > 0) ids[i] = known - 1;
      else {
        ids[i] = this.#idOf(x);
        direct = this.#direct;
      }
    }
  }

  protected override idAt(column: Column, row: number): number {
    if (column.kind === 'bool') return this.#idOf(Number(getBit(column.values, column.offset + row)));
    return this.#idOf((column as NumberColumn).values[row]!);
  }

  #idOf(x: number): number {
    if (isDirect(x)) {
      const key = x + 0;
      if (key >= this.#direct.length) this.#direct = grown(this.#direct, key + 1);
      if (this.#direct[key]! === 0) this.#direct[key] = this.#newId(key) + 1;
      return this.#direct[key]! - 1;
    }
    this.#setWords(x);
    const low = this.#words[0]!;
    const high = this.#words[1]!;
    let id = this.#table.get(low, high);
    if (id < 0) {
      id = this.#newId(x);
      this.#table.add(low, high, id);
    }
    return id;
  }

  #newId(x: number): number {
    const id = this.newId();
    this.#values = grown(this.#values, id + 1);
    this.#values[id] = x;
    return id;
  }

  #setWords(x: number): void {
    this.#double[0] = Number.isNaN(x) ? Number.NaN : x; // one of the many NaNs
  }

  protected override forgetValue(id: number): void {
    const x = this.#values[id]!;
    if (isDirect(x)) {
      this.#direct[x] = 0;
      return;
    }
    this.#setWords(x);
    this.#table.delete(this.#words[0]!, this.#words[1]!);
  }

  protected override columnOfIds(ids: Int32Array, present: Uint8Array | undefined): Column {
    const type = this.types[0]!;
    const { length } = ids;
    if (DataType.isNull(type)) return { kind: 'null', type, length, validity: undefined, offset: 0 };
    const values = new Float64Array(length);
    for (let i = 0; i < length; i++) values[i] = this.#values[ids[i]!] ?? 0;
    return columnOfLanes(type, [values], present ?? new Uint8Array(length).fill(1));
  }

  protected override compareValues(a: number, b: number): number {
    const x = this.#values[a]!;
    const y = this.#values[b]!;
    if (x < y) return -1;
    if (x > y) return 1;
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  }

  /** The bits of a double sort as it does once negative ones are turned over. */
  protected override sortWords(ids: Int32Array, high: Uint32Array, low: Uint32Array): void {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      this.#setWords(this.isNull(id) ? Number.NaN : this.#values[id]!);
      const h = this.#words[1]!;
      const l = this.#words[0]!;
      high[i] = h < 0 ? ~h : h ^ 0x80000000;
      low[i] = h < 0 ? ~l : l;
    }
  }

  protected override moveWords(): boolean {
    return false;
  }
}

function isDirect(x: number): boolean {
  return x >= 0 && x < directLimit && Number.isInteger(x);
}
