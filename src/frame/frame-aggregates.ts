import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import type { Batch } from '../columnar/batch.ts';
import { aggItems, definitionOf, readArguments, scalar } from './aggregate.ts';
import type { Scope } from './aggregate-request.ts';
import { readRecord, readValue, type Scalar } from './scalar.ts';

/** One aggregation of every column that it accepts, as a record. */
export function everyColumn<T>(
  scope: Scope,
  definition: AggregationDefinition,
  args: readonly unknown[],
): Scalar<T> {
  const { asked } = readArguments(scope.frame, definition, args);
  return scalar({ ...scope, items: asked }, readRecord);
}

/** Several aggregations, as a record. */
export function recordOfItems<T>(scope: Scope, spec: Readonly<Record<string, unknown>>): Scalar<T> {
  return scalar({ ...scope, items: aggItems(scope.frame, spec) }, readRecord);
}

/** Number of rows. */
export function rowCount(scope: Scope): Scalar<number> {
  return countRows(scope, readValue);
}

/** Number of rows times number of columns. */
export function cells(scope: Scope): Scalar<number> {
  return countRows(scope, (batch) => (readValue(batch) as number) * (scope.frame.names?.length ?? 0));
}

function countRows(scope: Scope, read: (batch: Batch) => unknown): Scalar<number> {
  const item = { name: 'size', exprs: [], definition: definitionOf('size'), options: {} };
  return scalar({ ...scope, items: [item] }, read);
}
