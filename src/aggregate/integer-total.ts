import type { DataType } from 'apache-arrow';
import { type Lanes, laneCount } from '../columnar/lanes.ts';
import type { Accumulator, Fields } from './aggregation.ts';
import { blockRows, copyNumbers } from './valid-rows.ts';

/**
 * Total and count of integers, exact. The total is `high · 2³² + low`; both fields are integers, and `low` is
 * carried into `high` before it leaves the 53 bits of a double.
 */
const high = 0;
const low = 1;
const count = 2;

const word = 2 ** 32;
const lowLimit = 2 ** 52;

/** Makes the accumulator of one bound aggregation; it owns a small scratch. */
export function integerTotal(type: DataType): Accumulator {
  return laneCount(type) === 1 ? smallIntegers() : wideIntegers;
}

/** How many values a slot has seen. */
export function integerCount(state: Fields, slot: number): number {
  return state[count]![slot]!;
}

/** The total of a slot to the nearest double. */
export function integerTotalOf(state: Fields, slot: number): number {
  const l = state[low]![slot]!;
  const carry = Math.floor(l / word);
  return (state[high]![slot]! + carry) * word + (l - carry * word);
}

/** Puts the total of a slot into row `row` of two lanes, the low one in 0 … 2³² - 1. */
export function integerTotalInto(
  lanes: readonly Float64Array[],
  row: number,
  state: Fields,
  slot: number,
): void {
  const l = state[low]![slot]!;
  const carry = Math.floor(l / word);
  lanes[0]![row] = state[high]![slot]! + carry;
  lanes[1]![row] = l - carry * word;
}

function addLow(state: Fields, slot: number, x: number): void {
  const lows = state[low]!;
  const s = lows[slot]! + x; // at most 2⁵² + 2⁵²
  const carry = Math.floor(s / word);
  lows[slot] = s - carry * word;
  state[high]![slot]! += carry;
}

function merge(into: Fields, slot: number, from: Fields, fromSlot: number): void {
  into[high]![slot]! += from[high]![fromSlot]!;
  addLow(into, slot, from[low]![fromSlot]!);
  into[count]![slot]! += from[count]![fromSlot]!;
}

function smallIntegers(): Accumulator {
  const scratch = new Float64Array(blockRows);
  return {
    initial: [0, 0, 0],
    merge,
    onNewAll(state, lanes, from, to) {
      const x = lanes[0]!;
      for (let start = from; start < to; start += blockRows) {
        const end = Math.min(start + blockRows, to);
        let seen = end - start;
        let total = sumOf(x, start, end);
        if (Number.isNaN(total)) {
          seen = copyNumbers(scratch, x, start, end);
          total = sumOf(scratch, 0, seen);
        }
        addLow(state, 0, total);
        state[count]![0]! += seen;
      }
    },
    onNew: addGrouped,
    onNewRow(state, slot, lanes, row) {
      const x = lanes[0]![row]!;
      if (Number.isNaN(x)) return;
      addLow(state, slot, x);
      state[count]![slot]! += 1;
    },
  };
}

/** Exact: a block of 32-bit integers stays far below 2⁵³. */
function sumOf(x: Float64Array, from: number, to: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    s0 += x[i]!;
    s1 += x[i + 1]!;
    s2 += x[i + 2]!;
    s3 += x[i + 3]!;
  }
  for (; i < to; i++) s0 += x[i]!;
  return s0 + s1 + (s2 + s3);
}

function addGrouped(state: Fields, lanes: Lanes, slotOf: Int32Array, from: number, to: number): void {
  const x = lanes[0]!;
  let row = addUsual(state, x, slotOf, from, to);
  while (row < to) {
    addLow(state, slotOf[row]!, x[row]!);
    state[count]![slotOf[row]!]! += 1;
    row = addUsual(state, x, slotOf, row + 1, to);
  }
}

/** Adds rows up to the first that needs a carry, whose number it returns. No call in the loop: the compiler can keep all at hand. */
function addUsual(state: Fields, x: Float64Array, slotOf: Int32Array, from: number, to: number): number {
  const lows = state[low]!;
  const counts = state[count]!;
  for (let i = from; i < to; i++) {
    const slot = slotOf[i]!;
    if (slot < 0) continue;
    const s = lows[slot]! + x[i]!;
    if (Math.abs(s) < lowLimit) {
      lows[slot] = s;
      counts[slot]! += 1;
    } else if (!Number.isNaN(s)) return i;
  }
  return to;
}

const wideIntegers: Accumulator = {
  initial: [0, 0, 0],
  merge,
  onNewAll(state, lanes, from, to) {
    const highs = lanes[0]!;
    const lows = lanes[1]!;
    for (let start = from; start < to; start += blockRows) {
      const end = Math.min(start + blockRows, to);
      let h = 0;
      let l = 0;
      let seen = 0;
      for (let i = start; i < end; i++) {
        const v = highs[i]!;
        if (Number.isNaN(v)) continue;
        h += v;
        l += lows[i]!;
        seen++;
      }
      state[high]![0]! += h;
      addLow(state, 0, l);
      state[count]![0]! += seen;
    }
  },
  onNew(state, lanes, slotOf, from, to) {
    const highLane = lanes[0]!;
    const lowLane = lanes[1]!;
    const highs = state[high]!;
    const lows = state[low]!;
    const counts = state[count]!;
    for (let i = from; i < to; i++) {
      const slot = slotOf[i]!;
      const v = highLane[i]!;
      if (slot < 0 || Number.isNaN(v)) continue;
      highs[slot]! += v;
      const s = lows[slot]! + lowLane[i]!;
      if (s < lowLimit) lows[slot] = s;
      else addLow(state, slot, lowLane[i]!);
      counts[slot]! += 1;
    }
  },
  onNewRow(state, slot, lanes, row) {
    const v = lanes[0]![row]!;
    if (Number.isNaN(v)) return;
    state[high]![slot]! += v;
    addLow(state, slot, lanes[1]![row]!);
    state[count]![slot]! += 1;
  },
};
