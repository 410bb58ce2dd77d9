import { Bool, type DataType } from 'apache-arrow';
import { columnOfLanes } from '../columnar/lanes.ts';
import type { FamilyOf } from '../columnar/type-families.ts';
import type { Fields, SlotAggregation, TypeFunction } from './aggregation.ts';

/** Booleans of booleans and numbers. */
export interface TruthType extends TypeFunction {
  readonly output: {
    unknown: Bool;
    number: Bool;
    int64: Bool;
    bool: Bool;
    'time-ms': never;
    time: never;
    string: never;
    null: never;
  }[FamilyOf<this['input']>];
  readonly nullable: false;
}

/** Whether a value that is `wanted`, true or false, was there (`found`), or none. */
export function truth(wanted: boolean, found: boolean): SlotAggregation {
  const output: DataType = new Bool();
  const take = (state: Fields, slot: number, x: number): void => {
    if (!Number.isNaN(x) && (x !== 0) === wanted) state[0]![slot] = 1;
  };
  return {
    output,
    reads: [{ input: 0, as: 'number' }],
    initial: [0],
    onNewAll(state, lanes, from, to) {
      for (let i = from; i < to; i++) take(state, 0, lanes[0]![i]!);
    },
    onNew(state, lanes, slotOf, from, to) {
      for (let i = from; i < to; i++) if (slotOf[i]! >= 0) take(state, slotOf[i]!, lanes[0]![i]!);
    },
    onNewRow(state, slot, lanes, row) {
      take(state, slot, lanes[0]![row]!);
    },
    merge(into, slot, from, fromSlot) {
      if (from[0]![fromSlot] === 1) into[0]![slot] = 1;
    },
    result: (state, slots) =>
      columnOfLanes(output, [Float64Array.from(slots, (slot) => Number((state[0]![slot] === 1) === found))]),
  };
}
