import type { AggregationDefinition } from './aggregation.ts';
import type { FloatType } from './mean.ts';
import { hasSpread, type SpreadOptions, spread, spreadOptions } from './moments.ts';

/**
 * Variance of the valid values, as float64; null where there are fewer than ddof + 1. Null and NaN are
 * skipped, an infinity gives NaN, equal values give exactly 0. Good to about 10⁻¹² also where the mean is 10⁹
 * times the deviation. Squares beyond the range of doubles are 0 or infinite.
 */
export const variance: AggregationDefinition<FloatType, SpreadOptions> & { readonly skipna: true } = {
  name: 'var',
  skipna: true,
  accepts: hasSpread,
  options: (given) => spreadOptions('var', given),
  bind: (type, options) => spread(type, options, (value) => value),
};
