import type { DataType } from 'apache-arrow';
import { type Lanes, laneCount } from '../columnar/lanes.ts';
import type { Accumulator, Fields } from './aggregation.ts';

const word = 2 ** 32;
const limit = 2 ** 52;

/**
 * Total and count of decimals or 64-bit integers, exact. The fields are words of 32 bits, the highest, which has no end, first,
 * and the count last; words are whole numbers that are carried into the next higher one before they leave the 53 bits of a double.
 */
export function wordTotal(type: DataType): Accumulator {
  const words = laneCount(type);
  const count = words + 1;
  const add = (state: Fields, slot: number, k: number, x: number): void => {
    const field = state[k]!;
    const sum = field[slot]! + x;
    if (k === 0 || Math.abs(sum) < limit) {
      field[slot] = sum;
      return;
    }
    const carry = Math.floor(sum / word);
    field[slot] = sum - carry * word;
    add(state, slot, k - 1, carry);
  };
  const take = (state: Fields, slot: number, lanes: Lanes, row: number): void => {
    if (Number.isNaN(lanes[0]![row]!)) return;
    for (let k = 0; k < words; k++) add(state, slot, k + 1, lanes[k]![row]!);
    state[count]![slot]! += 1;
  };
  return {
    initial: new Array<number>(words + 2).fill(0),
    onNewAll(state, lanes, from, to) {
      for (let i = from; i < to; i++) take(state, 0, lanes, i);
    },
    onNew(state, lanes, slotOf, from, to) {
      for (let i = from; i < to; i++) if (slotOf[i]! >= 0) take(state, slotOf[i]!, lanes, i);
    },
    onNewRow(state, slot, lanes, row) {
      take(state, slot, lanes, row);
    },
    merge(into, slot, from, fromSlot) {
      for (let k = 0; k <= words; k++) add(into, slot, k, from[k]![fromSlot]!);
      into[count]![slot]! += from[count]![fromSlot]!;
    },
  };
}

/** The total of a slot. */
export function wordTotalOf(state: Fields, slot: number): bigint {
  let total = 0n;
  for (let k = 0; k < state.length - 1; k++) total = total * 0x1_0000_0000n + BigInt(state[k]![slot]!);
  return total;
}

/** How many values a slot has seen. */
export function wordCount(state: Fields, slot: number): number {
  return state.at(-1)![slot]!;
}
