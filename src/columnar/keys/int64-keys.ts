import type { DataType } from 'apache-arrow';
import { getBit, packBits } from '../bitmap.ts';
import type { Column, Int64Column } from '../column.ts';
import { grown } from '../grow.ts';
import { isUnsigned } from '../types.ts';
import { LeafKeys } from './leaf-keys.ts';
import { WordTable } from './word-table.ts';

/** Keys of 64 bits: integers, timestamps, dates, durations. Compared as their words; no bigint is made. */
export class Int64Keys extends LeafKeys {
  /** Low and high word of each id. */
  #words: Int32Array = new Int32Array(0);
  readonly #table: WordTable = new WordTable();
  /** Flips the sign bit of signed types, so that all sort as unsigned. */
  readonly #flip: number;

  constructor(type: DataType, position: number, dropna: boolean) {
    super(type, 'int64', position, dropna);
    this.#flip = isUnsigned(type) ? 0 : 0x80000000;
  }

  protected override assignValues(column: Column, length: number, ids: Int32Array): void {
    const words = wordsOf(column);
    const { validity, offset } = column;
    for (let i = 0; i < length; i++) {
      if (validity !== undefined && !getBit(validity, offset + i)) ids[i] = this.idOfNull();
      else ids[i] = this.#idOf(words[2 * i]!, words[2 * i + 1]!);
    }
  }

  protected override idAt(column: Column, row: number): number {
    const words = wordsOf(column);
    return this.#idOf(words[2 * row]!, words[2 * row + 1]!);
  }

  #idOf(low: number, high: number): number {
    const known = this.#table.get(low, high);
    if (known >= 0) return known;
    const id = this.newId();
    this.#words = grown(this.#words, 2 * id + 2);
    this.#words[2 * id] = low;
    this.#words[2 * id + 1] = high;
    this.#table.add(low, high, id);
    return id;
  }

  protected override forgetValue(id: number): void {
    this.#table.delete(this.#words[2 * id]!, this.#words[2 * id + 1]!);
  }

  protected override columnOfIds(ids: Int32Array, present: Uint8Array | undefined): Column {
    const type = this.types[0]!;
    const { length } = ids;
    const words = new Int32Array(2 * length);
    for (let i = 0; i < length; i++) {
      words[2 * i] = this.#words[2 * ids[i]!] ?? 0;
      words[2 * i + 1] = this.#words[2 * ids[i]! + 1] ?? 0;
    }
    const values = isUnsigned(type) ? new BigUint64Array(words.buffer) : new BigInt64Array(words.buffer);
    return { kind: 'int64', type, length, validity: packBits(present), offset: 0, values };
  }

  protected override compareValues(a: number, b: number): number {
    const words = this.#words;
    const flip = this.#flip;
    const high = ((words[2 * a + 1]! ^ flip) >>> 0) - ((words[2 * b + 1]! ^ flip) >>> 0);
    return high !== 0 ? high : (words[2 * a]! >>> 0) - (words[2 * b]! >>> 0);
  }

  protected override sortWords(ids: Int32Array, high: Uint32Array, low: Uint32Array): void {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      high[i] = this.isNull(id) ? -1 : this.#words[2 * id + 1]! ^ this.#flip;
      low[i] = this.isNull(id) ? -1 : this.#words[2 * id]!;
    }
  }

  protected override moveWords(): boolean {
    return false;
  }
}

function wordsOf(column: Column): Int32Array {
  const { values, length } = column as Int64Column;
  return new Int32Array(values.buffer, values.byteOffset, 2 * length);
}
