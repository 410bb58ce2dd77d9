import type { DataType } from 'apache-arrow';
import { canBeKey } from '../columnar/keys/keys.ts';
import type { AggregationDefinition, SlotAggregation } from './aggregation.ts';
import { eachValue, noFields, notOpen } from './collection.ts';
import type { CountType } from './count.ts';
import { exactInteger, exactIntegers } from './exact-integer.ts';
import { type SavedCounts, ValueCounts } from './value-counts.ts';

/**
 * Number of different valid values; 0 and -0 are one. Holds the count of every different value in view; over all time
 * that grows with them, see `approxDistinct`. O(1) per row.
 */
export const nunique: AggregationDefinition<CountType> = {
  name: 'nunique',
  accepts: (type: DataType) => canBeKey(type),
  bind: () => distinctCounts,
};

const reads = [{ input: 0, as: 'code' }] as const;

/** The exact number of different values. */
export const distinctCounts: SlotAggregation = {
  ...notOpen,
  output: exactInteger,
  plainNumber: true,
  reads,
  open(): SlotAggregation {
    const values = new ValueCounts();
    return {
      ...noFields,
      output: exactInteger,
      plainNumber: true,
      reads,
      add(slotOf, lanes, from, to) {
        eachValue(slotOf, lanes, from, to, (slot, code) => {
          const known = values.entry(slot, code);
          values.count(known < 0 ? values.enter(slot, code) : known, 1);
        });
      },
      remove(slotOf, lanes, from, to) {
        eachValue(slotOf, lanes, from, to, (slot, code) => {
          const entry = values.entry(slot, code);
          if (values.count(entry, -1) === 0) values.leave(entry);
        });
      },
      drop: (slot) => values.drop(slot),
      save: () => values.save(),
      restore(saved) {
        const { slots, codes, counts } = saved as SavedCounts;
        for (let i = 0; i < slots.length; i++) values.count(values.enter(slots[i]!, codes[i]!), counts[i]!);
      },
      mark(_state, _slots, mark) {
        for (const entry of values.entries()) mark(0, values.codeOf(entry));
      },
      result(_state, slots, collections = slots) {
        const capacity = collections.reduce((most, slot) => Math.max(most, slot + 1), 0);
        return exactIntegers(values.distinct(capacity), collections);
      },
    };
  },
};
