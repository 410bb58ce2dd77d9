import type { AggregationDefinition } from './aggregation.ts';
import type { FloatType } from './mean.ts';
import { hasSpread, type SpreadOptions, spread, spreadOptions } from './moments.ts';

/** Standard deviation of the valid values: the square root of `var`, by the same rules. */
export const std: AggregationDefinition<FloatType, SpreadOptions> & { readonly skipna: true } = {
  name: 'std',
  skipna: true,
  accepts: hasSpread,
  options: (given) => spreadOptions('std', given),
  bind: (type, options) => spread(type, options, Math.sqrt),
};
