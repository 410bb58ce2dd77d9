import { type DataType, Field, Null, Schema, DataType as Type } from 'apache-arrow';
import type { AggregationDefinition, SlotAggregation } from '../aggregate/aggregation.ts';
import { count } from '../aggregate/count.ts';
import { strict } from '../aggregate/strict.ts';
import type { Column } from '../columnar/column.ts';
import { canBeKey } from '../columnar/keys/keys.ts';
import { plainNumberKey } from '../columnar/rows.ts';
import { typeName } from '../columnar/type-name.ts';
import { isTemporal } from '../columnar/types.ts';
import { type Duration, parseDuration } from '../core/duration.ts';
import { quote, SchemaError } from '../errors.ts';
import { type BoundExpr, operand } from '../expr/bound.ts';
import { describe, type ExprTree, treeKeys } from '../expr/tree.ts';
import type { AggregateInput, AggregateResult, AggregateSpec, BoundAggregation } from './aggregate-state.ts';
import { bindFields } from './bind-fields.ts';
import type { EvictionSpec } from './group-eviction.ts';
import type { LiveOptions } from './live-window.ts';
import { timeColumn, windowColumn } from './order-column.ts';
import type { StateOptions } from './saved-state.ts';
import type { FrameState } from './state.ts';
import { BoundSteps, freeName, type NamedExpr, stepLabel, type View } from './steps.ts';
import { type WindowRequest, windowLabel, windowSpec } from './window-request.ts';

/** An aggregation with all that was said about it. */
export interface Asked {
  readonly definition: AggregationDefinition;
  readonly options: object;
  /** Rows where this is not true are as if they had no value. */
  readonly where?: ExprTree | undefined;
  /** `false` where missing values are to show in the result. */
  readonly skipna?: boolean | undefined;
}

/** One result column: an aggregation of expressions, or of no column at all. */
export interface AggregateItem extends Asked {
  readonly name: string;
  readonly exprs: readonly ExprTree[];
}

/** Rows to aggregate: those of a frame, in a window, by groups. */
export interface Scope {
  readonly frame: FrameState;
  readonly window?: WindowRequest | undefined;
  /** Whether each group has a window of its own. */
  readonly perKey?: boolean | undefined;
  readonly groups?: GroupKeys | undefined;
  /** Where it begins, and whether it gives its state away. */
  readonly state?: StateOptions<unknown> | undefined;
}

/** An aggregation as asked for, before the schema need be known. */
export interface AggregateRequest extends Scope {
  /** The result columns; or one aggregation of every column that it accepts, group keys apart. */
  readonly items: readonly AggregateItem[] | EveryColumn;
  /** What is done to the groups of each result: which come, in which order. */
  readonly arrange?: ((result: AggregateResult) => AggregateResult) | undefined;
}

export interface EveryColumn extends Asked {
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
export function bindScope({ frame, window, perKey, groups }: Scope, schema: Schema): BoundScope {
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
      perKey,
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

/** Whether the window of a scope goes by the clock, and how: as was asked for it, else for the frame. */
export function liveOf({ frame, window, perKey }: Scope): boolean | LiveOptions | undefined {
  if (window === undefined || 'n' in window || perKey === true) return undefined;
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
  const numbers = new Map<string, number>();
  const keyOf = treeKeys();
  const numberOf = (expr: ExprTree): number => {
    const text = keyOf(expr);
    let number = numbers.get(text);
    if (number === undefined) {
      number = values.push(bindFields(expr, steps.reachable)) - 1;
      numbers.set(text, number);
    }
    return number;
  };
  const aggregations = wanted.map((item): BoundAggregation => {
    const { definition, options, exprs, skipna } = item;
    const inputs = exprs.map(numberOf);
    const where = item.where === undefined ? undefined : numberOf(item.where);
    if (where !== undefined) checkCondition(item, values[where]!.type);
    const types = inputs.map((input) => values[input]!.type);
    for (const [i, type] of types.entries()) {
      if (!definition.accepts(type, i)) throw notAccepted(item, i, type);
    }
    const bound = definition.bind(types[0] ?? new Null(), options, types);
    // What reads no column counts rows; those of a condition are counted in its own column.
    if (where !== undefined && bound.reads?.length === 0)
      return { bound: count.bind(values[where]!.type, {}), inputs: [where], where };
    return { bound: namingColumn(skipna === false ? strict(bound, types) : bound, item), inputs, where };
  });
  return {
    ...scope,
    values,
    spec: { ...scope.spec, aggregations, inputTypes: values.map((value) => value.type) },
    output: outputSchema(groups, keys, wanted, aggregations),
  };
}

/** Says of which column a total does not fit. */
function namingColumn(bound: SlotAggregation, item: AggregateItem): SlotAggregation {
  if (bound.largestTotal === undefined) return bound;
  return {
    ...bound,
    result(state, slots, collections) {
      try {
        return bound.result(state, slots, collections);
      } catch (error) {
        if (!(error instanceof SchemaError && error.code === 'overflow')) throw error;
        throw new SchemaError('overflow', `${itemLabel(item)}: ${error.message}`);
      }
    },
  };
}

function itemLabel({ exprs }: AggregateItem): string {
  return exprs
    .map((expr) => (expr.op === 'column' ? `column ${quote(expr.name)}` : describe(expr)))
    .join(', ');
}

/** @throws `type-mismatch` for a condition that is none. */
function checkCondition({ definition, where }: AggregateItem, type: DataType): void {
  if (Type.isBool(type)) return;
  throw new SchemaError(
    'type-mismatch',
    `${definition.name}, where(${describe(where!)}): expected a bool column, got ${operand(where!, type)}`,
  );
}

function notAccepted({ definition, exprs }: AggregateItem, input: number, type: DataType): SchemaError {
  const expr = exprs[input]!;
  const column = expr.op === 'column' ? `column ${quote(expr.name)}` : `expression ${describe(expr)}`;
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
  { only, ...asked }: EveryColumn,
  steps: BoundSteps,
  groups: GroupKeys | undefined,
): AggregateItem[] {
  const { definition } = asked;
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
  return fields.map(({ name }) => ({ name, exprs: [{ op: 'column', name }], ...asked }));
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
  const { frame, window, perKey, groups } = scope;
  const parts = frame.steps.map(stepLabel);
  if (window !== undefined && perKey !== true) parts.push(windowLabel(window));
  if (groups !== undefined)
    parts.push(`groupby(${groups.keys.map(({ expr }) => describe(expr)).join(', ')})`);
  if (window !== undefined && perKey === true) parts.push(windowLabel(window));
  return [...parts, aggregations].join(' › ');
}

export function itemsLabel(items: AggregateRequest['items']): string {
  if ('definition' in items) return items.definition.name;
  return items
    .map(({ definition, exprs }) => `${definition.name}(${exprs.map(describe).join(', ')})`)
    .join(', ');
}
