import type { Accumulator, Fields } from './aggregation.ts';
import { blockRows, copyNumbers } from './valid-rows.ts';

/**
 * Total and count of doubles, exact enough that the result does not depend on where the rows are cut.
 *
 * The total is `high + low + wraps · 2¹⁰²³`. Each addition to `high` is made error-free (Knuth's TwoSum) and
 * what it lost goes to `low`, so the total is good to about 2⁻¹⁰⁶ of the largest partial sum. Where `high` is
 * not finite (an infinity was met), it alone is the total. `wraps` keeps finite values from overflowing on
 * the way to a finite total.
 */
const high = 0;
const low = 1;
const wraps = 2;
const count = 3;

const wrap = 2 ** 1023;
/** Totals near the largest double are worked out smaller by this factor. */
const shrink = 2 ** -64;

/** Makes the accumulator of one bound aggregation; it owns a small scratch. */
export function floatTotal(): Accumulator {
  const scratch = new Float64Array(blockRows);
  const sums = new Float64Array(8);
  return {
    initial: [0, 0, 0, 0],
    onNewAll(state, lanes, from, to) {
      addAll(state, lanes[0]!, from, to, scratch, sums);
    },
    onNew(state, lanes, slotOf, from, to) {
      addGrouped(state, lanes[0]!, slotOf, from, to);
    },
    onNewRow(state, slot, lanes, row) {
      add(state, slot, lanes[0]![row]!);
    },
    merge(into, slot, from, fromSlot) {
      const seen = into[count]![slot]! + from[count]![fromSlot]!;
      const h = from[high]![fromSlot]!;
      if (h - h !== 0) into[high]![slot]! += h;
      else add(into, slot, h);
      into[low]![slot]! += from[low]![fromSlot]!;
      into[wraps]![slot]! += from[wraps]![fromSlot]!;
      into[count]![slot] = seen;
    },
  };
}

/** How many values a slot has seen. */
export function floatCount(state: Fields, slot: number): number {
  return state[count]![slot]!;
}

/** The total of a slot divided by `divisor`, which may be finite although the total is not. */
export function floatTotalOver(state: Fields, slot: number, divisor: number): number {
  const h = state[high]![slot]!;
  if (h - h !== 0) return h;
  const w = state[wraps]![slot]!;
  let l = state[low]![slot]!;
  if (l - l !== 0) l = 0; // TwoSum itself overflowed, which it can beside the largest double
  if (w === 0) return (h + l) / divisor;
  const total = w * (wrap * shrink) + h * shrink;
  return ((total + l * shrink) / divisor) * (1 / shrink);
}

function add(state: Fields, slot: number, x: number): void {
  const highs = state[high]!;
  const h = highs[slot]!;
  const s = h + x;
  if (s - s !== 0) {
    addUnusual(state, slot, x);
    return;
  }
  const b = s - h;
  highs[slot] = s;
  state[low]![slot]! += h - (s - b) + (x - b);
  state[count]![slot]! += 1;
}

/** The rare rows: `x` is NaN, an infinity, or carries the sum beyond the largest double. */
function addUnusual(state: Fields, slot: number, x: number): void {
  if (Number.isNaN(x)) return;
  const highs = state[high]!;
  let h = highs[slot]!;
  let rest = x;
  if (h - h !== 0 || x - x !== 0) {
    highs[slot] = h + x;
    state[count]![slot]! += 1;
    return;
  }
  const unit = x > 0 ? wrap : -wrap;
  if (Math.abs(h) >= wrap) {
    h -= unit;
    state[wraps]![slot]! += Math.sign(x);
  }
  if (Math.abs(rest) >= wrap) {
    rest -= unit;
    state[wraps]![slot]! += Math.sign(x);
  }
  highs[slot] = h;
  add(state, slot, rest);
}

function addGrouped(state: Fields, x: Float64Array, slotOf: Int32Array, from: number, to: number): void {
  let row = addUsual(state, x, slotOf, from, to);
  while (row < to) {
    addUnusual(state, slotOf[row]!, x[row]!);
    row = addUsual(state, x, slotOf, row + 1, to);
  }
}

/** Adds rows up to the first unusual one, whose number it returns. No call in the loop: the compiler can keep all at hand. */
function addUsual(state: Fields, x: Float64Array, slotOf: Int32Array, from: number, to: number): number {
  const highs = state[high]!;
  const lows = state[low]!;
  const counts = state[count]!;
  for (let i = from; i < to; i++) {
    const slot = slotOf[i]!;
    if (slot < 0) continue;
    const v = x[i]!;
    const h = highs[slot]!;
    const s = h + v;
    if (s - s !== 0) {
      if (Number.isNaN(v)) continue;
      return i;
    }
    const b = s - h;
    highs[slot] = s;
    lows[slot]! += h - (s - b) + (v - b);
    counts[slot]! += 1;
  }
  return to;
}

function addAll(
  state: Fields,
  x: Float64Array,
  from: number,
  to: number,
  scratch: Float64Array,
  sums: Float64Array,
): void {
  sums.fill(0);
  let seen = 0;
  let plain = true;
  for (let start = from; start < to; start += blockRows) {
    const end = Math.min(start + blockRows, to);
    if (plain && addBlock(sums, x, start, end)) {
      seen += end - start;
      continue;
    }
    plain = false; // there are missing rows or infinities, and likely more to come
    const valid = copyNumbers(scratch, x, start, end);
    if (addBlock(sums, scratch, 0, valid)) seen += valid;
    else for (let i = 0; i < valid; i++) add(state, 0, scratch[i]!);
  }
  seen += state[count]![0]!;
  for (let k = 0; k < 8; k += 2) {
    add(state, 0, sums[k]!);
    state[low]![0]! += sums[k + 1]!;
  }
  state[count]![0] = seen;
}

/** Adds rows to four independent sums, so that no addition waits for the last. Does nothing, and says so, where one is not finite. */
function addBlock(sums: Float64Array, x: Float64Array, from: number, to: number): boolean {
  let h0 = sums[0]!;
  let l0 = sums[1]!;
  let h1 = sums[2]!;
  let l1 = sums[3]!;
  let h2 = sums[4]!;
  let l2 = sums[5]!;
  let h3 = sums[6]!;
  let l3 = sums[7]!;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const x0 = x[i]!;
    const s0 = h0 + x0;
    const b0 = s0 - h0;
    l0 += h0 - (s0 - b0) + (x0 - b0);
    h0 = s0;
    const x1 = x[i + 1]!;
    const s1 = h1 + x1;
    const b1 = s1 - h1;
    l1 += h1 - (s1 - b1) + (x1 - b1);
    h1 = s1;
    const x2 = x[i + 2]!;
    const s2 = h2 + x2;
    const b2 = s2 - h2;
    l2 += h2 - (s2 - b2) + (x2 - b2);
    h2 = s2;
    const x3 = x[i + 3]!;
    const s3 = h3 + x3;
    const b3 = s3 - h3;
    l3 += h3 - (s3 - b3) + (x3 - b3);
    h3 = s3;
  }
  for (; i < to; i++) {
    const v = x[i]!;
    const s = h0 + v;
    const b = s - h0;
    l0 += h0 - (s - b) + (v - b);
    h0 = s;
  }
  if (h0 - h0 !== 0 || h1 - h1 !== 0 || h2 - h2 !== 0 || h3 - h3 !== 0) return false;
  sums[0] = h0;
  sums[1] = l0;
  sums[2] = h1;
  sums[3] = l1;
  sums[4] = h2;
  sums[5] = l2;
  sums[6] = h3;
  sums[7] = l3;
  return true;
}
