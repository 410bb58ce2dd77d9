import * as aggregations from '../aggregate/index.ts';
import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import type { Batch } from '../columnar/batch.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import type { ExprTree } from '../expr/tree.ts';
import { AggregateNode } from './aggregate-node.ts';
import type { AggregateItem, AggregateRequest, GroupKeys } from './aggregate-request.ts';
import { readValue, Scalar } from './scalar.ts';
import type { FrameState } from './state.ts';
import type { WindowRequest } from './window-request.ts';

/** Rows to aggregate: those of a frame, in a window, by groups. */
export interface Scope {
  readonly frame: FrameState;
  readonly window?: WindowRequest | undefined;
  readonly groups?: GroupKeys | undefined;
}

/** The built-in aggregations by name. */
export const definitions: ReadonlyMap<string, AggregationDefinition> = new Map(
  Object.entries(aggregations as unknown as Record<string, AggregationDefinition>),
);

/** @throws `bad-option` for an aggregation that there is not. */
export function definitionOf(name: unknown): AggregationDefinition {
  const definition = typeof name === 'string' ? definitions.get(name) : undefined;
  if (definition !== undefined) return definition;
  const names = [...definitions.keys()];
  throw new SchemaError(
    'bad-option',
    `no aggregation ${quote(String(name))}${didYouMean(String(name), names) || ';'} there are ${names.join(', ')}`,
  );
}

/** @throws `bad-option` for options that the aggregation does not take. */
export function checkedOptions(definition: AggregationDefinition, options: object = {}): object {
  if (typeof options !== 'object' || options === null) {
    throw new SchemaError('bad-option', `${definition.name} takes an object of options, got ${String(options)}`);
  }
  return definition.options?.(options) ?? options;
}

/** Puts an aggregation below the frame. What can be checked before data comes is. */
export function aggregateNode(request: AggregateRequest): AggregateNode {
  const node = new AggregateNode(request);
  request.frame.root.node.connect(node);
  return node;
}

/** The result of a scope without groups: of one row, read as a value. */
export function scalar<T>(request: AggregateRequest, read: (batch: Batch) => unknown): Scalar<T> {
  return new Scalar<T>(aggregateNode(request), read as (batch: Batch) => T);
}

/** One aggregation of one expression. */
export function valueOf<T>(scope: Scope, expr: ExprTree | undefined, definition: AggregationDefinition, options?: object): Scalar<T> {
  const item = { name: definition.name, expr, definition, options: checkedOptions(definition, options) };
  return scalar({ ...scope, items: [item] }, readValue);
}

/** Reads the argument of `agg`. @throws `bad-option`, `no-such-column`. */
export function aggItems(frame: FrameState, spec: Readonly<Record<string, unknown>>): AggregateItem[] {
  const form = `agg({ total: ['amount', 'sum'], amount: 'mean' })`;
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    throw new SchemaError('bad-option', `agg takes an object of results, as in ${form}`);
  }
  const items = Object.entries(spec).map(([name, item]): AggregateItem => {
    const [input, aggregation, options] = Array.isArray(item) ? item : [name, item, undefined];
    const definition = definitionOf(aggregation);
    const checked = checkedOptions(definition, options);
    if (definition.name === 'size' && !Array.isArray(item)) return { name, expr: undefined, definition, options: checked };
    if (typeof input !== 'string') {
      return { name, expr: frame.resolve(input, `agg ${quote(name)}`), definition, options: checked };
    }
    frame.checkName(input);
    return { name, expr: { op: 'column', name: input }, definition, options: checked };
  });
  if (items.length === 0) throw new SchemaError('bad-option', `agg needs at least one result, as in ${form}`);
  return items;
}
