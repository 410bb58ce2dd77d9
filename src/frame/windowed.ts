import type { DataType, Table } from 'apache-arrow';
import type { Aggregation } from '../aggregate/user-aggregation.ts';
import type { ColumnRows } from '../columnar/column-rows.ts';
import type { ColumnTypes } from '../columnar/type-families.ts';
import { labelOf } from '../core/node.ts';
import { addMethods, stateIn, userRecords } from './aggregate.ts';
import type { Scope } from './aggregate-request.ts';
import { content } from './content.ts';
import { contentFrame, type StreamingDataFrame, topFrame } from './dataframe.ts';
import { cells, everyColumn, recordOfItems, rowCount } from './frame-aggregates.ts';
import {
  type GroupBy,
  type GroupByOptions,
  type GroupKey,
  groupBy,
  groupKeys,
  type KeyColumns,
} from './groupby.ts';
import type {
  AggRecord,
  AggSpec,
  EveryName,
  ExprLike,
  RecordOf,
  ScalarMethod,
  Stated,
  StatedIf,
  UserRecord,
} from './method-types.ts';
import type { StateOptions } from './saved-state.ts';
import type { Scalar } from './scalar.ts';
import { Series } from './series.ts';
import { columnProxy, withColumns } from './state.ts';
import type { ColumnAggregation } from './user-node.ts';

/** The aggregations of every column that takes part, as a record. */
export type FrameMethods<S extends ColumnTypes, W extends boolean = false> = {
  readonly [N in Exclude<EveryName, 'size'>]: ScalarMethod<N, RecordOf<S, N>, W>;
};

/** The rows of a frame in a window, with its columns as properties. */
export type WindowedFrame<S extends ColumnTypes, W extends boolean = false> = WindowedRows<S, W> & {
  readonly [C in Exclude<keyof S & string, keyof WindowedRows<ColumnTypes>>]: Series<S[C], C, W>;
};

export interface WindowedRows<S extends ColumnTypes, W extends boolean = false> extends FrameMethods<S, W> {}

/**
 * The last rows of a frame, or those in a range of its time key. Aggregations give running values, emitted
 * once per batch, after all of its rows have entered and the old ones have left. Keeps the columns that are
 * aggregated of the rows in view.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, from the one list of aggregations
export class WindowedRows<S extends ColumnTypes, W extends boolean = false> {
  /** @internal */
  readonly $scope: Scope;

  static {
    addMethods(
      WindowedRows.prototype,
      'frame',
      (definition) =>
        function (...args) {
          return everyColumn(this.$scope, definition, args);
        },
      ['size'],
    );
  }

  constructor(scope: Scope) {
    this.$scope = scope;
  }

  /** The columns and nothing else: `window.col.count` is the column where `window.count` is the method. */
  get col(): { readonly [C in keyof S & string]: Series<S[C], C, W> } {
    return columnProxy((name) => columnOf(this.$scope, name)) as never;
  }

  /**
   * The rows in view, in arrival order, as a table after each batch. Nothing is copied: the batches of the table are those
   * that came, the first cut where rows have left; a window of a range that was not in order, and rows that come a few at
   * a time, are put together anew. Memory: the rows in view, and what they share a batch with.
   */
  full(): Scalar<Table<S>> {
    return content(this.$scope, 'full', sameTable as (table: Table) => Table<S>);
  }

  /** `fn` of the rows in view, as `full` gives them, after each batch: for what no aggregation does. */
  apply<R>(fn: (table: Table<S>) => R): Scalar<R> {
    return content(this.$scope, labelOf('apply', fn), fn as (table: Table) => R);
  }

  /** The rows in view as a snapshot, in arrival order. Each emission copies them; `full` does not. */
  rows(): StreamingDataFrame<S, 'snapshot'> {
    return contentFrame(this.$scope, 'rows');
  }

  /**
   * The `n` rows in view with the greatest values, greatest first; of equal ones those that came first. Rows whose value is
   * null or NaN are left out. Rows come back when greater ones leave. Memory: the rows in view; O(log rows) a row.
   */
  nlargest(n: number, by: (keyof S & string) | ExprLike<S>): StreamingDataFrame<S, 'snapshot'> {
    return topFrame(this.$scope, n, by, true);
  }

  /** The `n` rows in view with the least values, least first; see {@link WindowedRows.nlargest}. */
  nsmallest(n: number, by: (keyof S & string) | ExprLike<S>): StreamingDataFrame<S, 'snapshot'> {
    return topFrame(this.$scope, n, by, false);
  }

  /** The number of cells in view: rows times columns. */
  size(options: StateOptions & { readonly withState: true }): Scalar<Stated<number>>;
  size(options?: StateOptions & { readonly withState?: false | undefined }): Scalar<StatedIf<W, number>>;
  size(options?: StateOptions): never {
    return cells(this.$scope, options) as never;
  }

  /** The number of rows in view. */
  numRows(options: StateOptions & { readonly withState: true }): Scalar<Stated<number>>;
  numRows(options?: StateOptions & { readonly withState?: false | undefined }): Scalar<StatedIf<W, number>>;
  numRows(options?: StateOptions): never {
    return rowCount(this.$scope, options) as never;
  }

  /** Several aggregations in one pass: `agg({ total: ['amount', 'sum'], amount: 'mean' })`. */
  agg<const A extends AggSpec<S>>(
    spec: A,
    options: StateOptions & { readonly withState: true },
  ): Scalar<Stated<AggRecord<S, A>>>;
  agg<const A extends AggSpec<S>>(
    spec: A,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): Scalar<StatedIf<W, AggRecord<S, A>>>;
  agg(spec: AggSpec<S>, options?: StateOptions): never {
    return recordOfItems(this.$scope, spec, options) as never;
  }

  /** An aggregation of your own of each numeric column, as a record; see `Aggregation`. */
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows, State, R>,
    options: StateOptions & { readonly withState: true },
  ): Scalar<Stated<UserRecord<S, R>>>;
  aggregate<State, R>(
    aggregation: Aggregation<ColumnRows, State, R>,
    options?: StateOptions & { readonly withState?: false | undefined },
  ): Scalar<StatedIf<W, UserRecord<S, R>>>;
  aggregate(aggregation: unknown, options?: StateOptions): never {
    const scope = stateIn(this.$scope, 'aggregate', options);
    return userRecords(scope, aggregation as ColumnAggregation) as never;
  }

  /** The rows in view by groups: by names, series, expressions or callbacks. */
  groupby<const Keys extends readonly GroupKey<S>[]>(
    keys: Keys,
    options?: GroupByOptions,
  ): GroupBy<S, KeyColumns<S, Keys>, W>;
  groupby<const Key extends GroupKey<S>>(
    key: Key,
    options: GroupByOptions,
  ): GroupBy<S, KeyColumns<S, [Key]>, W>;
  groupby<const Keys extends readonly GroupKey<S>[]>(...keys: Keys): GroupBy<S, KeyColumns<S, Keys>, W>;
  groupby(...args: unknown[]): never {
    return groupBy({ ...this.$scope, groups: groupKeys(this.$scope, args) }) as never;
  }
}

function columnOf(scope: Scope, name: string): Series<DataType> {
  scope.frame.checkName(name);
  return new Series(scope, { op: 'column', name });
}

function sameTable(table: Table): Table {
  return table;
}

export function windowedFrame(scope: Scope): WindowedFrame<ColumnTypes> {
  const target = new WindowedRows<ColumnTypes>(scope);
  return withColumns(target, scope.frame, (name) => columnOf(scope, name)) as WindowedFrame<ColumnTypes>;
}
