import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import * as aggregations from '../aggregate/index.ts';

/** The built-in aggregations by name. */
export const definitions: ReadonlyMap<string, AggregationDefinition> = new Map(
  Object.entries(aggregations as unknown as Record<string, AggregationDefinition>),
);
