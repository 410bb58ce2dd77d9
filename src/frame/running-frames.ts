import { type DataType, TimestampMillisecond } from 'apache-arrow';
import { typeName } from '../columnar/type-name.ts';
import { shown } from '../core/check.ts';
import { type Duration, parseDuration } from '../core/duration.ts';
import { didYouMean, GraphError, MillraceError, quote, SchemaError } from '../errors.ts';
import { rowNumber } from '../expr/expr.ts';
import type { ExprTree } from '../expr/tree.ts';
import { runningFunctions } from '../running/index.ts';
import type { Scope } from './aggregate-request.ts';
import { bindFields } from './bind-fields.ts';
import type { ExprLike } from './method-types.ts';
import type { FrameState } from './state.ts';
import { freeName, type NamedExpr, nameAfter } from './steps.ts';

type Options = Readonly<Record<string, unknown>>;

/**
 * The frame with a running function of every column that it takes. The time key and the keys of groups stay as they are, all
 * other columns are left out; keys that are no columns come first.
 *
 * @throws `not-available` in a window, and where the columns are not known; `type-mismatch` where it takes none of them.
 */
export function everyRunning(
  scope: Scope,
  fn: string,
  options: Options = {},
  only?: readonly string[],
): FrameState {
  const { frame, groups } = scope;
  checkNoWindow(scope, fn);
  const { fields } = frame;
  if (fields === undefined) {
    throw new SchemaError(
      'not-available',
      `${fn} needs to know the columns; declare a schema where the frame is made`,
    );
  }
  const time = frame.base.time && nameAfter(frame.rest, frame.base.time);
  const keys = groups?.keys ?? [];
  const isKey = (name: string): boolean =>
    keys.some(({ expr }) => expr.op === 'column' && expr.name === name) || name === time;
  const typeOf = (name: string): DataType => bindFields({ op: 'column', name }, fields).type;
  const order = fields.find(({ name }) => name === time)?.type ?? new TimestampMillisecond();
  const names = fields.map(({ name }) => name);
  const taken = names.filter(
    (name) => !isKey(name) && (only?.includes(name) ?? true) && takes(fn, typeOf(name), order, options),
  );
  if (taken.length === 0) {
    const columns = names.map((name) => `${name} (${typeName(typeOf(name))})`).join(', ');
    throw new SchemaError(
      'type-mismatch',
      `${fn} is available on none of the columns: ${columns || 'there are none'}`,
    );
  }
  const used = new Set(names);
  const computed = keys.flatMap(({ name, expr }): NamedExpr[] => {
    if (expr.op === 'column') return [];
    const free = freeName(name, used);
    used.add(free);
    return [{ name: free, expr }];
  });
  const running = taken.map((name) => ({
    name,
    expr: overGroups(scope, { op: 'running', fn, args: [{ op: 'column', name }], options }),
  }));
  const kept = [
    ...computed.map(({ name }) => name),
    ...names.filter((name) => isKey(name) || taken.includes(name)),
  ];
  return frame
    .with({ step: 'assign', columns: [...computed, ...running] })
    .with({ step: 'project', columns: kept.map((name) => ({ name, from: name })) });
}

function takes(fn: string, type: DataType, order: DataType, options: Options): boolean {
  try {
    runningFunctions.get(fn)!.bind({ args: [type], by: [], order }, options);
    return true;
  } catch (error) {
    if (error instanceof SchemaError && error.code === 'type-mismatch') return false;
    throw error;
  }
}

/** A running expression for each of the groups of a scope by itself. */
export function overGroups({ groups }: Scope, tree: ExprTree & { readonly op: 'running' }): ExprTree {
  if (groups === undefined) return tree;
  const options = groups.dropna ? tree.options : { ...tree.options, dropna: false };
  return { ...tree, by: groups.keys.map(({ expr }) => expr), options };
}

/** @throws `not-available`. */
export function checkNoWindow({ window }: Scope, operation: string): void {
  if (window === undefined) return;
  throw new GraphError(
    'not-available',
    `${operation}: running expressions are made of the frame, as they see each row once; a window is put on what they give`,
  );
}

/** What is the same, and for how long. */
export interface DedupeFrameOptions<S extends Record<string, DataType> = Record<string, DataType>> {
  /** What makes a row the same as another: names of columns or expressions, one or several. Null is a value like others. */
  readonly by: DedupeKey<S> | readonly DedupeKey<S>[];
  /** How many different keys are remembered, those that came last; or for how long, by the time key. */
  readonly within: number | Duration;
}

type DedupeKey<S extends Record<string, DataType>> = (keyof S & string) | ExprLike<S>;

/** The rows that are no repeats. @throws `bad-option`, `no-such-column`. */
export function deduped(frame: FrameState, given: DedupeFrameOptions): FrameState {
  const form = `dedupe({ by: 'id', within: 1000 }) or dedupe({ by: 'id', within: '10m' })`;
  if (typeof given !== 'object' || given === null) {
    throw new MillraceError('bad-option', `dedupe takes an object of options, as in ${form}`);
  }
  for (const name of Object.keys(given)) {
    if (name === 'by' || name === 'within') continue;
    throw new MillraceError(
      'bad-option',
      `dedupe has no option ${quote(name)}${didYouMean(name, ['by', 'within']) || ';'} there are by and within`,
    );
  }
  const { by, within } = given;
  const keys = (Array.isArray(by) ? by : [by]) as readonly unknown[];
  if (by === undefined || keys.length === 0) {
    throw new MillraceError('bad-option', `dedupe needs keys, as in ${form}`);
  }
  const byTime = typeof within === 'string';
  if (byTime ? parseDuration(within, 'within of dedupe') <= 0n : !(Number.isInteger(within) && within >= 1)) {
    throw new MillraceError(
      'bad-option',
      `within of dedupe must be a whole number of keys from 1 on or a duration above zero, got ${shown(within)}`,
    );
  }
  const trees = keys.map((key): ExprTree => {
    if (typeof key !== 'string') return frame.resolve(key, 'dedupe');
    frame.checkName(key, 'dedupe');
    return { op: 'column', name: key };
  });
  const options = byTime ? { within, byTime } : { within };
  const condition: ExprTree = { op: 'running', fn: 'firstSeen', args: [], by: trees, options };
  return frame.with({ step: 'filter', condition });
}

/** The first `n` rows. @throws `bad-option`. */
export function firstRows(frame: FrameState, n: number): FrameState {
  if (!(Number.isInteger(n) && n >= 0)) {
    throw new MillraceError('bad-option', `head takes a whole number of rows from 0 on, got ${shown(n)}`);
  }
  return frame.with({ step: 'filter', condition: rowNumber().le(n as never).tree });
}
