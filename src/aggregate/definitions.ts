import { didYouMean, quote, SchemaError } from '../errors.ts';
import type { AggregationDefinition } from './aggregation.ts';
import * as aggregations from './index.ts';

/** The built-in aggregations by name. */
export const definitions: ReadonlyMap<string, AggregationDefinition> = new Map(
  Object.entries(aggregations as unknown as Record<string, AggregationDefinition>),
);

/** @throws `bad-option` for an aggregation that there is not, saying which `operation` asked for it. */
export function definitionOf(name: unknown, operation = 'aggregate'): AggregationDefinition {
  const definition = typeof name === 'string' ? definitions.get(name) : undefined;
  if (definition !== undefined) return definition;
  const names = [...definitions.keys()];
  throw new SchemaError(
    'bad-option',
    `${operation}: no aggregation ${typeof name === 'string' ? quote(name) : `of type ${typeof name}`}${didYouMean(String(name), names) || ';'} there are ${names.join(', ')}`,
  );
}
