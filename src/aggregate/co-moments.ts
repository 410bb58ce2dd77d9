import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import type { Fields, SlotAggregation } from './aggregation.ts';

/**
 * Count, means and sums of products of deviations of two columns, over the rows that have both; merged pairwise.
 * Means and sums are pairs of doubles, for the same reasons as those of `var`. They are NaN once an infinity was met,
 * until it leaves.
 */
const count = 0;
const meanX = 1;
const meanY = 3;
const squaresX = 5;
const squaresY = 7;
const products = 9;
const initial: readonly number[] = new Array<number>(11).fill(0);

/** What is known of two columns together. */
export interface CoMoments {
  readonly count: number;
  readonly meanX: number;
  readonly meanY: number;
  /** Sums of squared deviations, and of their products. */
  readonly squaresX: number;
  readonly squaresY: number;
  readonly products: number;
}

/** An aggregation of two columns that is a function of their moments. */
export function coMoments(
  output: DataType,
  result: (momentsOf: (i: number) => CoMoments, length: number) => Column,
): SlotAggregation {
  const mergeInto = (into: Fields, slot: number, from: Fields, fromSlot: number): void => {
    const n = from[count]![fromSlot]!;
    if (n === 0) return;
    const before = into[count]![slot]!;
    if (before === 0) {
      for (let f = 0; f < initial.length; f++) into[f]![slot] = from[f]![fromSlot]!;
      return;
    }
    const total = before + n;
    const dx = difference(from, fromSlot, into, slot, meanX);
    const dy = difference(from, fromSlot, into, slot, meanY);
    into[count]![slot] = total;
    const weight = (before / total) * n;
    addTo(into, slot, squaresX, dx * dx * weight);
    addTo(into, slot, squaresY, dy * dy * weight);
    addTo(into, slot, products, dx * dy * weight);
    for (const field of [squaresX, squaresY, products]) {
      addTo(into, slot, field, from[field]![fromSlot]!);
      into[field + 1]![slot]! += from[field + 1]![fromSlot]!;
    }
    addTo(into, slot, meanX, dx * (n / total));
    addTo(into, slot, meanY, dy * (n / total));
  };
  const onNewRow = (state: Fields, slot: number, x: number, y: number): void => {
    if (Number.isNaN(x) || Number.isNaN(y)) return;
    const before = state[count]![slot]!;
    const n = before + 1;
    state[count]![slot] = n;
    const dx = x - state[meanX]![slot]! - state[meanX + 1]![slot]!;
    const dy = y - state[meanY]![slot]! - state[meanY + 1]![slot]!;
    const weight = before / n;
    addTo(state, slot, meanX, dx / n);
    addTo(state, slot, meanY, dy / n);
    addTo(state, slot, squaresX, dx * dx * weight);
    addTo(state, slot, squaresY, dy * dy * weight);
    addTo(state, slot, products, dx * dy * weight);
  };
  return {
    output,
    reads: [
      { input: 0, as: 'number' },
      { input: 1, as: 'number' },
    ],
    initial,
    onNewAll(state, lanes, from, to) {
      for (let i = from; i < to; i++) onNewRow(state, 0, lanes[0]![i]!, lanes[1]![i]!);
    },
    onNew(state, lanes, slotOf, from, to) {
      for (let i = from; i < to; i++) {
        if (slotOf[i]! >= 0) onNewRow(state, slotOf[i]!, lanes[0]![i]!, lanes[1]![i]!);
      }
    },
    onNewRow(state, slot, lanes, row) {
      onNewRow(state, slot, lanes[0]![row]!, lanes[1]![row]!);
    },
    merge: mergeInto,
    result: (state, slots) => result((i) => momentsOf(state, slots[i]!), slots.length),
  };
}

function momentsOf(state: Fields, slot: number): CoMoments {
  const pair = (field: number): number => state[field]![slot]! + state[field + 1]![slot]!;
  return {
    count: state[count]![slot]!,
    meanX: pair(meanX),
    meanY: pair(meanY),
    squaresX: Math.max(0, pair(squaresX)),
    squaresY: Math.max(0, pair(squaresY)),
    products: pair(products),
  };
}

function difference(a: Fields, aSlot: number, b: Fields, bSlot: number, field: number): number {
  return a[field]![aSlot]! - b[field]![bSlot]! + (a[field + 1]![aSlot]! - b[field + 1]![bSlot]!);
}

/** Adds to a pair of doubles without losing what the first cannot hold. */
function addTo(state: Fields, slot: number, field: number, x: number): void {
  const h = state[field]![slot]!;
  const s = h + x;
  const b = s - h;
  const low = state[field + 1]![slot]! + (h - (s - b) + (x - b));
  const renewed = s + low;
  state[field]![slot] = renewed;
  state[field + 1]![slot] = renewed - renewed === 0 ? low - (renewed - s) : 0;
}
