import type { DataType } from 'apache-arrow';
import { Utf8 } from 'apache-arrow';
import type { AggregationDefinition, SlotAggregation } from './aggregation.ts';
import { eachValue, noFields, notOpen } from './collection.ts';
import type { SameType } from './extreme.ts';
import { isText, isValue } from './pick.ts';
import { RankedCounts } from './ranked-counts.ts';
import type { SavedCounts } from './value-counts.ts';

/**
 * The most frequent valid value, of several the smallest, in its own type; null where there is none. Holds the count
 * of every different value in view; over all time that grows with them, see `topK`. O(log values) per row.
 */
export const mode: AggregationDefinition<SameType> = {
  name: 'mode',
  accepts: isValue,
  bind: (type) => modes(isText(type) ? new Utf8() : type),
};

const reads = [{ input: 0, as: 'code' }] as const;

function modes(output: DataType): SlotAggregation {
  return {
    ...notOpen,
    output,
    reads,
    open(context): SlotAggregation {
      const codes = context.codes(0);
      const counts = new RankedCounts(codes);
      return {
        ...noFields,
        output,
        reads,
        add(slotOf, lanes, from, to) {
          eachValue(slotOf, lanes, from, to, (slot, code) => counts.add(slot, code));
        },
        remove(slotOf, lanes, from, to) {
          eachValue(slotOf, lanes, from, to, (slot, code) => counts.remove(slot, code));
        },
        drop: (slot) => counts.drop(slot),
        save: () => counts.save(),
        restore: (saved) => counts.restore(saved as SavedCounts),
        mark(_state, _slots, mark) {
          for (const code of counts.codes()) mark(0, code);
        },
        result(_state, slots, collections = slots) {
          const top = Float64Array.from(collections, (slot) => counts.top(slot, 1)[0]?.code ?? Number.NaN);
          return codes.columnOf(top);
        },
      };
    },
  };
}
