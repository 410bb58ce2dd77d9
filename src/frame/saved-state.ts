import type { DataType } from 'apache-arrow';
import { typeName } from '../columnar/type-name.ts';
import { GraphError } from '../errors.ts';
import type { Scope } from './aggregate-request.ts';

/**
 * What an aggregation remembers, as plain data: give it as `start` to an aggregation of the same plan, and that goes on
 * exactly where this one was. For `structuredClone`, `postMessage` and IndexedDB; JSON would lose the typed arrays. A
 * copy: what comes later does not change it.
 */
export interface AggregationState {
  readonly version: 1;
  /** The steps, window, groups and aggregations. */
  readonly plan: string;
  /** Options of the plan that say what the state means. */
  readonly options: string;
  /** Types of the columns that are taken in; nothing before the schema was known. */
  readonly types?: string | undefined;
  /** Nothing before the schema was known. */
  readonly state?: unknown;
}

/** Where an aggregation begins, and whether it gives its state away. */
export interface StateOptions<Start = AggregationState> {
  /**
   * The state to begin with, in place of no rows: the one that another run of the same plan gave by `withState`. Default:
   * no rows.
   */
  readonly start?: Start | undefined;
  /**
   * Gives `[state, value]` in place of the value, with each batch. Costs as much as the state is large: O(groups), and
   * with a window O(rows in view). Default `false`.
   */
  readonly withState?: boolean | undefined;
}

/** What is given to `start`, checked when the plan is made. */
export function isState(given: unknown): given is AggregationState {
  return typeof given === 'object' && given !== null && 'version' in given && 'plan' in given;
}

/** What a plan calls itself in a state of its own. */
export interface Fingerprint {
  readonly plan: string;
  readonly options: string;
}

/** Of the parts of a scope that a label leaves out. */
export function scopeOptions({ window, groups }: Scope, more: object): string {
  const { limits } = groups ?? {};
  return JSON.stringify({ window, dropna: groups?.dropna, limits, ...more }, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}

/** The types of group keys and inputs, whatever form strings come in. */
export function typesText(keys: readonly DataType[], inputs: readonly DataType[]): string {
  const names = (types: readonly DataType[]): string => types.map(logicalName).join(', ');
  return keys.length === 0 ? names(inputs) : `${names(keys)} › ${names(inputs)}`;
}

function logicalName(type: DataType): string {
  const { dictionary } = type as { dictionary?: DataType };
  return typeName(dictionary ?? type);
}

/**
 * Checks that `given` is a state of this plan. `types` are those of this plan, where they are known.
 *
 * @throws `bad-option` saying what differs.
 */
export function checkState(given: unknown, { plan, options }: Fingerprint, types?: string): AggregationState {
  if (!isState(given)) {
    throw new GraphError(
      'bad-option',
      `start of ${plan} must be a state that withState gave, got ${shownState(given)}`,
    );
  }
  if (given.version !== 1) {
    throw new GraphError(
      'bad-option',
      `start of ${plan} is a state of version ${String(given.version)}; this is version 1`,
    );
  }
  if (given.plan !== plan) {
    throw new GraphError('bad-option', `start is the state of ${given.plan}, not of ${plan}`);
  }
  if (given.options !== options) {
    throw new GraphError(
      'bad-option',
      `start is the state of ${plan} with the options ${given.options}, here they are ${options}`,
    );
  }
  if (types !== undefined && given.types !== undefined && given.types !== types) {
    throw new GraphError(
      'bad-option',
      `start is the state of ${plan} of columns of type ${given.types}, here they are ${types}`,
    );
  }
  return given;
}

/**
 * Checks that `given` has the typed arrays that `own`, a state of the same plan, has: JSON makes objects of them.
 *
 * @throws `bad-value`.
 */
export function checkBinary(given: unknown, own: unknown, plan: string): void {
  const fits = ArrayBuffer.isView(own)
    ? ArrayBuffer.isView(given)
    : Array.isArray(own)
      ? Array.isArray(given)
      : typeof own !== 'object' || own === null || (typeof given === 'object' && given !== null);
  if (!fits) {
    throw new GraphError(
      'bad-value',
      `start of ${plan} lacks its typed arrays; was it kept as JSON? structuredClone and IndexedDB keep them`,
    );
  }
  if (ArrayBuffer.isView(own) || typeof own !== 'object' || own === null) return;
  for (const [name, part] of Object.entries(own))
    checkBinary((given as Record<string, unknown>)[name], part, plan);
}

function shownState(given: unknown): string {
  if (given === null) return 'null';
  return typeof given === 'object'
    ? `an object with ${Object.keys(given).slice(0, 5).join(', ') || 'nothing'}`
    : `${typeof given} ${String(given)}`;
}

/** The options of a state apart from those of the aggregation itself. */
export function splitOptions(given: object | undefined): { state: StateOptions<unknown>; rest: object } {
  if (typeof given !== 'object' || given === null) return { state: {}, rest: given as unknown as object };
  const { start, withState, ...rest } = given as StateOptions<unknown>;
  if (withState !== undefined && typeof withState !== 'boolean') {
    throw new GraphError('bad-option', `withState must be true or false, got ${String(withState)}`);
  }
  return {
    state: {
      ...(start === undefined ? {} : { start }),
      ...(withState === undefined ? {} : { withState }),
    },
    rest,
  };
}

/** The names of the options that every aggregation takes. */
export const stateOptionNames: readonly string[] = ['start', 'withState'];
