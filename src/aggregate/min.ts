import type { AggregationDefinition } from './aggregation.ts';
import { extreme, type SameType } from './extreme.ts';
import { isText, isValue, pick } from './pick.ts';

/**
 * Smallest valid value of numbers, strings, booleans, dates, times and durations, in their own type; null where
 * there is none. Null and NaN are skipped, false is below true, strings go by
 * code point.
 */
export const min: AggregationDefinition<SameType> & { readonly skipna: true } = {
  name: 'min',
  skipna: true,
  accepts: isValue,
  bind: (type) =>
    isText(type) ? pick({ input: 0, type, by: { input: 0, type }, sign: 1 }) : extreme(type, 1),
};
