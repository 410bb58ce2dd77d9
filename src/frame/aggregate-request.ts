import { type DataType, Field, Null, Schema } from 'apache-arrow';
import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import type { Column } from '../columnar/column.ts';
import { canBeKey } from '../columnar/keys/keys.ts';
import { plainNumberKey } from '../columnar/rows.ts';
import { typeName } from '../columnar/type-name.ts';
import { isTemporal } from '../columnar/types.ts';
import { type Duration, parseDuration } from '../core/duration.ts';
import { quote, SchemaError } from '../errors.ts';
import type { BoundExpr } from '../expr/bound.ts';
import { describe, type ExprTree, keyOfTree } from '../expr/tree.ts';
import type { AggregateInput, AggregateSpec, BoundAggregation } from './aggregate-state.ts';
import { bindFields } from './bind-fields.ts';
import type { EvictionSpec } from './group-eviction.ts';
import { timeColumn, windowColumn } from './order-column.ts';
import type { StateOptions } from './saved-state.ts';
import type { FrameState } from './state.ts';
import { BoundSteps, freeName, type NamedExpr, stepLabel, type View } from './steps.ts';
import { type WindowRequest, windowLabel, windowSpec } from './window-request.ts';

/** One result column: an aggregation of an expression, or of no column at all. */
export interface AggregateItem {
  readonly name: string;
  readonly expr: ExprTree | undefined;
  readonly definition: AggregationDefinition;
  readonly options: object;
}

/** Rows to aggregate: those of a frame, in a window, by groups. */
export interface Scope {
  readonly frame: FrameState;
  readonly window?: WindowRequest | undefined;
  readonly groups?: GroupKeys | undefined;
  /** Where it begins, and whether it gives its state away. */
  readonly state?: StateOptions<unknown> | undefined;
}

/** An aggregation as asked for, before the schema need be known. */
export interface AggregateRequest extends Scope {
  /** The result columns; or one aggregation of every column that it accepts, group keys apart. */
  readonly items: readonly AggregateItem[] | EveryColumn;
}

export interface EveryColumn {
  readonly definition: AggregationDefinition;
  readonly options: object;
  /** Default: all. */
  readonly only?: readonly string[] | undefined;
}

export interface GroupKeys {
  readonly keys: readonly NamedExpr[];
  readonly sort: boolean;
  readonly dropna: boolean;
  /** Which groups go, where there is no window to end them. Default: none. */
  readonly limits?: GroupLimits | undefined;
}

/** When groups without a window are given up. */
export interface GroupLimits {
  readonly maxGroups?: number | undefined;
  readonly ttl?: Duration | undefined;
}

/** Rows to aggregate, bound to a schema: which columns to evaluate. */
export interface BoundScope {
  readonly steps: BoundSteps;
  readonly keys: readonly BoundExpr[];
  /** The key of a value window. */
  readonly order: ((view: View) => Column) | undefined;
  /** What a state is made with, its inputs apart. */
  readonly spec: Omit<AggregateSpec, 'aggregations' | 'inputTypes'>;
}

/** A request bound to a schema: which columns to evaluate, and what comes out. */
export interface BoundRequest extends BoundScope {
  readonly values: readonly BoundExpr[];
  readonly spec: AggregateSpec;
  readonly output: Schema;
}

/** @throws `no-such-column`, `type-mismatch`, naming operation, column and type. */
export function bindScope({ frame, window, groups }: Scope, schema: Schema): BoundScope {
  const steps = new BoundSteps(schema, frame.rest);
  const keys = (groups?.keys ?? []).map(({ expr }) => bindFields(expr, steps.reachable));
  for (const [i, key] of keys.entries()) checkKey(key.type, groups!.keys[i]!);
  const byValue = window === undefined || 'n' in window ? undefined : window;
  const age = groups?.limits && ageOf(groups.limits, frame, steps, schema);
  const order = byValue === undefined ? undefined : windowColumn(byValue, frame, steps, schema);
  return {
    steps,
    keys,
    order: order?.column ?? age?.column,
    spec: {
      groupTypes: keys.map((key) => key.type),
      window: window && windowSpec(window, order?.name, order?.type),
      sort: groups?.sort,
      dropna: groups?.dropna,
      limits: age?.limits,
    },
  };
}

/** The limits of groups in units of what tells their age: the time key where it is a time, else the clock. */
function ageOf(
  { maxGroups, ttl }: GroupLimits,
  frame: FrameState,
  steps: BoundSteps,
  schema: Schema,
): { limits: EvictionSpec; column?: (view: View) => Column } {
  if (ttl === undefined) return { limits: { maxGroups } };
  const range = { value: ttl, closed: 'both' } as const;
  const key = timeColumn(frame, steps, schema);
  if (key === undefined || !isTemporal(key.type)) {
    return { limits: { maxGroups, ttl: Number(parseDuration(ttl)) / 1e6 } };
  }
  const spec = windowSpec(range, key.name, key.type) as { width: bigint };
  return { limits: { maxGroups, ttl: Number(spec.width), keyType: key.type }, column: key.column };
}

/** What a state takes in of the rows of `view`. */
export function inputOf(
  { keys, order }: BoundScope,
  values: readonly BoundExpr[],
  view: View,
): AggregateInput {
  return {
    length: view.length,
    keys: keys.map((key) => key.evaluate(view)),
    values: values.map((value) => value.evaluate(view)),
    order: order?.(view),
  };
}

/** @throws `no-such-column`, `type-mismatch`, naming operation, column and type. */
export function bindRequest(request: AggregateRequest, schema: Schema): BoundRequest {
  const scope = bindScope(request, schema);
  const { steps, keys } = scope;
  const { groups, items } = request;
  const wanted = 'definition' in items ? everyColumn(items, steps, groups) : items;
  const values: BoundExpr[] = [];
  const inputs = new Map<string, number>();
  const aggregations: BoundAggregation[] = wanted.map((item) => {
    if (item.expr === undefined) return { bound: item.definition.bind(new Null(), item.options), input: -1 };
    const value = bindFields(item.expr, steps.reachable);
    if (!item.definition.accepts(value.type)) throw notAccepted(item, value.type);
    const text = keyOfTree(item.expr);
    let input = inputs.get(text);
    if (input === undefined) {
      input = values.push(value) - 1;
      inputs.set(text, input);
    }
    return { bound: item.definition.bind(value.type, item.options), input };
  });
  return {
    ...scope,
    values,
    spec: { ...scope.spec, aggregations, inputTypes: values.map((value) => value.type) },
    output: outputSchema(groups, keys, wanted, aggregations),
  };
}

function notAccepted({ definition, expr }: AggregateItem, type: DataType): SchemaError {
  const column = expr!.op === 'column' ? `column ${quote(expr!.name)}` : `expression ${describe(expr!)}`;
  return new SchemaError(
    'type-mismatch',
    `${definition.name} is not available on ${typeName(type)} ${column}`,
  );
}

function checkKey(type: DataType, { name, expr }: NamedExpr): void {
  if (canBeKey(type)) return;
  const column = expr.op === 'column' ? name : describe(expr);
  throw new SchemaError('type-mismatch', `cannot group by ${quote(column)} of type ${typeName(type)}`);
}

function everyColumn(
  { definition, options, only }: EveryColumn,
  steps: BoundSteps,
  groups: GroupKeys | undefined,
): AggregateItem[] {
  const isKey = (name: string): boolean =>
    groups?.keys.some(({ name: key, expr }) => key === name && expr.op === 'column' && expr.name === name) ??
    false;
  const fields = steps.fields.filter(
    ({ name, type }) =>
      (only?.includes(name) ?? !isKey(name)) && (only !== undefined || definition.accepts(type)),
  );
  if (fields.length === 0 && definition.name !== 'size') {
    const columns = steps.fields.map(({ name, type }) => `${name} (${typeName(type)})`).join(', ');
    throw new SchemaError(
      'type-mismatch',
      `${definition.name} is available on none of the columns: ${columns || 'there are none'}`,
    );
  }
  return fields.map(({ name }) => ({ name, expr: { op: 'column', name }, definition, options }));
}

function outputSchema(
  groups: GroupKeys | undefined,
  keys: readonly BoundExpr[],
  items: readonly AggregateItem[],
  aggregations: readonly BoundAggregation[],
): Schema {
  const taken = new Set<string>();
  const fields = keys.map((key, i) => {
    const { name } = groups!.keys[i]!;
    taken.add(name);
    return new Field(name, key.type, true);
  });
  for (const [i, item] of items.entries()) {
    const { output, plainNumber } = aggregations[i]!.bound;
    const name = taken.has(item.name) ? freeName(`${item.name}_${item.definition.name}`, taken) : item.name;
    taken.add(name);
    fields.push(new Field(name, output, true, plainNumber ? new Map([[plainNumberKey, 'true']]) : undefined));
  }
  return new Schema(fields);
}

/** The path of a request as errors and plans show it. */
export function requestLabel(scope: Scope, aggregations: string): string {
  const { frame, window, groups } = scope;
  const parts = frame.steps.map(stepLabel);
  if (window !== undefined) parts.push(windowLabel(window));
  if (groups !== undefined)
    parts.push(`groupby(${groups.keys.map(({ expr }) => describe(expr)).join(', ')})`);
  return [...parts, aggregations].join(' › ');
}

export function itemsLabel(items: AggregateRequest['items']): string {
  if ('definition' in items) return items.definition.name;
  return items
    .map(({ definition, expr }) => `${definition.name}(${expr === undefined ? '' : describe(expr)})`)
    .join(', ');
}
