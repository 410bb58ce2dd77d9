import { type DataType, Field, Null, Schema } from 'apache-arrow';
import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import type { Column } from '../columnar/column.ts';
import { canBeKey } from '../columnar/keys/keys.ts';
import { plainNumberKey } from '../columnar/rows.ts';
import { typeName } from '../columnar/type-name.ts';
import { quote, SchemaError } from '../errors.ts';
import type { BoundExpr } from '../expr/bound.ts';
import { describe, type ExprTree, keyOfTree } from '../expr/tree.ts';
import type { AggregateInput, AggregateSpec, BoundAggregation } from './aggregate-state.ts';
import { bindFields } from './bind-fields.ts';
import type { LiveOptions } from './live-window.ts';
import { windowColumn } from './order-column.ts';
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
  const order =
    window === undefined || 'n' in window ? undefined : windowColumn(window, frame, steps, schema);
  return {
    steps,
    keys,
    order: order?.column,
    spec: {
      groupTypes: keys.map((key) => key.type),
      window: window && windowSpec(window, order?.name, order?.type),
      sort: groups?.sort,
      dropna: groups?.dropna,
    },
  };
}

/** Whether the window of a scope goes by the clock, and how: as was asked for it, else for the frame. */
export function liveOf({ frame, window }: Scope): boolean | LiveOptions | undefined {
  if (window === undefined || 'n' in window) return undefined;
  return window.live ?? frame.root.live;
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
