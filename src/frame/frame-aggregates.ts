import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import { definitionOf } from '../aggregate/definitions.ts';
import type { Batch } from '../columnar/batch.ts';
import { aggItems, readArguments, scalar, stateIn } from './aggregate.ts';
import type { Scope } from './aggregate-request.ts';
import { readRecord, readValue, type Scalar } from './scalar.ts';

/** One aggregation of every column that it accepts, as a record. */
export function everyColumn<T>(
  scope: Scope,
  definition: AggregationDefinition,
  args: readonly unknown[],
): Scalar<T> {
  const { scope: own, asked } = readArguments(scope, definition, args);
  return scalar({ ...own, items: asked }, readRecord);
}

/** Several aggregations, as a record. */
export function recordOfItems<T>(
  scope: Scope,
  spec: Readonly<Record<string, unknown>>,
  options?: object,
): Scalar<T> {
  return scalar({ ...stateIn(scope, 'agg', options), items: aggItems(scope.frame, spec) }, readRecord);
}

/** Number of rows. */
export function rowCount<T>(scope: Scope, options?: object): Scalar<T> {
  return countRows(stateIn(scope, 'numRows', options), readValue);
}

/** Number of rows times number of columns. */
export function cells<T>(scope: Scope, options?: object): Scalar<T> {
  const columns = (): number => scope.frame.names?.length ?? 0;
  return countRows(stateIn(scope, 'size', options), (batch) => (readValue(batch) as number) * columns());
}

function countRows<T>(scope: Scope, read: (batch: Batch) => unknown): Scalar<T> {
  const item = { name: 'size', exprs: [], definition: definitionOf('size'), options: {} };
  return scalar({ ...scope, items: [item] }, read);
}
