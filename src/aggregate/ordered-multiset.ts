import { grown } from '../columnar/grow.ts';

/** Most values in a block, and in a run of a slot with few values. */
const blockRoom = 512;
const runRoom = 256;
/** A slot with blocks goes back to a run when it holds no more than this. */
const runAgain = 64;

/**
 * Doubles in order, equal ones as often as they were added: in blocks that are sorted, one after the other. O(log n) for the
 * search and a move within one block for each change; the value at a place that moves by little is found in O(1).
 */
export class SortedBlocks {
  #size = 0;
  readonly #blocks: Float64Array[] = [new Float64Array(blockRoom)];
  readonly #lengths: number[] = [0];
  /** The least value of each block. */
  readonly #firsts: number[] = [Number.NEGATIVE_INFINITY];
  /** A block, and how many values lie before it. */
  #block = 0;
  #before = 0;

  get size(): number {
    return this.#size;
  }

  add(x: number): void {
    const b = this.#blockOf(x);
    const block = this.#blocks[b]!;
    const length = this.#lengths[b]!;
    const at = after(block, x, 0, length);
    block.copyWithin(at + 1, at, length);
    block[at] = x;
    this.#lengths[b] = length + 1;
    if (at === 0) this.#firsts[b] = x;
    this.#size++;
    if (b < this.#block) this.#before++;
    if (length + 1 === blockRoom) this.#split(b);
  }

  /** Takes away one of the values that are `x`. */
  remove(x: number): void {
    const b = this.#blockOf(x);
    const block = this.#blocks[b]!;
    const length = this.#lengths[b]!;
    const at = after(block, x, 0, length) - 1;
    block.copyWithin(at, at + 1, length);
    this.#lengths[b] = length - 1;
    if (at === 0) this.#firsts[b] = block[0]!;
    this.#size--;
    if (b < this.#block) this.#before--;
    if (length - 1 < blockRoom / 8) this.#join(b);
  }

  /** The value at a place, 0 for the least. */
  at(place: number): number {
    let b = this.#block;
    let before = this.#before;
    while (place < before) before -= this.#lengths[--b]!;
    while (place >= before + this.#lengths[b]!) before += this.#lengths[b++]!;
    this.#block = b;
    this.#before = before;
    return this.#blocks[b]![place - before]!;
  }

  /** The last block whose least value is not above `x`, or the first. */
  #blockOf(x: number): number {
    const firsts = this.#firsts;
    let low = 0;
    let high = firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (firsts[middle]! <= x) low = middle;
      else high = middle;
    }
    return low;
  }

  #split(b: number): void {
    const block = this.#blocks[b]!;
    const half = blockRoom / 2;
    const upper = new Float64Array(blockRoom);
    upper.set(block.subarray(half));
    this.#blocks.splice(b + 1, 0, upper);
    this.#lengths.splice(b, 1, half, half);
    this.#firsts.splice(b + 1, 0, upper[0]!);
    this.#forget(b);
  }

  /** An empty block goes; one with little in it takes in the next where there is room. */
  #join(b: number): void {
    if (this.#blocks.length === 1) return;
    const length = this.#lengths[b]!;
    if (length === 0) {
      this.#drop(b);
      return;
    }
    const next = this.#lengths[b + 1];
    if (next === undefined || length + next > blockRoom / 2) return;
    this.#blocks[b]!.set(this.#blocks[b + 1]!.subarray(0, next), length);
    this.#lengths[b] = length + next;
    this.#drop(b + 1);
  }

  #drop(b: number): void {
    this.#blocks.splice(b, 1);
    this.#lengths.splice(b, 1);
    this.#firsts.splice(b, 1);
    this.#forget(b - 1);
  }

  /** Blocks from `b` on are not what they were. */
  #forget(b: number): void {
    if (b > this.#block) return;
    this.#block = 0;
    this.#before = 0;
  }
}

/** How a slot keeps its values: nothing, a run of 2^kind, or blocks. */
const nothing = 0;
const blocks = 255;
const leastKind = 2;

/**
 * Doubles in order for each of many slots, equal ones as often as they were added; NaN is none of them. A slot with few values has a run in one array
 * that all share, some 200 bytes for ten values; one with many has blocks. What was added is taken away
 * without a trace.
 */
export class OrderedMultisets {
  #counts: Int32Array = new Int32Array(0);
  #starts: Int32Array = new Int32Array(0);
  #kinds: Uint8Array = new Uint8Array(0);
  #values: Float64Array = new Float64Array(0);
  #used = 0;
  /** By kind: the starts of runs that nobody uses. */
  readonly #free: number[][] = Array.from({ length: 16 }, () => []);
  readonly #many: Map<number, SortedBlocks> = new Map();

  /** Makes room for `slots` slots. */
  grow(slots: number): void {
    if (slots <= this.#counts.length) return;
    this.#counts = grown(this.#counts, slots);
    this.#starts = grown(this.#starts, slots);
    this.#kinds = grown(this.#kinds, slots);
  }

  /** How many values a slot has. */
  count(slot: number): number {
    return this.#counts[slot]!;
  }

  add(slot: number, value: number): void {
    const x = value + 0; // never -0
    const count = this.#counts[slot]!;
    this.#counts[slot] = count + 1;
    if (this.#kinds[slot] === blocks) {
      this.#many.get(slot)!.add(x);
      return;
    }
    const kind = this.#kinds[slot]!;
    if (kind === nothing || count === 1 << kind) {
      if (count === runRoom) {
        this.#toBlocks(slot, count).add(x);
        return;
      }
      this.#toRun(slot, count, kind === nothing ? leastKind : kind + 1);
    }
    const start = this.#starts[slot]!;
    const at = after(this.#values, x, start, start + count);
    this.#values.copyWithin(at + 1, at, start + count);
    this.#values[at] = x;
  }

  /** Takes away one of the values of a slot that are `value`. */
  remove(slot: number, value: number): void {
    const x = value + 0;
    const count = this.#counts[slot]! - 1;
    this.#counts[slot] = count;
    const kind = this.#kinds[slot]!;
    if (kind === blocks) {
      const many = this.#many.get(slot)!;
      many.remove(x);
      if (count <= runAgain) this.#fromBlocks(slot, many);
      return;
    }
    const start = this.#starts[slot]!;
    const at = after(this.#values, x, start, start + count + 1) - 1;
    this.#values.copyWithin(at, at + 1, start + count + 1);
    if (count === 0) this.#release(slot);
    else if (kind > leastKind && count <= 1 << (kind - 2)) this.#toRun(slot, count, kind - 1);
  }

  /** The value of a slot at a place, 0 for the least. */
  at(slot: number, place: number): number {
    if (this.#kinds[slot] === blocks) return this.#many.get(slot)!.at(place);
    return this.#values[this.#starts[slot]! + place]!;
  }

  /** Moves the values of a slot into a run of another length. */
  #toRun(slot: number, count: number, kind: number): void {
    const from = this.#starts[slot]!;
    const to = this.#take(kind);
    this.#values.copyWithin(to, from, from + count);
    this.#release(slot);
    this.#starts[slot] = to;
    this.#kinds[slot] = kind;
  }

  #toBlocks(slot: number, count: number): SortedBlocks {
    const many = new SortedBlocks();
    const start = this.#starts[slot]!;
    for (let i = start; i < start + count; i++) many.add(this.#values[i]!);
    this.#release(slot);
    this.#kinds[slot] = blocks;
    this.#many.set(slot, many);
    return many;
  }

  #fromBlocks(slot: number, many: SortedBlocks): void {
    this.#many.delete(slot);
    const kind = Math.ceil(Math.log2(runAgain)) + 1;
    const start = this.#take(kind);
    for (let i = 0; i < many.size; i++) this.#values[start + i] = many.at(i);
    this.#starts[slot] = start;
    this.#kinds[slot] = kind;
  }

  #take(kind: number): number {
    const free = this.#free[kind]!.pop();
    if (free !== undefined) return free;
    const start = this.#used;
    this.#used += 1 << kind;
    this.#values = grown(this.#values, this.#used);
    return start;
  }

  #release(slot: number): void {
    const kind = this.#kinds[slot]!;
    this.#kinds[slot] = nothing;
    if (kind !== nothing && kind !== blocks) this.#free[kind]!.push(this.#starts[slot]!);
  }
}

/** The first place of `from … to - 1` whose value is above `x`, or `to`. */
function after(values: Float64Array, x: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
