import type { AggregationDefinition } from './aggregation.ts';
import type { FloatType } from './mean.ts';
import { hasSpread } from './moments.ts';
import { quantiles } from './quantiles.ts';

/**
 * Middle one of the valid values in order, the mean of the two in the middle where their number is even; float64,
 * null where there is none. Exact, over windows too: O(log values) per row. Holds the values in view, 8 to 32 bytes each, of many
 * equal ones their number; over all time that grows with the values, see `approxQuantile`.
 */
export const median: AggregationDefinition<FloatType> & { readonly skipna: true } = {
  name: 'median',
  skipna: true,
  accepts: hasSpread,
  bind: (type) => quantiles(type, 0.5, 'midpoint'),
};
