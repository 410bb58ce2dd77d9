import type { Schema } from 'apache-arrow';
import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import { frameOf, type StreamingDataFrame } from '../frame/dataframe.ts';
import type { LiveOptions } from '../frame/live-window.ts';
import type { BatchSource } from './batch-source.ts';
import { fromPeriodic, type PeriodicOptions, type Rows, type Tick } from './from-periodic.ts';
import { fromPoll, type PollOptions } from './from-poll.ts';

interface FrameOptions<S extends ColumnTypes> {
  /** The columns, as `schema({ t: timestamp(), x: float64 })` declares them. Default: those of the first rows. */
  schema?: Schema<S> | undefined;
  /** The time key: the column that windows such as `'2h'` range over. */
  time?: (keyof S & string) | undefined;
  /** Whether windows over times go on by the clock where no rows come; see `StreamingDataFrameOptions`. Default `false`. */
  live?: boolean | LiveOptions | undefined;
}

/** Options of a frame that calls a function. */
export type PeriodicDataFrameOptions<S extends ColumnTypes, A extends object> = Omit<
  PeriodicOptions<A>,
  'schema'
> &
  FrameOptions<S>;

/** Options of a frame that polls an address. */
export type PolledDataFrameOptions<S extends ColumnTypes> = Omit<PollOptions, 'schema'> & FrameOptions<S>;

/**
 * A frame whose rows are asked for periodically, while something listens: of a function that is called with
 * `last`, `now` and its own arguments, or of an address that is fetched. See `fromPeriodic` and `fromPoll` for
 * the schedule and for what counts as rows; `signal` or `dispose()` ends it.
 */
export type PeriodicFrame<S extends ColumnTypes> = StreamingDataFrame<S> & {
  /** Where the rows come from, with its `errors`, `state`, `states`, `counts` and `done`. */
  readonly source: BatchSource<S>;
};

/** Makes a {@link PeriodicFrame}. */
export interface PeriodicDataFrameConstructor {
  new <S extends ColumnTypes = AnySchema, A extends object = object>(
    callback: (tick: Tick<A>) => Rows | Promise<Rows>,
    options?: PeriodicDataFrameOptions<S, A>,
  ): PeriodicFrame<S>;
  new <S extends ColumnTypes = AnySchema>(
    url: string | URL,
    options?: PolledDataFrameOptions<S>,
  ): PeriodicFrame<S>;
}

/** See the type of the same name. */
export const PeriodicDataFrame: PeriodicDataFrameConstructor = class {
  constructor(
    from: string | URL | ((tick: Tick) => Rows | Promise<Rows>),
    {
      time,
      live,
      ...options
    }: PeriodicDataFrameOptions<ColumnTypes, object> & PolledDataFrameOptions<ColumnTypes> = {},
  ) {
    const source: BatchSource =
      typeof from === 'function' ? fromPeriodic(from, options) : fromPoll(from, options);
    const { schema, clock } = options;
    if (schema?.fields?.some(({ name }) => name === 'source'))
      console.warn('millrace: column source has the name of a member; reach it as df.col.source');
    // biome-ignore lint/correctness/noConstructorReturn: the frame is a proxy, whose columns are properties
    return Object.defineProperty(frameOf(source, { schema, time, live, clock }), 'source', { value: source });
  }
} as unknown as PeriodicDataFrameConstructor;
