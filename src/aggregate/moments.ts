import { DataType, Float64 } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { columnOfLanes, type Lanes, laneCount } from '../columnar/lanes.ts';
import { isFloat, isSmallInt, isWideInt } from '../columnar/types.ts';
import type { Accumulator, Fields, SlotAggregation } from './aggregation.ts';
import { wholeNumber } from './options.ts';
import { blockRows, copyNumbers } from './valid-rows.ts';

export interface SpreadOptions {
  /** Degrees of freedom taken from the count: 1 (default) for a sample, 0 for a whole population. */
  ddof?: number | undefined;
}

/**
 * Count, mean and sum of squared deviations (M2), merged as Chan, Golub and LeVeque do (1983). Mean and M2
 * are pairs of doubles: the mean so that deviations stay exact where it is 10⁹ times as large as they, M2 so
 * that a million small additions lose nothing. The mean is NaN where an infinity was met, M2 is infinite
 * where finite values lie too far apart to be squared.
 */
const count = 0;
const mean = 1;
const meanLow = 2;
const squares = 3;
const squaresLow = 4;

/** Whether values of this type have a variance. */
export function hasSpread(type: DataType): boolean {
  return isFloat(type) || isSmallInt(type) || isWideInt(type) || DataType.isBool(type);
}

/** Checks the options of `var` and `std`. */
export function spreadOptions(name: string, { ddof = 1 }: SpreadOptions): SpreadOptions {
  return { ddof: wholeNumber(name, 'ddof', ddof) };
}

/** The aggregation that gives `finish(variance)`; null where fewer than ddof + 1 values were seen. */
export function spread(
  type: DataType,
  { ddof = 1 }: SpreadOptions,
  finish: (variance: number) => number,
): SlotAggregation {
  const output = new Float64();
  return {
    ...moments(type),
    output,
    result(state, slots): Column {
      const values = new Float64Array(slots.length);
      const present = new Uint8Array(slots.length);
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i]!;
        const n = state[count]![slot]!;
        if (n <= ddof) continue;
        values[i] = finish(squaresOf(state, slot) / (n - ddof));
        present[i] = 1;
      }
      return columnOfLanes(output, [values], present);
    },
  };
}

function squaresOf(state: Fields, slot: number): number {
  const m = state[mean]![slot]!;
  if (Number.isNaN(m)) return Number.NaN;
  const s = state[squares]![slot]!;
  return s - s === 0 ? Math.max(0, s + state[squaresLow]![slot]!) : s;
}

/** Takes in `n` values with the given mean and sum of squared deviations. */
function combine(state: Fields, slot: number, n: number, m: number, ml: number, s: number, sl: number): void {
  const means = state[mean]!;
  const before = state[count]![slot]!;
  const total = before + n;
  state[count]![slot] = total;
  if (before === 0) {
    means[slot] = m;
    state[meanLow]![slot] = ml;
    state[squares]![slot] = s;
    state[squaresLow]![slot] = sl;
    return;
  }
  const old = means[slot]!;
  if (Number.isNaN(m) || Number.isNaN(old)) {
    means[slot] = Number.NaN;
    return;
  }
  const delta = m - old + (ml - state[meanLow]![slot]!);
  if (delta - delta !== 0) {
    state[squares]![slot] = Number.POSITIVE_INFINITY;
    return;
  }
  moveMean(state, slot, delta * (n / total));
  addSquares(state, slot, delta * (before / total) * (delta * n));
  addSquares(state, slot, s);
  state[squaresLow]![slot]! += sl;
}

function moveMean(state: Fields, slot: number, step: number): void {
  const h = state[mean]![slot]!;
  const s = h + step;
  const b = s - h;
  const low = state[meanLow]![slot]! + (h - (s - b) + (step - b));
  // Renewed, so that the mean of equal values is that value in the first of the pair.
  const renewed = s + low;
  state[mean]![slot] = renewed;
  state[meanLow]![slot] = low - (renewed - s);
}

function addSquares(state: Fields, slot: number, x: number): void {
  const h = state[squares]![slot]!;
  const s = h + x;
  const b = s - h;
  state[squares]![slot] = s;
  state[squaresLow]![slot]! += h - (s - b) + (x - b);
}

/** An infinity, or a value so far off that its square is none. */
function addUnusual(state: Fields, slot: number, x: number): void {
  state[count]![slot]! += 1;
  const finite = Number.isFinite(x) && !Number.isNaN(state[mean]![slot]);
  if (finite) state[squares]![slot] = Number.POSITIVE_INFINITY;
  else state[mean]![slot] = Number.NaN;
}

function addRow(state: Fields, slot: number, x: number): void {
  if (Number.isNaN(x)) return;
  const old = state[mean]![slot]!;
  const n = state[count]![slot]! + 1;
  const delta = x - old - state[meanLow]![slot]!;
  const step = delta / n;
  const square = delta * (delta - step);
  if (square - square !== 0) {
    addUnusual(state, slot, x);
    return;
  }
  state[count]![slot] = n;
  moveMean(state, slot, step);
  addSquares(state, slot, square);
}

/** The same as `addRow` for each row. */
function addGrouped(state: Fields, x: Float64Array, slotOf: Int32Array, from: number, to: number): void {
  let row = addUsual(state, x, slotOf, from, to);
  while (row < to) {
    addUnusual(state, slotOf[row]!, x[row]!);
    row = addUsual(state, x, slotOf, row + 1, to);
  }
}

/** Adds rows up to the first unusual one, whose number it returns. No call in the loop: the compiler can keep all at hand. */
function addUsual(state: Fields, x: Float64Array, slotOf: Int32Array, from: number, to: number): number {
  const counts = state[count]!;
  const means = state[mean]!;
  const meanLows = state[meanLow]!;
  const sums = state[squares]!;
  const sumLows = state[squaresLow]!;
  for (let i = from; i < to; i++) {
    const slot = slotOf[i]!;
    if (slot < 0) continue;
    const v = x[i]!;
    const m = means[slot]!;
    const ml = meanLows[slot]!;
    const n = counts[slot]! + 1;
    const delta = v - m - ml;
    const step = delta / n;
    const square = delta * (delta - step);
    if (square - square !== 0) {
      if (Number.isNaN(v)) continue;
      return i;
    }
    counts[slot] = n;
    const s = m + step;
    const b = s - m;
    const low = ml + (m - (s - b) + (step - b));
    const renewed = s + low;
    means[slot] = renewed;
    meanLows[slot] = low - (renewed - s);
    const q = sums[slot]!;
    const t = q + square;
    const c = t - q;
    sums[slot] = t;
    sumLows[slot]! += q - (t - c) + (square - c);
  }
  return to;
}

/**
 * Takes in a block of numbers by two passes around its first value: their mean, then their squared
 * deviations, less what the rounding of the mean added. Says no where that overflows.
 */
function addBlock(state: Fields, x: Float64Array, from: number, to: number): boolean {
  const n = to - from;
  const origin = x[from]!;
  const step = sumAround(x, origin, from, to) / n;
  let s0 = 0;
  let s1 = 0;
  let rest0 = 0;
  let rest1 = 0;
  let i = from;
  for (; i + 2 <= to; i += 2) {
    const d0 = x[i]! - origin - step;
    const d1 = x[i + 1]! - origin - step;
    s0 += d0 * d0;
    s1 += d1 * d1;
    rest0 += d0;
    rest1 += d1;
  }
  if (i < to) {
    const d = x[i]! - origin - step;
    s0 += d * d;
    rest0 += d;
  }
  const rest = rest0 + rest1;
  const s = s0 + s1 - (rest * rest) / n;
  if (s - s !== 0) return false;
  const more = rest / n;
  const shift = step + more;
  const m = origin + shift;
  const b = m - origin;
  combine(state, 0, n, m, origin - (m - b) + (shift - b) + (more - (shift - step)), Math.max(0, s), 0);
  return true;
}

function sumAround(x: Float64Array, origin: number, from: number, to: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    s0 += x[i]! - origin;
    s1 += x[i + 1]! - origin;
    s2 += x[i + 2]! - origin;
    s3 += x[i + 3]! - origin;
  }
  for (; i < to; i++) s0 += x[i]! - origin;
  return s0 + s1 + (s2 + s3);
}

/** Makes the accumulator of one bound aggregation; it owns a small scratch. */
function moments(type: DataType): Accumulator {
  const scratch = new Float64Array(blockRows);
  const shared: Pick<Accumulator, 'initial' | 'merge'> = {
    initial: [0, 0, 0, 0, 0],
    merge(into, slot, from, fromSlot) {
      const n = from[count]![fromSlot]!;
      if (n === 0) return;
      const at = (field: number): number => from[field]![fromSlot]!;
      combine(into, slot, n, at(mean), at(meanLow), at(squares), at(squaresLow));
    },
  };
  if (laneCount(type) === 2) return { ...shared, ...wideMoments(scratch) };
  return {
    ...shared,
    onNewAll(state, lanes, from, to) {
      const x = lanes[0]!;
      let plain = true;
      for (let start = from; start < to; start += blockRows) {
        const end = Math.min(start + blockRows, to);
        if (plain && addBlock(state, x, start, end)) continue;
        plain = false; // there are missing rows or infinities, and likely more to come
        addNumbers(state, scratch, copyNumbers(scratch, x, start, end));
      }
    },
    onNew(state, lanes, slotOf, from, to) {
      addGrouped(state, lanes[0]!, slotOf, from, to);
    },
    onNewRow(state, slot, lanes, row) {
      addRow(state, slot, lanes[0]![row]!);
    },
  };
}

function addNumbers(state: Fields, numbers: Float64Array, length: number): void {
  if (length === 0 || addBlock(state, numbers, 0, length)) return;
  for (let i = 0; i < length; i++) addRow(state, 0, numbers[i]!);
}

/** 64-bit integers, as the doubles nearest to them. */
function wideMoments(scratch: Float64Array): Pick<Accumulator, 'onNewAll' | 'onNew' | 'onNewRow'> {
  const narrow = (lanes: Lanes, from: number, to: number): void => {
    const high = lanes[0]!;
    const low = lanes[1]!;
    for (let i = from; i < to; i++) scratch[i - from] = high[i]! * 2 ** 32 + low[i]!;
  };
  return {
    onNewAll(state, lanes, from, to) {
      for (let start = from; start < to; start += blockRows) {
        const end = Math.min(start + blockRows, to);
        narrow(lanes, start, end);
        addNumbers(state, scratch, copyNumbers(scratch, scratch, 0, end - start));
      }
    },
    onNew(state, lanes, slotOf, from, to) {
      for (let start = from; start < to; start += blockRows) {
        const end = Math.min(start + blockRows, to);
        narrow(lanes, start, end);
        addGrouped(state, scratch, slotOf.subarray(start, end), 0, end - start);
      }
    },
    onNewRow(state, slot, lanes, row) {
      addRow(state, slot, lanes[0]![row]! * 2 ** 32 + lanes[1]![row]!);
    },
  };
}
