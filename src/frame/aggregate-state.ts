import type { DataType } from 'apache-arrow';
import type { BoundAggregation } from '../aggregate/aggregation.ts';
import type { Column } from '../columnar/column.ts';
import { checkWindow, type WindowSpec } from '../window/window-spec.ts';
import { AllTimeState } from './all-time-state.ts';
import type { EvictionSpec, GroupEviction } from './group-eviction.ts';
import { KeyedWindowState } from './keyed-window-state.ts';
import type { Advancing } from './live-window.ts';
import { WindowedState } from './windowed-state.ts';

/** What to aggregate: evaluated columns in, result columns out. */
export interface AggregateSpec {
  /** Taken in together, in one pass over the batch. */
  readonly aggregations: readonly BoundAggregation[];
  /** Type of each input column. */
  readonly inputTypes: readonly DataType[];
  /** Type of each group key; none means one group that is always there. */
  readonly groupTypes: readonly DataType[];
  /** Default: all time. */
  readonly window?: WindowSpec | undefined;
  /** Whether each group has a window of its own. Default: one window for the rows of all. */
  readonly perKey?: boolean | undefined;
  /** Groups in order of their keys (default), or of first appearance. */
  readonly sort?: boolean | undefined;
  /** Rows with a null key form no group (default), or one of their own. */
  readonly dropna?: boolean | undefined;
  /** When groups without a window are given up. Default: never. */
  readonly limits?: EvictionSpec | undefined;
}

/** The evaluated columns of one batch. */
export interface AggregateInput {
  /** Number of rows; every column has as many. */
  readonly length: number;
  /** Group keys, as in `groupTypes`. */
  readonly keys: readonly Column[];
  /** Input columns, as in `inputTypes`. */
  readonly values: readonly Column[];
  /** The key of a value window, or of the age of groups. */
  readonly order?: Column | undefined;
}

/** One row per group; exactly one where there are no group keys. */
export interface AggregateResult {
  readonly length: number;
  /** Group keys, as in `groupTypes`. */
  readonly keys: Column[];
  /** Results, as in `aggregations`. */
  readonly values: Column[];
}

/** Counts of an aggregation state, for reports. */
export interface AggregateCounters {
  /** Types of the key columns of a result: strings are utf8, dictionaries what they hold. */
  readonly keyTypes: readonly DataType[];
  /** Rows the window holds; all rows ever where there is no window. */
  readonly rowsInView: number;
  /** Groups there are; 1 without group keys. */
  readonly groups: number;
  /** Rows refused because the key of the window is missing or not finite. */
  readonly rejected: number;
  /** Rows that came when they were already out of view. */
  readonly late: number;
}

/** The state of aggregations over groups and a window. */
export interface AggregateState extends AggregateCounters, Advancing {
  /**
   * Takes in a batch: wholly, or not at all where it throws. Amortised O(rows of the batch), whatever the
   * window holds.
   *
   * @throws SchemaError `schema-mismatch` where columns and lengths do not fit the specification.
   */
  update(input: AggregateInput): void;
  /**
   * The results of now. O(groups).
   *
   * @throws `overflow` where an exact integer does not fit its type.
   */
  result(): AggregateResult;
  /** The state as plain data, which `structuredClone` and `restore` of a state of equal specification take. */
  save(): SavedAggregate;
  /** Goes on from where `save` was. */
  restore(saved: SavedAggregate): void;
  /** Some of the aggregations, by their numbers, as they stand: a state that goes its own way. O(state). */
  part(numbers: readonly number[]): AggregateState;
  /** What gives groups up, where they have limits. */
  readonly eviction?: GroupEviction | undefined;
}

/** Plain data; its shape may change between versions. */
export type SavedAggregate = Readonly<Record<string, unknown>>;

/** @throws GraphError `bad-option` for a window of no rows or no width. */
export function createAggregateState(spec: AggregateSpec): AggregateState {
  const { window, perKey } = spec;
  if (window !== undefined) checkWindow(window);
  if (window !== undefined && perKey === true) return new KeyedWindowState(spec, window);
  return window === undefined ? new AllTimeState(spec) : new WindowedState(spec, window);
}

export type { BoundAggregation } from '../aggregate/aggregation.ts';
