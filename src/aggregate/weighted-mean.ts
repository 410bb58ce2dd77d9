import { type DataType, Float64 } from 'apache-arrow';
import type { NumberColumn } from '../columnar/column.ts';
import { columnOfLanes } from '../columnar/lanes.ts';
import type { AggregationDefinition, Lanes, SlotAggregation } from './aggregation.ts';
import { composite } from './composite.ts';
import { floatTotal, floatTotalOver } from './float-total.ts';
import type { FloatType } from './mean.ts';
import { hasSpread } from './moments.ts';

const output: DataType = new Float64();

/**
 * Mean of one column weighted by another, over the rows that have both: `df.price.weightedMean(df.quantity)`, as of a
 * price by volume. Float64; null where the weights sum to 0 or there is no such row.
 */
export const weightedMean: AggregationDefinition<FloatType, object, 2, false> & { readonly skipna: true } = {
  name: 'weightedMean',
  inputs: 2,
  every: false,
  skipna: true,
  accepts: hasSpread,
  bind: (_type, _options, types) =>
    composite([totalOf((x, w) => x * w), totalOf((x, w) => (Number.isNaN(x) ? x : w))], types!, {
      output,
      finish(columns, length) {
        const [total, weights] = columns.map((column) => (column as NumberColumn).values) as [
          Float64Array,
          Float64Array,
        ];
        const present = Uint8Array.from({ length }, (_, i) => Number(weights[i] !== 0));
        const values = Float64Array.from({ length }, (_, i) =>
          present[i] === 0 ? 0 : total[i]! / weights[i]!,
        );
        return columnOfLanes(output, [values], present);
      },
    }),
};

/** The total of a function of both columns; NaN counts for nothing. */
function totalOf(term: (x: number, w: number) => number): SlotAggregation {
  const total = floatTotal();
  const one = [new Float64Array(1)];
  const terms = ([x, w]: Lanes, from: number, to: number): Lanes => {
    const lane = new Float64Array(to - from);
    for (let i = from; i < to; i++) lane[i - from] = term(x![i]!, w![i]!);
    return [lane];
  };
  return {
    ...total,
    output,
    reads: [
      { input: 0, as: 'number' },
      { input: 1, as: 'number' },
    ],
    onNewAll(state, lanes, from, to) {
      total.onNewAll(state, terms(lanes, from, to), 0, to - from);
    },
    onNew(state, lanes, slotOf, from, to) {
      total.onNew(state, terms(lanes, from, to), slotOf.subarray(from, to), 0, to - from);
    },
    onNewRow(state, slot, lanes, row) {
      one[0]![0] = term(lanes[0]![row]!, lanes[1]![row]!);
      total.onNewRow(state, slot, one, 0);
    },
    result: (state, slots) =>
      columnOfLanes(output, [Float64Array.from(slots, (slot) => floatTotalOver(state, slot, 1))]),
  };
}
