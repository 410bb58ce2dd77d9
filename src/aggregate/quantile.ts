import type { AggregationDefinition } from './aggregation.ts';
import type { FloatType } from './mean.ts';
import { hasSpread } from './moments.ts';
import { type QuantileOptions, quantileOptions, quantiles } from './quantiles.ts';

/**
 * The value that a part `q` of the valid values lies below, as float64; null where there is none. By default on a
 * straight line between the two values next to that place. Exact, over windows too: O(log values) per row. Holds the values in
 * view, 8 to 32 bytes each, of many equal ones their number; over all time that grows with the values, see `approxQuantile`.
 */
export const quantile: AggregationDefinition<FloatType, QuantileOptions> & { readonly skipna: true } & {
  readonly argument: 'q';
} = {
  name: 'quantile',
  argument: 'q',
  skipna: true,
  accepts: hasSpread,
  options: (given) => quantileOptions('quantile', given),
  bind: (type, { q = 0.5, interpolation = 'linear' }) => quantiles(type, q, interpolation),
};
