import type { Column } from './column.ts';
import { lanesOf } from './lanes.ts';

/** Keys that keep all their digits: key = high · 2³² + low, or high alone with zeros in `low`. NaN in `high` is missing. */
export interface KeyWords {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/** Reads ordered keys of batch after batch into arrays that it uses again. */
export class KeyReader {
  #high: Float64Array = new Float64Array(0);
  #low: Float64Array = new Float64Array(0);
  /** Longest column since the arrays were last looked over, and how many there were. */
  #longest = 0;
  #reads = 0;

  /** The keys of a number or 64-bit column; good until the next call. They may be longer than the column. */
  read(column: Column): KeyWords {
    const { length } = column;
    this.#makeRoom(length);
    if (column.kind === 'int64' && column.validity === undefined) {
      const { buffer, byteOffset } = column.values;
      const unsigned = new Uint32Array(buffer, byteOffset, 2 * length);
      const signed =
        column.values instanceof BigUint64Array ? unsigned : new Int32Array(buffer, byteOffset, 2 * length);
      readWords(signed, unsigned, this.#high, this.#low, length);
      return { high: this.#high, low: this.#low };
    }
    const [high, low] = lanesOf(column);
    if (low !== undefined) return { high: high!, low };
    this.#low.fill(0, 0, length);
    return { high: high!, low: this.#low };
  }

  /** Grows the arrays where they are too short, and shrinks them when for a while they have been far too long. */
  #makeRoom(length: number): void {
    this.#longest = Math.max(this.#longest, length);
    let room = this.#low.length;
    if (length > room) room = Math.max(length, Math.min(2 * room, 2 * length));
    else if (++this.#reads >= readsPerLook) {
      if (2 * this.#longest < room) room = this.#longest;
      this.#reads = 0;
      this.#longest = 0;
    }
    if (room === this.#low.length) return;
    this.#high = new Float64Array(room);
    this.#low = new Float64Array(room);
  }
}

const readsPerLook = 256;

function readWords(
  highs: Int32Array | Uint32Array,
  lows: Uint32Array,
  high: Float64Array,
  low: Float64Array,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    low[i] = lows[2 * i]!;
    high[i] = highs[2 * i + 1]!;
  }
}
