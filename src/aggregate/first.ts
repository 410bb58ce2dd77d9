import type { AggregationDefinition } from './aggregation.ts';
import type { SameType } from './extreme.ts';
import { isValue, pick } from './pick.ts';

/**
 * The valid value that came first of those in view, in its own type; null where there is none. In order of arrival,
 * whatever the key of a window.
 */
export const first: AggregationDefinition<SameType> = {
  name: 'first',
  accepts: isValue,
  bind: (type) => pick({ input: 0, type, sign: 1 }),
};
