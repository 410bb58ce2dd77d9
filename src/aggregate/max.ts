import type { AggregationDefinition } from './aggregation.ts';
import { extreme, isOrdered, type SameType } from './extreme.ts';

/**
 * Largest valid value of numbers, booleans, dates, times and durations, in their own type; null where
 * there is none. Null and NaN are skipped, true is above false.
 */
export const max: AggregationDefinition<SameType> = {
  name: 'max',
  accepts: isOrdered,
  bind: (type) => extreme(type, -1),
};
