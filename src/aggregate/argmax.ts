import type { AggregationDefinition } from './aggregation.ts';
import type { SameType } from './extreme.ts';
import { isValue, pick } from './pick.ts';

/**
 * The value of one column in the row where another is greatest, the first such row: `df.city.argmax(df.temperature)`.
 * In its own type; null where no row has both. Rows in which either is missing are skipped.
 */
export const argmax: AggregationDefinition<SameType, object, 2, false> = {
  name: 'argmax',
  inputs: 2,
  every: false,
  accepts: isValue,
  bind: (type, _options, types) => pick({ input: 0, type, by: { input: 1, type: types![1]! }, sign: -1 }),
};
