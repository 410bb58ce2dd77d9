import type { DataType } from 'apache-arrow';
import type { ExactInteger } from '../aggregate/aggregation.ts';
import { definitionOf } from '../aggregate/definitions.ts';
import { doubleLane, lanesOf } from '../columnar/lanes.ts';
import { take } from '../columnar/take.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import type { ExprTree } from '../expr/tree.ts';
import { aggregateNode } from './aggregate.ts';
import type { AggregateNode } from './aggregate-node.ts';
import type { Scope } from './aggregate-request.ts';
import type { AggregateResult } from './aggregate-state.ts';
import type { StreamingDataFrame } from './dataframe.ts';

export interface ValueCountsOptions {
  /** In order of the values (default), or the most frequent first, of equal ones the smallest. */
  readonly sort?: 'value' | 'count' | undefined;
  /** Leaves out null and NaN (default); `false` counts them like other values. */
  readonly dropna?: boolean | undefined;
}

/** Values and how often they are there. */
export type ValueCountsFrame<D extends DataType> = StreamingDataFrame<
  { value: D; count: ExactInteger },
  'snapshot'
>;

const known = ['sort', 'dropna'];

/** Counts the rows of each value of an expression. @throws `bad-option`. */
export function valueCounts(scope: Scope, expr: ExprTree, options: ValueCountsOptions): AggregateNode {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new SchemaError(
      'bad-option',
      `valueCounts has no option ${quote(name)}${didYouMean(name, known) || ';'} there are ${known.join(', ')}`,
    );
  }
  const { sort = 'value', dropna = true } = options;
  if (sort !== 'value' && sort !== 'count') {
    throw new SchemaError(
      'bad-option',
      `valueCounts: option "sort" must be 'value' or 'count', not ${String(sort)}`,
    );
  }
  return aggregateNode({
    ...scope,
    groups: { keys: [{ name: 'value', expr }], sort: true, dropna },
    items: [{ name: 'count', exprs: [], definition: definitionOf('size'), options: {} }],
    arrange: (result) => arranged(result, sort, dropna),
  });
}

function arranged(result: AggregateResult, sort: 'value' | 'count', dropna: boolean): AggregateResult {
  const { length, keys, values } = result;
  const missing = lanesOf(keys[0]!)[0]!;
  let rows = Int32Array.from({ length }, (_, row) => row);
  if (dropna) rows = rows.filter((row) => !Number.isNaN(missing[row]));
  if (sort === 'count') {
    const counts = doubleLane(values[0]!);
    rows.sort((a, b) => counts[b]! - counts[a]! || a - b);
  } else if (rows.length === length) return result;
  return {
    length: rows.length,
    keys: keys.map((key) => take(key, rows)),
    values: values.map((value) => take(value, rows)),
  };
}
