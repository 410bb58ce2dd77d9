import type { AggregationDefinition } from './aggregation.ts';
import { extreme, isOrdered, type SameType } from './extreme.ts';

/**
 * Smallest valid value of numbers, booleans, dates, times and durations, in their own type; null where
 * there is none. Null and NaN are skipped, false is below true.
 */
export const min: AggregationDefinition<SameType> = {
  name: 'min',
  accepts: isOrdered,
  bind: (type) => extreme(type, 1),
};
