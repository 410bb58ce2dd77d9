import type { AggregationDefinition, ExactInteger, SlotAggregation, TypeFunction } from './aggregation.ts';
import { exactInteger, exactIntegers } from './exact-integer.ts';

/** An exact integer, whatever the input. */
export interface CountType extends TypeFunction {
  readonly output: ExactInteger;
  readonly nullable: false;
}

const counter: SlotAggregation = {
  output: exactInteger,
  plainNumber: true,
  initial: [0],
  onNewAll(state, lanes, from, to) {
    const x = lanes[0]!;
    let missing = 0;
    for (let i = from; i < to; i++) missing += Number(Number.isNaN(x[i]));
    state[0]![0]! += to - from - missing;
  },
  onNew(state, lanes, slotOf, from, to) {
    const counts = state[0]!;
    const x = lanes[0]!;
    for (let i = from; i < to; i++) {
      const slot = slotOf[i]!;
      if (slot >= 0 && !Number.isNaN(x[i])) counts[slot]! += 1;
    }
  },
  onNewRow(state, slot, lanes, row) {
    const x = lanes[0]!;
    if (!Number.isNaN(x[row])) state[0]![slot]! += 1;
  },
  merge(into, slot, from, fromSlot) {
    into[0]![slot]! += from[0]![fromSlot]!;
  },
  result: (state, slots) => exactIntegers(state[0]!, slots),
};

/** Number of the valid values, those neither null nor NaN. Any type. */
export const count: AggregationDefinition<CountType> = {
  name: 'count',
  accepts: () => true,
  bind: () => counter,
};
