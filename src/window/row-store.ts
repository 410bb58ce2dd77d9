import type { KeyWords } from '../columnar/key-words.ts';

/** The rows a window holds, or is about to take. */
export interface Rows {
  readonly length: number;
  /** Group of each row, negative for none; `undefined` without groups. */
  readonly slots: Int32Array | undefined;
  /** Keys of a value window. */
  readonly keys: KeyWords | undefined;
  readonly lanes: readonly Float64Array[];
}

const smallest = 16;
/** Most room for each row that is needed, and how much it grows where it is too little. */
const spare = 1.25;

/**
 * Rows in typed arrays that grow by a quarter and shrink when a fifth is not needed, so that one crowded batch is not paid
 * for in memory ever after. A batch of one row leaves no object behind.
 */
export class RowStore implements Rows {
  length: number = 0;
  slots: Int32Array | undefined;
  keys: KeyWords | undefined;
  lanes: Float64Array[] = [];
  #capacity: number = 0;

  get capacity(): number {
    return this.#capacity;
  }

  /** Makes room for `length` rows in all; gives memory back where there is far more than that. */
  reserve(length: number): void {
    if (length <= this.#capacity && this.#capacity <= spare * Math.max(length, smallest)) return;
    const capacity =
      length <= this.#capacity ? length : Math.max(length, Math.ceil(spare * this.#capacity), smallest);
    this.#capacity = capacity;
    if (this.slots !== undefined) this.slots = resized(this.slots, new Int32Array(capacity), this.length);
    if (this.keys !== undefined) {
      const { high, low } = this.keys;
      this.keys = {
        high: resized(high, new Float64Array(capacity), this.length),
        low: resized(low, new Float64Array(capacity), this.length),
      };
    }
    this.lanes = this.lanes.map((lane) => resized(lane, new Float64Array(capacity), this.length));
  }

  append(rows: Rows): void {
    const { length } = rows;
    this.#shapeLike(rows);
    if (this.length + length > this.#capacity) this.reserve(this.length + length);
    const at = this.length;
    if (rows.slots !== undefined) copyInto(this.slots!, rows.slots, length, at);
    if (rows.keys !== undefined) {
      copyInto(this.keys!.high, rows.keys.high, length, at);
      copyInto(this.keys!.low, rows.keys.low, length, at);
    }
    for (let k = 0; k < this.lanes.length; k++) copyInto(this.lanes[k]!, rows.lanes[k]!, length, at);
    this.length = at + length;
  }

  /** Forgets the rows and keeps room for about as many. */
  clear(): void {
    this.length = 0;
  }

  #shapeLike({ slots, keys, lanes }: Rows): void {
    const capacity = this.#capacity;
    if (slots !== undefined) this.slots ??= new Int32Array(capacity);
    if (keys !== undefined) {
      this.keys ??= { high: new Float64Array(capacity), low: new Float64Array(capacity) };
    }
    while (this.lanes.length < lanes.length) this.lanes.push(new Float64Array(capacity));
  }
}

/** The given rows of `rows`, in that order, in arrays of their own. */
export function gatherRows({ slots, keys, lanes }: Rows, picked: Int32Array): Rows {
  return {
    length: picked.length,
    slots: slots && gather(slots, new Int32Array(picked.length), picked),
    keys: keys && {
      high: gather(keys.high, new Float64Array(picked.length), picked),
      low: gather(keys.low, new Float64Array(picked.length), picked),
    },
    lanes: lanes.map((lane) => gather(lane, new Float64Array(picked.length), picked)),
  };
}

/** Rows `from … to - 1` of `rows`, without copying. */
export function sliceRows({ slots, keys, lanes }: Rows, from: number, to: number): Rows {
  return {
    length: to - from,
    slots: slots?.subarray(from, to),
    keys: keys && { high: keys.high.subarray(from, to), low: keys.low.subarray(from, to) },
    lanes: lanes.map((lane) => lane.subarray(from, to)),
  };
}

function gather<A extends Int32Array | Float64Array>(from: A, into: A, picked: Int32Array): A {
  for (let k = 0; k < picked.length; k++) into[k] = from[picked[k]!]!;
  return into;
}

function resized<A extends Int32Array | Float64Array>(from: A, into: A, length: number): A {
  into.set(from.subarray(0, length));
  return into;
}

/** A handful of elements is copied faster by hand than by a call. */
function copyInto(
  into: Int32Array | Float64Array,
  from: Int32Array | Float64Array,
  length: number,
  at: number,
): void {
  if (length <= 8) for (let i = 0; i < length; i++) into[at + i] = from[i]!;
  else into.set(length === from.length ? from : from.subarray(0, length), at);
}
