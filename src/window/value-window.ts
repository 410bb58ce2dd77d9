import type { KeyWords } from '../columnar/key-words.ts';
import type { Closed } from './window-spec.ts';

/** What a value window makes of a batch. */
export interface Admission {
  /** The rows that enter, ascending; `undefined` where all do. */
  readonly rows: Int32Array | undefined;
  /** The rows that wait for the newest key to move on, ascending. They carry the newest key. */
  readonly waiting: Int32Array | undefined;
  /** Whether the rows that waited before enter, ahead of `rows`. */
  readonly moved: boolean;
  /** Whether all rows enter and their keys never go down. */
  readonly ordered: boolean;
  readonly rejected: number;
  readonly late: number;
  readonly newestHigh: number;
  readonly newestLow: number;
}

/** The words of a width or key: `high · 2³² + low`. */
export function wordsOf(value: bigint): { high: number; low: number } {
  return { high: Number(value >> 32n), low: Number(BigInt.asUintN(32, value)) };
}

const none = new Int32Array(0);

/**
 * Which keys are in view of a window over an ordered key: from the greatest key ever seen down to `width`
 * below it. Knows keys only; the rows are kept elsewhere. 64-bit keys are compared exactly, in two words.
 */
export class ValueWindow {
  readonly #widthHigh: number;
  readonly #widthLow: number;
  readonly #lowerClosed: boolean;
  readonly #upperClosed: boolean;
  /** Greatest key seen; -Infinity before the first. */
  newestHigh: number = -Infinity;
  newestLow: number = 0;
  /** A key is out of view where high < edgeHigh, or high = edgeHigh and low < edgeLow. */
  edgeHigh: number = -Infinity;
  edgeLow: number = 0;
  rejected: number = 0;
  late: number = 0;

  /** @param words whether keys come in two words. */
  constructor(width: bigint | number, closed: Closed, words: boolean) {
    const { high, low } = words ? wordsOf(BigInt(width)) : { high: Number(width), low: 0 };
    this.#widthHigh = high;
    this.#widthLow = low;
    this.#lowerClosed = closed === 'left' || closed === 'both';
    this.#upperClosed = closed === 'right' || closed === 'both';
  }

  /** The greatest key seen, or where the window has been moved to; `undefined` before the first. */
  get end(): { readonly high: number; readonly low: number } | undefined {
    const { newestHigh: high, newestLow: low } = this;
    return high === -Infinity ? undefined : { high, low };
  }

  /** Whether rows that carry the newest key wait until a greater one comes. */
  get waits(): boolean {
    return !this.#upperClosed;
  }

  isOut(high: number, low: number): boolean {
    return high < this.edgeHigh || (high === this.edgeHigh && low < this.edgeLow);
  }

  /** The first of the ordered rows `from … to - 1` that is not out of view, or `to`. O(log of its distance). */
  firstIn({ high, low }: KeyWords, from: number, to: number): number {
    let step = 1;
    let out = from - 1;
    let end = from;
    while (end < to && this.isOut(high[end]!, low[end]!)) {
      out = end;
      end += step;
      step *= 2;
    }
    end = Math.min(end, to);
    while (end - out > 1) {
      const middle = (out + end) >> 1;
      if (this.isOut(high[middle]!, low[middle]!)) out = middle;
      else end = middle;
    }
    return end;
  }

  /**
   * Decides about the rows of a batch in arrival order and changes nothing; `move` makes it true. A key that
   * is missing or infinite is rejected; one that was out of view when it came is late.
   *
   * @param all whether rows enter that the rest of their batch moves out of view again.
   */
  admit({ high, low }: KeyWords, length: number, all: boolean): Admission {
    if (this.#upperClosed && length > 0 && isOrderedAndFinite(high, low, length)) {
      const last = length - 1;
      const newer = isAfter(high[last]!, low[last]!, this.newestHigh, this.newestLow);
      const newestHigh = newer ? high[last]! : this.newestHigh;
      const newestLow = newer ? low[last]! : this.newestLow;
      const edge = this.edgeOf(newestHigh, newestLow);
      if (!isAfter(edge.high, edge.low, high[0]!, low[0]!)) {
        return {
          rows: undefined,
          waiting: undefined,
          moved: newer,
          ordered: true,
          rejected: 0,
          late: 0,
          newestHigh,
          newestLow,
        };
      }
    }
    return this.#pick(high, low, length, all);
  }

  /** Row by row, as if each were a batch. */
  #pick(high: Float64Array, low: Float64Array, length: number, all: boolean): Admission {
    let { newestHigh, newestLow } = this;
    let edge = { high: this.edgeHigh, low: this.edgeLow };
    const rows = new Int32Array(length);
    let count = 0;
    let rejected = 0;
    let late = 0;
    for (let i = 0; i < length; i++) {
      const h = high[i]!;
      const l = low[i]!;
      if (h - h !== 0) {
        rejected++;
        continue;
      }
      if (h > newestHigh || (h === newestHigh && l > newestLow)) {
        newestHigh = h;
        newestLow = l;
        edge = this.edgeOf(h, l);
      } else if (h < edge.high || (h === edge.high && l < edge.low)) {
        late++;
        continue;
      }
      rows[count++] = i;
    }
    const moved = newestHigh !== this.newestHigh || newestLow !== this.newestLow;
    let entering = 0;
    let waiting = 0;
    const wait = this.#upperClosed ? none : new Int32Array(count);
    for (let k = 0; k < count; k++) {
      const i = rows[k]!;
      const h = high[i]!;
      const l = low[i]!;
      if (!this.#upperClosed && h === newestHigh && l === newestLow) wait[waiting++] = i;
      else if (all || !(h < edge.high || (h === edge.high && l < edge.low))) rows[entering++] = i;
    }
    return {
      rows: entering === length ? undefined : rows.subarray(0, entering),
      waiting: waiting === 0 ? undefined : wait.subarray(0, waiting),
      moved,
      ordered: false,
      rejected,
      late,
      newestHigh,
      newestLow,
    };
  }

  /** Moves the window to where `admission` saw it. */
  move({ newestHigh, newestLow, moved, rejected, late }: Admission): void {
    this.rejected += rejected;
    this.late += late;
    if (moved) this.moveTo(newestHigh, newestLow);
  }

  moveTo(newestHigh: number, newestLow: number): void {
    this.newestHigh = newestHigh;
    this.newestLow = newestLow;
    const { high, low } = this.edgeOf(newestHigh, newestLow);
    this.edgeHigh = high;
    this.edgeLow = low;
  }

  /** Where the window ends when the newest key is this. Low words are whole numbers, so half a unit makes an edge that is itself out. */
  edgeOf(newestHigh: number, newestLow: number): { high: number; low: number } {
    let high = newestHigh - this.#widthHigh;
    let low = newestLow - this.#widthLow;
    if (low < 0) {
      low += 0x1_0000_0000;
      high -= 1;
    }
    // A float key so great that the width vanishes beside it is still in its own window.
    const inside = this.#lowerClosed || (high === newestHigh && low === newestLow);
    return { high, low: inside ? low : low + 0.5 };
  }
}

function isAfter(high: number, low: number, thanHigh: number, thanLow: number): boolean {
  return high > thanHigh || (high === thanHigh && low > thanLow);
}

/** NaN compares with nothing, so only the ends can be infinite. */
function isOrderedAndFinite(high: Float64Array, low: Float64Array, length: number): boolean {
  let h = high[0]!;
  let l = low[0]!;
  for (let i = 1; i < length; i++) {
    const nextHigh = high[i]!;
    const nextLow = low[i]!;
    if (!(nextHigh > h || (nextHigh === h && nextLow >= l))) return false;
    h = nextHigh;
    l = nextLow;
  }
  return Number.isFinite(high[0]!) && Number.isFinite(h);
}
