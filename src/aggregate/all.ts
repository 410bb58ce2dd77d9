import type { AggregationDefinition } from './aggregation.ts';
import { hasSpread } from './moments.ts';
import { type TruthType, truth } from './truth.ts';

/** Whether all valid values are true, or numbers other than 0; true where there is none. */
export const all: AggregationDefinition<TruthType> & { readonly skipna: true } = {
  name: 'all',
  skipna: true,
  accepts: hasSpread,
  bind: () => truth(false, false),
};
