import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import * as aggregations from '../aggregate/index.ts';
import type { Batch } from '../columnar/batch.ts';
import { didYouMean, GraphError, quote, SchemaError } from '../errors.ts';
import { describe, type ExprTree } from '../expr/tree.ts';
import { AggregateNode } from './aggregate-node.ts';
import type { AggregateItem, AggregateRequest, Scope } from './aggregate-request.ts';
import { type StateOptions, splitOptions, stateOptionNames } from './saved-state.ts';
import { readValue, Scalar } from './scalar.ts';
import { settledRequest, settledUser } from './settled-request.ts';
import type { FrameState } from './state.ts';
import {
  type ColumnAggregation,
  UserAggregateNode,
  UserGroupsNode,
  type UserOutput,
  type UserRequest,
  userRecord,
  userValue,
} from './user-node.ts';

/** The built-in aggregations by name. */
export const definitions: ReadonlyMap<string, AggregationDefinition> = new Map(
  Object.entries(aggregations as unknown as Record<string, AggregationDefinition>),
);

/** Puts a method for each built-in aggregation, but those of `without`, on a prototype. */
export function addMethods<T extends object>(
  prototype: T,
  method: (definition: AggregationDefinition) => (this: T, options?: object) => unknown,
  without: readonly string[] = [],
): void {
  for (const [name, definition] of definitions) {
    if (without.includes(name)) continue;
    Object.defineProperty(prototype, name, { value: method(definition), writable: true, configurable: true });
  }
}

/** The `agg` of one column or expression as that of a frame: `{ low: 'min' }` as `{ low: [input, 'min'] }`. */
export function aggSpecOf(input: unknown, spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const items = Object.entries(spec);
  return Object.fromEntries(
    items.map(([name, item]) => [name, Array.isArray(item) ? [input, ...item] : [input, item]]),
  );
}

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

/**
 * @param also further options that it may have been given, for the text of the error.
 * @throws `bad-option` for options that the aggregation does not take.
 */
export function checkedOptions(
  definition: AggregationDefinition,
  options: object = {},
  also: readonly string[] = [],
): object {
  if (typeof options !== 'object' || options === null) {
    throw new SchemaError(
      'bad-option',
      `${definition.name} takes an object of options, got ${String(options)}`,
    );
  }
  // The options of an aggregation are those it fills in.
  const known = Object.keys(definition.options?.({}) ?? {});
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const names = [...known, ...also];
    const there = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
    throw new SchemaError(
      'bad-option',
      `${definition.name} has no option ${quote(name)}${didYouMean(name, names) || ';'} ${there}`,
    );
  }
  return definition.options?.(options) ?? options;
}

/** The options of an aggregation, and the scope with what they say of its state. */
export function optionsIn<S extends Scope>(
  scope: S,
  definition: AggregationDefinition,
  given: object | undefined,
): { readonly scope: S; readonly options: object } {
  const { state, rest } = splitOptions(given);
  return { scope: withState(scope, state), options: checkedOptions(definition, rest, stateOptionNames) };
}

/** The scope with the options of `agg` and `aggregate`. @throws `bad-option` for others. */
export function stateIn<S extends Scope>(scope: S, operation: string, given: object | undefined): S {
  const { state, rest } = splitOptions(given);
  const other = Object.keys(rest ?? {})[0];
  if (other === undefined) return withState(scope, state);
  throw new SchemaError(
    'bad-option',
    `${operation} has no option ${quote(other)}${didYouMean(other, stateOptionNames) || ';'} there are ${stateOptionNames.join(', ')}`,
  );
}

/** What is said last counts: the method's options before those of its window. */
function withState<S extends Scope>(scope: S, state: StateOptions<unknown>): S {
  return { ...scope, state: { ...scope.state, ...state } };
}

/** @throws `not-available` for a start or a state of what begins anew with each emission. */
function checkState({ frame, state }: Scope): void {
  if (frame.root.kind !== 'snapshot' || (state?.start === undefined && state?.withState !== true)) return;
  throw new GraphError(
    'not-available',
    `start and withState need a stream of new rows, but this is a snapshot stream: each emission is aggregated by itself`,
  );
}

/** `read` together with the state of `node`, where that is asked for. */
export function stated<B>(
  { state }: Scope,
  node: AggregateNode | UserAggregateNode,
  read: (value: B) => unknown,
): (value: B) => unknown {
  return state?.withState === true ? (value) => [node.saveState(), read(value)] : read;
}

/** Puts an aggregation below the frame. What can be checked before data comes is. */
export function aggregateNode(asked: AggregateRequest): AggregateNode {
  checkState(asked);
  const request = settledRequest(asked);
  const node = new AggregateNode(request);
  request.frame.base.node.connect(node);
  return node;
}

/** The result of a scope without groups: of one row, read as a value. */
export function scalar<T>(request: AggregateRequest, read: (batch: Batch) => unknown): Scalar<T> {
  const node = aggregateNode(request);
  return Scalar.of(node, stated(request, node, read) as (batch: Batch) => T);
}

/** One aggregation of one expression. */
export function scalarOf<T>(
  scope: Scope,
  expr: ExprTree | undefined,
  definition: AggregationDefinition,
  options?: object,
): Scalar<T> {
  const own = optionsIn(scope, definition, options);
  const item = { name: definition.name, expr, definition, options: own.options };
  return scalar({ ...own.scope, items: [item] }, readValue);
}

/** Reads the argument of `agg`. @throws `bad-option`, `no-such-column`. */
export function aggItems(frame: FrameState, spec: Readonly<Record<string, unknown>>): AggregateItem[] {
  const form = `agg({ total: ['amount', 'sum'], amount: 'mean' })`;
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    throw new SchemaError('bad-option', `agg takes an object of results, as in ${form}`);
  }
  const items = Object.entries(spec).map(([name, item]): AggregateItem => {
    const [input, aggregation, options] = Array.isArray(item) ? item : [name, item, undefined];
    const operation = `agg ${quote(name)}`;
    const definition = definitionOf(aggregation, operation);
    const checked = checkedOptions(definition, options);
    if (definition.name === 'size' && !Array.isArray(item))
      return { name, expr: undefined, definition, options: checked };
    if (typeof input !== 'string') {
      return { name, expr: frame.resolve(input, operation), definition, options: checked };
    }
    frame.checkName(input, operation);
    return { name, expr: { op: 'column', name: input }, definition, options: checked };
  });
  if (items.length === 0) throw new SchemaError('bad-option', `agg needs at least one result, as in ${form}`);
  return items;
}

/** Puts a user's aggregation below the frame. @throws `bad-option` where it lacks a function. */
function userNode(request: UserRequest): UserAggregateNode {
  const { aggregation } = request;
  for (const verb of ['initial', 'onNew'] as const) {
    if (typeof aggregation?.[verb] === 'function') continue;
    throw new SchemaError(
      'bad-option',
      `aggregate needs an aggregation with initial and onNew; ${verb} is missing`,
    );
  }
  checkState(request);
  const { frame, input, groups } = settledUser(request);
  const node = new UserAggregateNode({ ...request, frame, input, groups });
  frame.base.node.connect(node);
  return node;
}

/** A user's aggregation of one expression. */
export function userScalar<R>(scope: Scope, aggregation: ColumnAggregation, expr: ExprTree): Scalar<R> {
  const node = userNode({ ...scope, aggregation, input: { name: describe(expr), expr } });
  return Scalar.of(node, stated(scope, node, userValue) as (output: UserOutput) => R);
}

/** A user's aggregation of each numeric column, as a record. */
export function userRecords<R>(scope: Scope, aggregation: ColumnAggregation): Scalar<R> {
  const node = userNode({ ...scope, aggregation });
  return Scalar.of(node, stated(scope, node, userRecord) as (output: UserOutput) => R);
}

/** A user's aggregation by groups. */
export function userGroups(request: UserRequest): { source: UserAggregateNode; node: UserGroupsNode } {
  const source = userNode(request);
  const node = new UserGroupsNode(source);
  source.connect(node);
  return { source, node };
}
