import type { AggregationDefinition, SlotAggregation } from './aggregation.ts';
import type { CountType } from './count.ts';
import { exactInteger, exactIntegers } from './exact-integer.ts';

const rows: SlotAggregation = {
  output: exactInteger,
  plainNumber: true,
  reads: [],
  initial: [0],
  onNewAll(state, _lanes, from, to) {
    state[0]![0]! += to - from;
  },
  onNew(state, _lanes, slotOf, from, to) {
    const counts = state[0]!;
    for (let i = from; i < to; i++) {
      const slot = slotOf[i]!;
      if (slot >= 0) counts[slot]! += 1;
    }
  },
  onNewRow(state, slot) {
    state[0]![slot]! += 1;
  },
  merge(into, slot, from, fromSlot) {
    into[0]![slot]! += from[0]![fromSlot]!;
  },
  result: (state, slots) => exactIntegers(state[0]!, slots),
};

/** Number of the rows, missing values included. Any type; reads no lane. */
export const size: AggregationDefinition<CountType> = {
  name: 'size',
  accepts: () => true,
  bind: () => rows,
};
