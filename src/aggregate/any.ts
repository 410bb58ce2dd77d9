import type { AggregationDefinition } from './aggregation.ts';
import { hasSpread } from './moments.ts';
import { type TruthType, truth } from './truth.ts';

/** Whether a valid value is true, or a number other than 0; false where there is none. */
export const any: AggregationDefinition<TruthType> & { readonly skipna: true } = {
  name: 'any',
  skipna: true,
  accepts: hasSpread,
  bind: () => truth(true, true),
};
