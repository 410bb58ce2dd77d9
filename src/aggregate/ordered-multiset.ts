import { grown } from '../columnar/grow.ts';

/** Most values in a block, and in a run of a slot with few values. */
const blockRoom = 512;
const runRoom = 256;
/** A slot with blocks goes back to a run when it holds no more than this. */
const runAgain = 64;

/** Room for values that is never given back. */
const leastRoom = 1024;

/** Ordered values as plain data: each different value of each slot once. */
export interface SavedValues {
  readonly slots: Int32Array;
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/**
 * Doubles in order: in blocks that are sorted, one after the other. Equal ones are counted, in blocks that have some. O(log n) for the
 * search and a move within one block for each change; the value at a place that moves by little is found in O(1) blocks.
 */
class SortedBlocks {
  readonly #blocks: Float64Array[] = [new Float64Array(blockRoom)];
  /** How many different values there are in each block. */
  readonly #lengths: number[] = [0];
  /** How often each value of a block was added; `undefined` where each was once. */
  readonly #counts: (Float64Array | undefined)[] = [undefined];
  /** How many values there are in each block. */
  readonly #weights: number[] = [0];
  /** The least value of each block. */
  readonly #firsts: number[] = [Number.NEGATIVE_INFINITY];
  /** A block, and how many values lie before it. */
  #block = 0;
  #before = 0;

  add(x: number, count: number): void {
    const b = this.#blockOf(x);
    const block = this.#blocks[b]!;
    const length = this.#lengths[b]!;
    const at = after(block, x, 0, length);
    this.#weights[b]! += count;
    if (b < this.#block) this.#before += count;
    if (at > 0 && block[at - 1] === x) {
      this.#counted(b)[at - 1]! += count;
      return;
    }
    block.copyWithin(at + 1, at, length);
    block[at] = x;
    const counts = count > 1 ? this.#counted(b) : this.#counts[b];
    if (counts !== undefined) {
      counts.copyWithin(at + 1, at, length);
      counts[at] = count;
    }
    this.#lengths[b] = length + 1;
    if (at === 0) this.#firsts[b] = x;
    if (length + 1 === blockRoom) this.#split(b);
  }

  /** Takes away one of the values that are `x`. */
  remove(x: number): void {
    const b = this.#blockOf(x);
    const block = this.#blocks[b]!;
    const length = this.#lengths[b]!;
    const counts = this.#counts[b];
    const at = after(block, x, 0, length) - 1;
    this.#weights[b]!--;
    if (b < this.#block) this.#before--;
    if (counts !== undefined) {
      if (counts[at]! > 1) {
        counts[at]!--;
        return;
      }
      counts.copyWithin(at, at + 1, length);
    }
    block.copyWithin(at, at + 1, length);
    this.#lengths[b] = length - 1;
    if (at === 0) this.#firsts[b] = block[0]!;
    if (length - 1 < blockRoom / 8) this.#join(b);
  }

  /** The value at a place, 0 for the least. */
  at(place: number): number {
    let b = this.#block;
    let before = this.#before;
    while (place < before) before -= this.#weights[--b]!;
    while (place >= before + this.#weights[b]!) before += this.#weights[b++]!;
    this.#block = b;
    this.#before = before;
    const counts = this.#counts[b];
    let rest = place - before;
    if (counts === undefined) return this.#blocks[b]![rest]!;
    let at = 0;
    while (rest >= counts[at]!) rest -= counts[at++]!;
    return this.#blocks[b]![at]!;
  }

  /** Each different value in order, with its count. */
  each(take: (x: number, count: number) => void): void {
    for (const [b, block] of this.#blocks.entries()) {
      const length = this.#lengths[b]!;
      for (let i = 0; i < length; i++) take(block[i]!, this.#counts[b]?.[i] ?? 1);
    }
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

  /** The counts of a block, which has none yet where all are 1. */
  #counted(b: number): Float64Array {
    const counts = this.#counts[b] ?? new Float64Array(blockRoom).fill(1);
    this.#counts[b] = counts;
    return counts;
  }

  #split(b: number): void {
    const half = blockRoom / 2;
    const upper = upperHalf(this.#blocks[b]!);
    const counts = this.#counts[b];
    const upperCounts = counts && upperHalf(counts);
    const weight = upperCounts === undefined ? half : total(upperCounts, half);
    this.#blocks.splice(b + 1, 0, upper);
    this.#counts.splice(b + 1, 0, upperCounts);
    this.#lengths.splice(b, 1, half, half);
    this.#weights.splice(b, 1, this.#weights[b]! - weight, weight);
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
    if (this.#counts[b] !== undefined || this.#counts[b + 1] !== undefined)
      this.#counted(b).set(this.#counted(b + 1).subarray(0, next), length);
    this.#lengths[b] = length + next;
    this.#weights[b]! += this.#weights[b + 1]!;
    this.#drop(b + 1);
  }

  #drop(b: number): void {
    for (const list of [this.#blocks, this.#counts, this.#lengths, this.#weights, this.#firsts])
      list.splice(b, 1);
    this.#forget(b - 1);
  }

  /** Blocks from `b` on are not what they were. */
  #forget(b: number): void {
    if (b > this.#block) return;
    this.#block = 0;
    this.#before = 0;
  }
}

function upperHalf(block: Float64Array): Float64Array {
  const upper = new Float64Array(blockRoom);
  upper.set(block.subarray(blockRoom / 2));
  return upper;
}

function total(counts: Float64Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += counts[i]!;
  return sum;
}

/** How a slot keeps its values: nothing, a run of 2^kind, or blocks. */
const nothing = 0;
const blocks = 255;
const leastKind = 2;

/**
 * Doubles in order for each of many slots, equal ones as often as they were added; NaN is none of them. A slot with few values has
 * a run in one array that all share, 8 to 32 bytes a value; one with many has blocks, 8 to 16 bytes for each different value, twice
 * that where values are equal. What was added is taken away without a trace, and its memory is given back.
 */
export class OrderedMultisets {
  #counts: Float64Array = new Float64Array(0);
  #starts: Int32Array = new Int32Array(0);
  #kinds: Uint8Array = new Uint8Array(0);
  #values: Float64Array = new Float64Array(0);
  /** Where the next run begins, and how much of what lies before is in use. */
  #used = 0;
  #live = 0;
  /** By kind: the starts of runs that nobody uses. */
  #free: number[][] = noRuns();
  readonly #many: Map<number, SortedBlocks> = new Map();

  /** How many values a slot has. */
  count(slot: number): number {
    return slot < this.#counts.length ? this.#counts[slot]! : 0;
  }

  add(slot: number, value: number): void {
    const x = value + 0; // never -0
    if (slot >= this.#counts.length) this.#grow(slot + 1);
    const count = this.#counts[slot]!;
    this.#counts[slot] = count + 1;
    const kind = this.#kinds[slot]!;
    if (kind === blocks) {
      this.#many.get(slot)!.add(x, 1);
      return;
    }
    if (kind === nothing || count === 1 << kind) {
      if (count === runRoom) {
        this.#toBlocks(slot, count).add(x, 1);
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
    else return;
    this.#settle();
  }

  /** Lets go of all values of a slot. */
  drop(slot: number): void {
    if (this.count(slot) === 0) return;
    this.#counts[slot] = 0;
    this.#many.delete(slot);
    this.#release(slot);
    this.#settle();
  }

  /** The value of a slot at a place, 0 for the least. */
  at(slot: number, place: number): number {
    if (this.#kinds[slot] === blocks) return this.#many.get(slot)!.at(place);
    return this.#values[this.#starts[slot]! + place]!;
  }

  /** Bytes of the runs that all slots share. */
  get sharedBytes(): number {
    return this.#values.byteLength;
  }

  save(): SavedValues {
    let length = 0;
    this.#eachDifferent(() => length++);
    const slots = new Int32Array(length);
    const values = new Float64Array(length);
    const counts = new Float64Array(length);
    let at = 0;
    this.#eachDifferent((slot, x, count) => {
      slots[at] = slot;
      values[at] = x;
      counts[at++] = count;
    });
    return { slots, values, counts };
  }

  /** Adds what was saved. */
  restore({ slots, values, counts }: SavedValues): void {
    for (let i = 0; i < slots.length; i++) this.#addMany(slots[i]!, values[i]!, counts[i]!);
  }

  #addMany(slot: number, x: number, count: number): void {
    const before = this.count(slot);
    if (before + count <= runRoom) {
      for (let i = 0; i < count; i++) this.add(slot, x);
      return;
    }
    this.#grow(slot + 1);
    const many = this.#kinds[slot] === blocks ? this.#many.get(slot)! : this.#toBlocks(slot, before);
    many.add(x + 0, count);
    this.#counts[slot] = before + count;
  }

  #eachDifferent(take: (slot: number, x: number, count: number) => void): void {
    const values = this.#values;
    for (let slot = 0; slot < this.#counts.length; slot++) {
      const count = this.#counts[slot]!;
      if (this.#kinds[slot] === blocks) {
        this.#many.get(slot)!.each((x, times) => take(slot, x, times));
        continue;
      }
      const end = this.#starts[slot]! + count;
      for (let i = end - count; i < end; ) {
        const from = i++;
        while (i < end && values[i] === values[from]) i++;
        take(slot, values[from]!, i - from);
      }
    }
  }

  #grow(slots: number): void {
    this.#counts = grown(this.#counts, slots);
    this.#starts = grown(this.#starts, slots);
    this.#kinds = grown(this.#kinds, slots);
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
    for (let i = start; i < start + count; i++) many.add(this.#values[i]!, 1);
    this.#release(slot);
    this.#kinds[slot] = blocks;
    this.#many.set(slot, many);
    return many;
  }

  #fromBlocks(slot: number, many: SortedBlocks): void {
    this.#many.delete(slot);
    const kind = Math.ceil(Math.log2(runAgain)) + 1;
    const start = this.#take(kind);
    let end = start;
    many.each((x, count) => {
      this.#values.fill(x, end, end + count);
      end += count;
    });
    this.#starts[slot] = start;
    this.#kinds[slot] = kind;
  }

  #take(kind: number): number {
    this.#live += 1 << kind;
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
    if (kind === nothing || kind === blocks) return;
    this.#free[kind]!.push(this.#starts[slot]!);
    this.#live -= 1 << kind;
  }

  /** Moves the runs together where most of their array is not in use, no more often than that pays. */
  #settle(): void {
    if (this.#used <= 4 * this.#live + Math.max(leastRoom, this.#counts.length)) return;
    const values = new Float64Array(this.#live);
    let used = 0;
    for (let slot = 0; slot < this.#counts.length; slot++) {
      const kind = this.#kinds[slot]!;
      if (kind === nothing || kind === blocks) continue;
      const start = this.#starts[slot]!;
      values.set(this.#values.subarray(start, start + this.#counts[slot]!), used);
      this.#starts[slot] = used;
      used += 1 << kind;
    }
    this.#values = values;
    this.#used = used;
    this.#free = noRuns();
  }
}

function noRuns(): number[][] {
  return Array.from({ length: 16 }, () => []);
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
