import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import { definitionOf, definitions } from '../aggregate/definitions.ts';
import type { Batch } from '../columnar/batch.ts';
import { didYouMean, GraphError, quote, SchemaError } from '../errors.ts';
import { Expr } from '../expr/expr.ts';
import { describe, type ExprTree } from '../expr/tree.ts';
import { AggregateNode } from './aggregate-node.ts';
import type { AggregateItem, AggregateRequest, Asked, Scope } from './aggregate-request.ts';
import { type Made, madeOf } from './made.ts';
import { type StateOptions, splitOptions, stateOptionNames } from './saved-state.ts';
import { readRecord, readValue, Scalar } from './scalar.ts';
import { settledRequest, settledUser } from './settled-request.ts';
import type { FrameState } from './state.ts';
import { nameAfter } from './steps.ts';
import {
  type ColumnAggregation,
  UserAggregateNode,
  UserGroupsNode,
  type UserOutput,
  type UserRequest,
  userRecord,
  userValue,
} from './user-node.ts';

/** Puts a method for each built-in aggregation, for a frame each that takes every column, but those of `without`, on a prototype. */
export function addMethods<T extends object>(
  prototype: T,
  of: 'column' | 'frame',
  method: (definition: AggregationDefinition) => (this: T, ...args: unknown[]) => unknown,
  without: readonly string[] = [],
): void {
  for (const [name, definition] of definitions) {
    if (without.includes(name) || (of === 'frame' && definition.every === false)) continue;
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

/**
 * @param also further options that it may have been given, for the text of the error.
 * @throws `bad-option` for options that the aggregation does not take, and what `where` throws.
 */
export function askedOf(
  frame: FrameState,
  definition: AggregationDefinition,
  given: unknown = {},
  condition?: ExprTree,
  also: readonly string[] = [],
): Asked {
  if (typeof given !== 'object' || given === null) {
    throw new SchemaError(
      'bad-option',
      `${definition.name} takes an object of options, got ${String(given)}`,
    );
  }
  const { where, skipna, ...options } = given as { where?: unknown; skipna?: unknown };
  // The options of an aggregation are those it fills in.
  const own = Object.keys(definition.options?.({}) ?? {});
  const known = definition.skipna === true ? [...own, 'skipna', 'where'] : [...own, 'where'];
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const names = [...known, ...also];
    throw new SchemaError(
      'bad-option',
      `${definition.name} has no option ${quote(name)}${didYouMean(name, names) || ';'} there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`,
    );
  }
  if (skipna !== undefined && typeof skipna !== 'boolean') {
    throw new SchemaError(
      'bad-option',
      `${definition.name}: option "skipna" must be true or false, not ${String(skipna)}`,
    );
  }
  const ownCondition = where === undefined ? undefined : inputTree(frame, where, `${definition.name}, where`);
  return {
    definition,
    options: definition.options?.(options) ?? options,
    where: both(condition, ownCondition),
    skipna,
  };
}

/** Both conditions as one. */
export function both(a: ExprTree | undefined, b: ExprTree | undefined): ExprTree | undefined {
  return a === undefined || b === undefined ? (a ?? b) : { op: 'and', args: [a, b] };
}

/**
 * The arguments of the method of an aggregation: further columns, an option by itself, the options; and the scope with what
 * these say of its state.
 *
 * @throws `bad-option` for what it does not take, `no-such-column` for columns that there are not.
 */
export function readArguments<S extends Scope>(
  scope: S,
  definition: AggregationDefinition,
  args: readonly unknown[],
  condition?: ExprTree,
): { scope: S; others: ExprTree[]; asked: Asked } {
  const { frame } = scope;
  const { name, argument, inputs = 1, overTime = false } = definition;
  const isColumn = (value: unknown): boolean =>
    typeof value === 'string' || typeof value === 'function' || value instanceof Expr;
  const rest = [...args];
  const others: ExprTree[] = [];
  while (others.length < inputs - 1 && isColumn(rest[0])) others.push(inputTree(frame, rest.shift(), name));
  if (overTime && others.length === inputs - 2) others.push(timeKey(frame, name));
  if (others.length < inputs - 1) {
    throw new SchemaError('bad-option', `${name} takes another column, as in df.x.${name}(df.y)`);
  }
  const leading = argument === undefined || typeof rest[0] !== 'number' ? {} : { [argument]: rest.shift() };
  if (rest.length > 1) {
    throw new SchemaError('bad-option', `${name} takes an object of options, got ${rest.length} arguments`);
  }
  const [options = {}] = rest;
  const isObject = typeof options === 'object' && options !== null;
  const { state, rest: own } = splitOptions(options as object);
  const given = argument !== undefined && isObject ? { ...leading, ...own } : own;
  const asked = askedOf(frame, definition, given, condition, stateOptionNames);
  return { scope: withState(scope, state), others, asked };
}

/** The time key as an input. @throws `bad-option` where there is none. */
function timeKey(frame: FrameState, operation: string): ExprTree {
  const { time } = frame.root;
  const name = time === undefined ? undefined : nameAfter(frame.steps, time);
  if (name !== undefined) return { op: 'column', name };
  throw new SchemaError(
    'bad-option',
    `${operation} needs a time: declare the time key where the frame is made, as in { time: 't' }, or name a column of times`,
  );
}

/**
 * The input that is given: the name of a column, a series, an expression or a callback.
 *
 * @throws `no-such-column`, `bad-expression`.
 */
export function inputTree(frame: FrameState, input: unknown, operation: string): ExprTree {
  if (typeof input !== 'string') return frame.resolve(input, operation);
  frame.checkName(input, operation);
  return { op: 'column', name: input };
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

/** What a plan says of an aggregation; `as` is what its result is read as. */
export function madeBy(request: AggregateRequest, as: string): Made {
  return (writer) => ({ op: 'aggregate', ...madeOf(writer, request), items: request.items, as });
}

/** The same of one of the user's. */
export function madeByUser(request: UserRequest, as: string): Made {
  const { aggregation, input, only } = request;
  return (writer) => ({ op: 'userAggregate', ...madeOf(writer, request), aggregation, input, only, as });
}

/** The result of a scope without groups: of one row, read as a value. */
export function scalar<T>(request: AggregateRequest, read: (batch: Batch) => unknown): Scalar<T> {
  const node = aggregateNode(request);
  const as = read === readValue ? 'value' : read === readRecord ? 'record' : 'cells';
  return Scalar.of(node, stated(request, node, read) as (batch: Batch) => T, madeBy(request, as));
}

/** One aggregation of one expression, and of the others among the arguments. */
export function scalarOf<T>(
  scope: Scope,
  expr: ExprTree,
  definition: AggregationDefinition,
  args: readonly unknown[],
  condition?: ExprTree,
): Scalar<T> {
  const { scope: own, others, asked } = readArguments(scope, definition, args, condition);
  const item = { name: definition.name, exprs: [expr, ...others], ...asked };
  return scalar({ ...own, items: [item] }, readValue);
}

/** Reads the argument of `agg`. @throws `bad-option`, `no-such-column`. */
export function aggItems(
  frame: FrameState,
  spec: Readonly<Record<string, unknown>>,
  condition?: ExprTree,
): AggregateItem[] {
  const form = `agg({ total: ['amount', 'sum'], amount: 'mean' })`;
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    throw new SchemaError('bad-option', `agg takes an object of results, as in ${form}`);
  }
  const items = Object.entries(spec).map(([name, item]): AggregateItem => {
    const [input, aggregation, options] = Array.isArray(item) ? item : [name, item, undefined];
    const operation = `agg ${quote(name)}`;
    const definition = definitionOf(aggregation, operation);
    const asked = askedOf(frame, definition, options, condition);
    if (definition.name === 'size' && !Array.isArray(item)) return { name, exprs: [], ...asked };
    const { inputs = 1, overTime = false } = definition;
    const columns: readonly unknown[] = Array.isArray(input) ? input : [input];
    const exprs = columns.map((column) => inputTree(frame, column, operation));
    if (overTime && exprs.length === inputs - 1) exprs.push(timeKey(frame, operation));
    if (exprs.length !== inputs) {
      const names = ['x', 'y', 'z'].slice(0, inputs).map((column) => `'${column}'`);
      const wanted =
        inputs === 1
          ? `one column, as in [${names[0]}, '${definition.name}']`
          : `${inputs} columns, as in [[${names.join(', ')}], '${definition.name}']`;
      throw new SchemaError(
        'bad-option',
        `${operation}: ${definition.name} takes ${wanted}, got ${exprs.length}`,
      );
    }
    return { name, exprs, ...asked };
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
  if (request.perKey === true) {
    throw new GraphError(
      'not-available',
      'aggregate takes no window of each group; put the window before groupby, or use built-in aggregations',
    );
  }
  const { frame, input, groups } = settledUser(request);
  const node = new UserAggregateNode({ ...request, frame, input, groups });
  frame.base.node.connect(node);
  return node;
}

/** A user's aggregation of one expression. */
export function userScalar<R>(scope: Scope, aggregation: ColumnAggregation, expr: ExprTree): Scalar<R> {
  const request = { ...scope, aggregation, input: { name: describe(expr), expr } };
  const node = userNode(request);
  const read = stated(scope, node, userValue) as (output: UserOutput) => R;
  return Scalar.of(node, read, madeByUser(request, 'value'));
}

/** A user's aggregation of each numeric column, as a record. */
export function userRecords<R>(scope: Scope, aggregation: ColumnAggregation): Scalar<R> {
  const request = { ...scope, aggregation };
  const node = userNode(request);
  const read = stated(scope, node, userRecord) as (output: UserOutput) => R;
  return Scalar.of(node, read, madeByUser(request, 'record'));
}

/** A user's aggregation by groups. */
export function userGroups(request: UserRequest): { source: UserAggregateNode; node: UserGroupsNode } {
  const source = userNode(request);
  const node = new UserGroupsNode(source);
  source.connect(node);
  return { source, node };
}
