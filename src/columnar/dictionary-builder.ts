import { type DataType, type Dictionary, Vector } from 'apache-arrow';
import { dataOf } from './arrow.ts';
import type { DictionaryColumn } from './column.ts';
import { type Reject, show, type Values } from './fill.ts';
import { encodeStrings } from './fill-utf8.ts';
import { grown } from './grow.ts';

/**
 * Gives strings their codes, the same from batch to batch. Keeps every distinct string; the dictionary's
 * vector is the same object until a new string comes. O(rows and new strings): vectors share their buffers, which are
 * only ever added to.
 */
export class DictionaryBuilder {
  readonly #type: Dictionary;
  readonly #limit: number;
  readonly #codes = new Map<string, number>();
  /** Strings that are not in the buffers yet. */
  #fresh: string[] = [];
  #offsets: Int32Array = new Int32Array(1);
  #bytes: Uint8Array = new Uint8Array(0);
  #vector: Vector | undefined;

  constructor(type: Dictionary) {
    this.#type = type;
    const { bitWidth, isSigned } = type.indices;
    this.#limit = 2 ** Math.min(31, isSigned ? bitWidth - 1 : bitWidth);
  }

  /** Codes of the strings, of 32 bits where the type has 64; a null gets code 0. */
  encode(values: Values, reject: Reject): DictionaryColumn['codes'] {
    const { bitWidth, ArrayType } = this.#type.indices as {
      readonly bitWidth: number;
      readonly ArrayType: unknown;
    };
    const TypedArray = (bitWidth === 64 ? Int32Array : ArrayType) as new (length: number) => Int32Array;
    const codes: DictionaryColumn['codes'] = new TypedArray(values.length);
    const known = this.#codes;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'string') {
        let code = known.get(value);
        if (code === undefined) {
          code = known.size;
          if (code >= this.#limit) {
            reject(i, `more than ${this.#limit} distinct strings, ${show(value)} has no code left`);
            continue;
          }
          known.set(value, code);
          this.#fresh.push(value);
        }
        codes[i] = code;
      } else if (value !== undefined && value !== null) reject(i, `expected utf8, got ${show(value)}`);
    }
    return codes;
  }

  /** The dictionary with all strings so far. */
  get vector(): Vector {
    if (this.#vector === undefined || this.#fresh.length > 0) {
      this.#append(this.#fresh);
      this.#fresh = [];
      const length = this.#codes.size;
      const column = {
        kind: 'utf8' as const,
        type: this.#type.dictionary as DataType,
        length,
        validity: undefined,
        offset: 0,
        valueOffsets: this.#offsets.subarray(0, length + 1),
        bytes: this.#bytes.subarray(0, this.#offsets[length]!),
      };
      this.#vector = new Vector([dataOf(column)]);
    }
    return this.#vector;
  }

  /** Behind what earlier vectors look at. */
  #append(strings: readonly string[]): void {
    const { valueOffsets, bytes } = encodeStrings(strings, () => {});
    const before = this.#codes.size - strings.length;
    const start = this.#offsets[before]!;
    this.#offsets = grown(this.#offsets, this.#codes.size + 1);
    this.#bytes = grown(this.#bytes, start + bytes.length);
    for (let i = 1; i < valueOffsets.length; i++) this.#offsets[before + i] = start + valueOffsets[i]!;
    this.#bytes.set(bytes, start);
  }
}
