import { DataType, type Utf8 } from 'apache-arrow';
import { columnOfLanes, laneCount } from '../columnar/lanes.ts';
import type { FamilyOf } from '../columnar/type-families.ts';
import { isFloat, isSmallInt, isTemporal, isWideInt } from '../columnar/types.ts';
import type { Fields, Lanes, SlotAggregation, TypeFunction } from './aggregation.ts';

/** The type of the input; strings are utf8, however they were stored. */
export interface SameType extends TypeFunction {
  readonly output: FamilyOf<this['input']> extends 'null'
    ? never
    : FamilyOf<this['input']> extends 'string'
      ? Utf8
      : this['input'];
  readonly nullable: true;
}

/** Whether values of this type have a smallest and a largest among them that lanes can tell. */
export function isOrdered(type: DataType): boolean {
  return (
    isFloat(type) ||
    isSmallInt(type) ||
    isWideInt(type) ||
    isTemporal(type) ||
    DataType.isBool(type) ||
    DataType.isDecimal(type)
  );
}

/**
 * The smallest (`sign` 1) or the largest (`sign` -1) value. The state holds `sign · value`, so that one loop
 * looks for the smallest; an empty slot holds NaN, which no value is below.
 */
export function extreme(type: DataType, sign: 1 | -1): SlotAggregation {
  const lanes = laneCount(type);
  if (lanes === 1) return oneLane(type, sign);
  return lanes === 2 ? twoLanes(type, sign) : manyLanes(type, sign, lanes);
}

function oneLane(type: DataType, sign: 1 | -1): SlotAggregation {
  const offer = (state: Fields, slot: number, v: number): void => {
    const least = state[0]!;
    const m = least[slot]!;
    if (v < m || Number.isNaN(m)) least[slot] = v;
  };
  return {
    output: type,
    initial: [Number.NaN],
    onNewAll(state, lanes, from, to) {
      offer(state, 0, leastOf(lanes[0]!, sign, from, to));
    },
    onNew(state, lanes, slotOf, from, to) {
      const x = lanes[0]!;
      const least = state[0]!;
      for (let i = from; i < to; i++) {
        const slot = slotOf[i]!;
        if (slot < 0) continue;
        const v = sign * x[i]!;
        const m = least[slot]!;
        if (v < m || Number.isNaN(m)) least[slot] = v;
      }
    },
    onNewRow(state, slot, lanes, row) {
      offer(state, slot, sign * lanes[0]![row]!);
    },
    merge(into, slot, from, fromSlot) {
      offer(into, slot, from[0]![fromSlot]!);
    },
    result(state, slots) {
      const values = new Float64Array(slots.length);
      const present = new Uint8Array(slots.length);
      for (let i = 0; i < slots.length; i++) {
        const m = state[0]![slots[i]!]!;
        if (Number.isNaN(m)) continue;
        values[i] = sign * m + 0; // never -0
        present[i] = 1;
      }
      return columnOfLanes(type, [values], present);
    },
  };
}

/** The least of `sign · x` in rows `from … to - 1`; NaN where all are missing. */
function leastOf(x: Float64Array, sign: number, from: number, to: number): number {
  let m0 = Number.POSITIVE_INFINITY;
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const v0 = sign * x[i]!;
    const v1 = sign * x[i + 1]!;
    const v2 = sign * x[i + 2]!;
    const v3 = sign * x[i + 3]!;
    if (v0 < m0) m0 = v0;
    if (v1 < m1) m1 = v1;
    if (v2 < m2) m2 = v2;
    if (v3 < m3) m3 = v3;
  }
  for (; i < to; i++) {
    const v = sign * x[i]!;
    if (v < m0) m0 = v;
  }
  const m = Math.min(m0, m1, m2, m3);
  if (m < Number.POSITIVE_INFINITY) return m;
  for (i = from; i < to; i++) if (!Number.isNaN(x[i])) return m; // an infinity that was there
  return Number.NaN;
}

/** Two lanes compare as their high words, then as their low words; negated ones too. */
function twoLanes(type: DataType, sign: 1 | -1): SlotAggregation {
  const offer = (state: Fields, slot: number, h: number, l: number): void => {
    const high = state[0]!;
    const low = state[1]!;
    const m = high[slot]!;
    if (h < m || Number.isNaN(m) || (h === m && l < low[slot]!)) {
      high[slot] = h;
      low[slot] = l;
    }
  };
  return {
    output: type,
    initial: [Number.NaN, 0],
    onNewAll(state, lanes, from, to) {
      const high = lanes[0]!;
      const low = lanes[1]!;
      for (let i = from; i < to; i++) offer(state, 0, sign * high[i]!, sign * low[i]!);
    },
    onNew(state, lanes, slotOf, from, to) {
      const high = lanes[0]!;
      const low = lanes[1]!;
      for (let i = from; i < to; i++) {
        const slot = slotOf[i]!;
        if (slot >= 0) offer(state, slot, sign * high[i]!, sign * low[i]!);
      }
    },
    onNewRow(state, slot, lanes, row) {
      offer(state, slot, sign * lanes[0]![row]!, sign * lanes[1]![row]!);
    },
    merge(into, slot, from, fromSlot) {
      offer(into, slot, from[0]![fromSlot]!, from[1]![fromSlot]!);
    },
    result(state, slots) {
      const high = new Float64Array(slots.length);
      const low = new Float64Array(slots.length);
      for (let i = 0; i < slots.length; i++) {
        high[i] = sign * state[0]![slots[i]!]!;
        low[i] = sign * state[1]![slots[i]!]!;
      }
      return columnOfLanes(type, [high, low]);
    },
  };
}

/** Decimals: their words compare one after the other. */
function manyLanes(type: DataType, sign: 1 | -1, count: number): SlotAggregation {
  const offer = (state: Fields, slot: number, from: Lanes, row: number, by: number): void => {
    if (Number.isNaN(from[0]![row]!)) return;
    let order = Number.isNaN(state[0]![slot]!) ? -1 : 0;
    for (let k = 0; k < count && order === 0; k++) order = by * from[k]![row]! - state[k]![slot]!;
    if (order < 0) for (let k = 0; k < count; k++) state[k]![slot] = by * from[k]![row]!;
  };
  return {
    output: type,
    initial: [Number.NaN, ...new Array<number>(count - 1).fill(0)],
    onNewAll(state, lanes, from, to) {
      for (let i = from; i < to; i++) offer(state, 0, lanes, i, sign);
    },
    onNew(state, lanes, slotOf, from, to) {
      for (let i = from; i < to; i++) if (slotOf[i]! >= 0) offer(state, slotOf[i]!, lanes, i, sign);
    },
    onNewRow(state, slot, lanes, row) {
      offer(state, slot, lanes, row, sign);
    },
    merge(into, slot, from, fromSlot) {
      offer(into, slot, from, fromSlot, 1);
    },
    result(state, slots) {
      const lanes = state.map((field) => Float64Array.from(slots, (slot) => sign * field[slot]!));
      return columnOfLanes(type, lanes);
    },
  };
}
