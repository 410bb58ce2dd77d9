import {
  Bool,
  type DataType,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  type Table,
  TimestampMillisecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import {
  type AnySchema,
  type EwmOptions,
  type Expr,
  literal,
  type RollingOptions,
  type SavedRunning,
  type Scalar,
  type Series,
  type Stream,
  StreamingDataFrame,
  toRows,
  type WindowArgument,
} from '../../src/index.ts';
import { NotBuilt, type RecordedCase, type Result, type Tolerance } from './case.ts';
import { close, show } from './compare.ts';

interface Op {
  readonly op: string;
  readonly [argument: string]: unknown;
}

interface RecordedBatch {
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  readonly columns_order?: readonly string[];
  readonly index?: readonly number[];
}

interface Input {
  readonly schema: readonly { readonly name: string; readonly type: string }[];
  readonly index: { readonly type: string } | null;
  readonly batches: readonly RecordedBatch[];
}

/** What came out at one place, as cases write it. */
interface Emission {
  readonly t: string;
  readonly value?: unknown;
  readonly values?: unknown;
  readonly columns?: Columns;
  readonly index?: readonly unknown[];
  readonly keys?: readonly unknown[][];
}

interface Output {
  readonly emits: readonly Emission[];
  readonly error?: unknown;
}

type Columns = Readonly<Record<string, readonly unknown[]>>;
type Types = Readonly<Record<string, string>>;
type Expression = readonly [string, ...unknown[]];
type Frame = StreamingDataFrame;
type Value = string | boolean | number | bigint;

/** Where a pipeline has got to. */
interface Place {
  readonly frame: Frame;
  readonly types: Types;
  /** One column, or what was computed of some. */
  readonly series?: { readonly name: string; readonly of: Series; readonly isColumn: boolean };
  readonly window?: WindowArgument | undefined;
  readonly expanding?: ReturnType<Frame['expanding']> | undefined;
  readonly rolling?: { readonly window: WindowArgument; readonly options: RollingOptions } | undefined;
  readonly groups?: readonly (string | Expr)[];
  readonly result?: Followed;
  readonly ewm?: EwmOptions;
  /** The column that stands in the place of the time index. */
  readonly indexed?: string;
  readonly state: States;
}

/** The state that a run begins with, and where the one goes that it has after each batch. */
interface States {
  readonly start?: unknown;
  readonly keep?: ((state: unknown) => void) | undefined;
}

/** What comes out at the end, and how it reads as an emission. */
interface Followed {
  readonly stream: Stream<Emission>;
  /** The result itself, with what reads it. */
  readonly of?: unknown;
  readonly read?: (value: never) => Emission;
}

/** The name of the time index as a column. */
const index = 'index';

const arrowTypes: Readonly<Record<string, DataType>> = {
  int64: new Int64(),
  float64: new Float64(),
  utf8: new Utf8(),
  bool: new Bool(),
  [index]: new TimestampMillisecond(),
};

const aggregations = new Set([
  'sum',
  'mean',
  'count',
  'size',
  'var',
  'std',
  'min',
  'max',
  'full',
  'apply',
  'value_counts',
]);
/** Those of rolling windows only. */
const rollingOnly = new Set(['median', 'quantile']);

/**
 * Replays a case of kind `dataframe`.
 *
 * A time index is a column that is the time key. 64-bit integers stay 64-bit; a null of a float column is
 * NaN, and NaN and null are alike in results.
 */
export async function replay(recorded: RecordedCase): Promise<Result> {
  const { schema, index: indexed, batches } = recorded.input as Input;
  const pipeline = recorded.pipeline as Op[];
  const isRolling = pipeline.some(({ op }) => op === 'rolling');
  for (const op of pipeline) requireBuilt(op, isRolling);
  if (recorded.resume_after !== undefined && isRolling) return resumed(recorded);

  const types = Object.fromEntries(schema.map(({ name, type }) => [name, type]));
  const all = indexed === null ? types : { ...types, [index]: index };
  const build = (state: States): { frame: Frame; place: Place } => {
    const frame = newFrame(all);
    return {
      frame,
      place: pipeline.reduce<Place>((at, op) => steps.get(op.op)!(at, op), { frame, types, state }),
    };
  };
  const { resume_after: resumeAfter } = recorded as { resume_after?: number };
  const asked = pipeline.some(({ with_state }) => with_state === true);
  let last: unknown;
  const keep = (state: unknown): void => {
    last = state;
  };
  let run: ReturnType<typeof build>;
  try {
    run = build({ keep: asked || resumeAfter !== undefined ? keep : undefined });
  } catch (error) {
    if (recorded.build_error === undefined || error instanceof NotBuilt) throw error;
    return { status: 'passed' };
  }
  if (recorded.build_error !== undefined && recorded.streamz_gap === undefined) {
    return { status: 'failed', difference: 'building was expected to fail' };
  }

  let emits: Emission[] = [];
  const follow = (place: Place): void => {
    outcome(place).stream.sink((emission) => emits.push(emission));
  };
  follow(run.place);
  for (const [i, expected] of expectedOf(recorded, pipeline, batches).entries()) {
    emits = [];
    let error: unknown;
    try {
      await run.frame.emit(recordBatch(batches[i]!, all));
    } catch (thrown) {
      error = thrown;
    }
    const difference = differenceOf({ emits, error }, expected, recorded.tolerance);
    if (difference !== undefined) return { status: 'failed', difference: `batch ${i}: ${difference}` };
    if (i !== resumeAfter) continue;
    run = build({ start: structuredClone(last), keep });
    follow(run.place);
  }
  return { status: 'passed' };
}

function newFrame(types: Types): Frame {
  return new StreamingDataFrame({
    schema: new Schema(Object.entries(types).map(([name, type]) => new Field(name, arrowTypes[type]!, true))),
    ...(index in types ? { time: index } : {}),
  });
}

/** A rolling pipeline that is begun anew with the state of the one before, after batch number `resume_after`. */
async function resumed(recorded: RecordedCase): Promise<Result> {
  const { schema, index: indexed, batches } = recorded.input as Input;
  const { window, options, agg } = rollingOps(recorded.pipeline as Op[]);
  const types = Object.fromEntries(schema.map(({ name, type }) => [name, type]));
  const all = indexed === null ? types : { ...types, [index]: index };
  const made = (start: SavedRunning | undefined): { frame: Frame; of: Series } => {
    const frame = new StreamingDataFrame({
      schema: new Schema(Object.entries(all).map(([name, type]) => new Field(name, arrowTypes[type]!, true))),
      ...(indexed === null ? {} : { time: index }),
    });
    const given = start === undefined ? options : { ...options, start };
    return { frame, of: rolledColumn(frame, window, given, agg) };
  };
  let state: SavedRunning | undefined;
  let emits: Emission[] = [];
  let { frame, of } = made(undefined);
  const follow = (): void => {
    of.withState().sink(([newest, rows]) => {
      state = newest;
      emits.push({ t: 'series', values: [...rows] });
    });
  };
  follow();
  for (const [i, expected] of (recorded.outputs as Output[]).entries()) {
    if (i === recorded.resume_after) {
      ({ frame, of } = made(structuredClone(state)));
      follow();
    }
    emits = [];
    await frame.emit(recordBatch(batches[i]!, all));
    const difference = differenceOf({ emits }, expected, recorded.tolerance);
    if (difference !== undefined) return { status: 'failed', difference: `batch ${i}: ${difference}` };
  }
  return { status: 'passed' };
}

function rollingOps([rolling, agg]: readonly Op[]): {
  window: WindowArgument;
  options: RollingOptions;
  agg: Op;
} {
  const { n, value_ms, min_periods } = rolling!;
  return {
    window: (value_ms === undefined ? n : `${value_ms as number}ms`) as WindowArgument,
    options: min_periods === undefined ? {} : { minPeriods: min_periods as number },
    agg: agg!,
  };
}

function rolledColumn(frame: Frame, window: WindowArgument, options: RollingOptions, op: Op): Series {
  return rolledBy(frame.rolling(window, options).col[op.column as string] as unknown as Rolled, op);
}

function rolledBy(of: Rolled, op: Op): Series {
  return (op.fn === 'quantile' ? of.quantile!(op.q as number) : of[op.fn as string]!()) as Series;
}

interface Rolled {
  readonly [fn: string]: (...args: unknown[]) => unknown;
}

function requireBuilt({ op, fn, with_state }: Op, isRolling: boolean): void {
  if (!steps.has(op)) throw new NotBuilt(op);
  const isBuilt = aggregations.has(fn as string) || (isRolling && rollingOnly.has(fn as string));
  if (op === 'agg' && !isBuilt) throw new NotBuilt(fn as string);
  if (with_state === true && op !== 'agg' && op !== 'window' && op !== 'groupby')
    throw new NotBuilt(`${op}(with_state)`);
}

/** Cases by id whose recorded answer is not the one that was decided on, and what is wanted. */
const decisions: Readonly<Record<string, (outputs: readonly Output[]) => readonly Output[]>> = {
  // Columns are told by their names, in whatever order a batch brings them.
  'df-v-verify-columns': ([missing, , fitting]) => [missing!, fitting!, fitting!],
  // Values stand in their order from the first batch on, not only from the second.
  'df-v-050-value-counts': (outputs) => outputs.map(({ emits }) => ({ emits: emits.map(inKeyOrder) })),
};

function inKeyOrder(emission: Emission): Emission {
  const { keys = [], values } = emission;
  const order = keys.map((_, i) => i).sort((a, b) => (String(keys[a]) < String(keys[b]) ? -1 : 1));
  const moved = Object.entries(values as Columns).map(([name, list]) => [name, order.map((i) => list[i])]);
  return { ...emission, keys: order.map((i) => keys[i]!), values: Object.fromEntries(moved) };
}

function expectedOf(
  recorded: RecordedCase,
  pipeline: readonly Op[],
  batches: readonly RecordedBatch[],
): readonly Output[] {
  if (recorded.build_error !== undefined) return gap(pipeline, batches);
  const outputs = (recorded.reference ?? recorded.outputs) as Output[];
  return decisions[recorded.id]?.(outputs) ?? outputs;
}

/** What streamz lacks and we offer, computed from all rows so far. */
function gap(pipeline: readonly Op[], batches: readonly RecordedBatch[]): Output[] {
  const [first, second, third] = pipeline;
  if (first!.op === 'expanding' && second?.op === 'groupby' && third?.fn === 'sum') {
    return batches.map((_, i) => groupSums(batches.slice(0, i + 1), second, third));
  }
  const { fn, column } = first!;
  const reduce = plain[fn as string];
  if (reduce === undefined || pipeline.length > 1) throw new Error('no plain computation of this pipeline');
  return batches.map((_, i) => {
    const values = batches.slice(0, i + 1).flatMap(({ columns }) => columns[column as string] as number[]);
    return { emits: [{ t: 'scalar', value: reduce(values) }] };
  });
}

function groupSums(batches: readonly RecordedBatch[], { by }: Op, { column }: Op): Output {
  const [key] = by as string[];
  const sums = new Map<string, number>();
  for (const { columns } of batches) {
    for (const [i, name] of (columns[key!] as string[]).entries())
      sums.set(name, (sums.get(name) ?? 0) + (columns[column as string] as number[])[i]!);
  }
  const names = [...sums.keys()].sort();
  const values = { [column as string]: names.map((name) => sums.get(name)) };
  return { emits: [{ t: 'keyed', keys: names.map((name) => [name]), values }] };
}

const plain: Readonly<Record<string, (values: readonly number[]) => number>> = {
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  std(values) {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
  },
};

const steps = new Map<string, (place: Place, op: Op) => Place>([
  [
    'select',
    ({ frame, types, state }, { columns }) => {
      const names = columns as string[];
      const kept = frame.columns?.includes(index);
      return {
        state,
        frame: frame.select(...names, ...(kept === true ? [index] : [])) as unknown as Frame,
        types: Object.fromEntries(names.map((name) => [name, types[name]!])),
      };
    },
  ],
  [
    'column',
    (place, { name }) => ({
      ...place,
      series: { name: name as string, of: place.frame.col[name as string] as Series, isColumn: true },
    }),
  ],
  ['query', (place, { text }) => ({ ...place, frame: place.frame.query(text as string) })],
  [
    'filter',
    (place, { expr }) => ({
      ...place,
      frame: place.frame.filter((row) => built(expr, place.types, (name) => row[name]!) as Expr<Bool>),
    }),
  ],
  [
    'assign',
    ({ frame, types, state }, { columns }) => {
      const given = Object.entries(columns as Record<string, Expression>);
      const assigned = frame.assign(
        (row) =>
          Object.fromEntries(
            given.map(([name, expr]) => [name, built(expr, types, (of) => row[of]!)]),
          ) as Record<string, Expr<DataType>>,
      );
      const added = given.map(([name, expr]) => [name, typeOf(expr, types)]);
      return {
        frame: assigned as unknown as Frame,
        types: { ...types, ...Object.fromEntries(added) },
        state,
      };
    },
  ],
  [
    'expr',
    ({ frame, types, state }, { expr }) => {
      const of = built(expr, types, (name) => frame.col[name] as unknown as Expr) as unknown as Series;
      return { frame, types, state, series: { name: 'expr', of, isColumn: false } };
    },
  ],
  [
    'round',
    (place, { decimals }) => {
      const { series, result } = place;
      if (result !== undefined) return { ...place, result: roundedResult(result, decimals as number) };
      if (series === undefined) return { ...place, frame: place.frame.round(decimals as number) };
      const of = (series.of as unknown as Expr).round(decimals as number) as unknown as Series;
      return { ...place, series: { ...series, of, isColumn: false } };
    },
  ],
  [
    'to_frame',
    ({ types, series, state }) => ({
      frame: series!.of.toFrame(series!.name) as unknown as Frame,
      types,
      state,
    }),
  ],
  [
    'window',
    (place, { n, value_ms, with_state }) => {
      const rows = (value_ms === undefined ? n : `${value_ms as number}ms`) as WindowArgument;
      const window = with_state === true ? ({ n, withState: true } as WindowArgument) : rows;
      // Where the window is cannot be told from what comes after it, so a bad one must fail here.
      place.frame.window(window);
      return { ...place, window };
    },
  ],
  [
    'rolling',
    (place, op) => {
      const { window, options } = rollingOps([op]);
      place.frame.rolling(window, options);
      return { ...place, rolling: { window, options } };
    },
  ],
  ['expanding', (place) => ({ ...place, expanding: place.frame.expanding() })],
  [
    'groupby',
    (place, { by, expr, as }) => {
      const { frame, types } = place;
      if (by === undefined)
        return { ...place, groups: [built(expr, types, (name) => frame.col[name] as unknown as Expr)] };
      const names = by as string[];
      return {
        ...place,
        groups: as === 'series' ? names.map((name) => frame.col[name] as unknown as Expr) : names,
      };
    },
  ],
  [
    'agg',
    (place, op) =>
      place.rolling === undefined ? { ...place, result: aggregated(place, op) } : rolled(place, op),
  ],
  [
    'astype',
    (place, { type }) => {
      const { series } = place;
      const of = series!.of.astype(arrowTypes[type as string]!) as unknown as Series;
      return { ...place, series: { ...series!, of, isColumn: false } };
    },
  ],
  ['tail', (place, { n }) => ({ ...place, frame: place.frame.batchTail(n as number) })],
  [
    'nlargest',
    (place, { n }) => {
      const { of, read } = place.result!;
      const frame = of as StreamingDataFrame<AnySchema, 'snapshot'>;
      return { ...place, result: followed(frame.nlargest(n as number, frame.columns!.at(-1)!), read!) };
    },
  ],
  [
    'set_index',
    (place, { column }) => ({
      ...place,
      frame: place.frame.setIndex(column as string),
      indexed: column as string,
    }),
  ],
  [
    'index',
    (place) => {
      const stream = place.frame.timeKey!.stream as Stream<Vector>;
      const read = (values: Vector): Emission => ({ t: 'index', values: [...values] });
      return { ...place, result: { stream: stream.map(read) } };
    },
  ],
  [
    'combine',
    (place, { fn, left, right }) => {
      const [a, b] = [left, right].map((ops) =>
        (ops as Op[]).reduce<Place>((at, op) => steps.get(op.op)!(at, op), place),
      ) as [Place, Place];
      const other = b.result!.of as Scalar<number>;
      if (a.series !== undefined && a.result === undefined) {
        const of = call(a.series.of as unknown as Expr, fn as string, other) as unknown as Series;
        return { ...place, series: { ...a.series, of, isColumn: false } };
      }
      const { of, read } = a.result!;
      const combined = (of as Readonly<Record<string, (other: unknown) => unknown>>)[fn as string]!(other);
      return { ...place, result: followed(combined, read!) };
    },
  ],
  ...['cumsum', 'cumprod', 'cummin', 'cummax'].map(cumulative),
  [
    'ewm',
    (place, { op: _, ...options }) => {
      // Bad options must fail here, as they do where nothing comes after.
      place.frame.ewm(options as EwmOptions);
      return { ...place, ewm: options as EwmOptions };
    },
  ],
]);

/** Rolling aggregations are new rows again. */
function rolled({ frame, types, series, rolling, state }: Place, op: Op): Place {
  const { window, options } = rolling!;
  if (series !== undefined) {
    const of = rolledBy(series.of.rolling(window, options) as unknown as Rolled, op);
    return { frame, types, state, series: { ...series, of, isColumn: false } };
  }
  if (op.column === undefined) {
    const kept = frame.columns?.includes(index) === true ? [index] : [];
    const chosen = frame.select(...(op.columns as string[]), ...kept) as unknown as Frame;
    const of = (chosen.rolling(window, options) as unknown as Rolled)[op.fn as string]!();
    return { frame: of as Frame, types, state };
  }
  return {
    frame,
    types,
    state,
    series: {
      name: op.column as string,
      of: rolledColumn(frame, window, options, op),
      isColumn: false,
    },
  };
}

function cumulative(fn: string): [string, (place: Place) => Place] {
  return [
    fn,
    (place) => {
      const { frame, series } = place;
      if (series === undefined) return { ...place, frame: call(frame as never, fn) as never };
      return { ...place, series: { ...series, of: call(series.of as never, fn) as never, isColumn: false } };
    },
  ];
}

/** Cases want one row per batch, that after its last one; here there is one for each row. */
function weighted({ frame, ewm, types }: Place, { fn, column, columns }: Op): Followed {
  const names = columns as string[] | undefined;
  const of = names === undefined ? (frame.ewm(ewm!) as unknown as Ewms)[column as string]! : undefined;
  const result = (of ?? frame.select(...names!).ewm(ewm!)) as unknown as Aggregates;
  if (result[fn as string] === undefined) throw new Error(`ewm has no ${fn as string}`);
  const rows = result[fn as string]!();
  if (names === undefined) {
    let last: readonly unknown[] = [];
    const read = (batch: Vector): Emission => {
      if (batch.length > 0) last = [batch.get(batch.length - 1)];
      return { t: 'series', values: last };
    };
    return { stream: (rows as unknown as Series).stream.map(read as (batch: unknown) => Emission) };
  }
  let last: Columns = Object.fromEntries(Object.keys(types).map((name) => [name, []]));
  return {
    stream: rows.stream.map((batch): Emission => {
      const all = Object.entries(columnsOf(batch as unknown as RecordBatch));
      if (all[0]![1].length > 0) last = Object.fromEntries(all.map(([name, list]) => [name, list.slice(-1)]));
      return { t: 'frame', columns: last };
    }),
  };
}

interface Ewms {
  readonly [column: string]: unknown;
}

function followed(of: unknown, read: (value: never) => Emission): Followed {
  return { stream: (of as Scalar<never>).stream.map(read as (value: unknown) => Emission), of, read };
}

function roundedResult({ of, read }: Followed, decimals: number): Followed {
  return followed((of as Scalar<unknown>).round(decimals), read!);
}

/** The content of a window, and what a function makes of it. */
function contentOf({ frame, series, types, window }: Place, op: Op): Followed {
  const names =
    (op.columns as string[] | undefined) ??
    (op.column === undefined ? Object.keys(types) : [op.column as string]);
  const column = series?.of ?? (op.column === undefined ? undefined : (frame.col[names[0]!] as Series));
  if (op.fn === 'apply') {
    const reduce = appliedTo[op.apply as string]!;
    const plainValues = (values: Vector): number[] =>
      [...values].map(toNumber).filter((value) => !Number.isNaN(value));
    const of = column!.window(window!).apply((values) => reduce(plainValues(values as Vector)));
    return followed(of, (value) => ({ t: 'scalar', value }));
  }
  if (column !== undefined) {
    return followed((window === undefined ? column : column.window(window)).full(), (values: Vector) => ({
      t: 'series',
      values: [...values],
    }));
  }
  const kept = frame.columns?.includes(index) === true ? [index] : [];
  const chosen = frame.select(...names, ...kept);
  const rows = window === undefined ? chosen.window(Number.MAX_SAFE_INTEGER) : chosen.window(window);
  return followed(rows.full(), (table: Table) => frameEmission(columnsOf(table), index));
}

const appliedTo: Readonly<Record<string, (values: readonly number[]) => number | null>> = {
  min: (values) => (values.length === 0 ? null : Math.min(...values)),
  max: (values) => (values.length === 0 ? null : Math.max(...values)),
  median(values) {
    if (values.length === 0) return null;
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  },
};

/** How often each value is there. */
function valueCounts({ frame, series, window }: Place, op: Op): Followed {
  const column = series?.of ?? (frame.col[op.column as string] as Series);
  const counts = (window === undefined ? column : column.window(window)).valueCounts();
  return followed(counts, (batch: RecordBatch) => keyed(batch, 1, undefined));
}

function frameEmission(all: Columns, indexed: string): Emission {
  const { [indexed]: times, ...columns } = all;
  return { t: 'frame', columns, ...(times === undefined ? {} : { index: times }) };
}

interface Aggregates {
  readonly [fn: string]: (options?: object) => Frame & Scalar<unknown>;
}

function aggregated(place: Place, op: Op): Followed {
  if (place.ewm !== undefined) return weighted(place, op);
  const { frame, types, series, window, groups, expanding, state } = place;
  const fn = op.fn as string;
  const { keep, start = startOf(place, op) } = state;
  const options = {
    ...(op.ddof === undefined ? {} : { ddof: op.ddof as number }),
    ...(start === undefined ? {} : { start }),
    ...(keep === undefined ? {} : { withState: true }),
  };
  const names =
    (op.columns as string[] | undefined) ??
    (op.column === undefined ? Object.keys(types) : [op.column as string]);
  if (fn === 'full' || fn === 'apply') return contentOf(place, op);
  if (fn === 'value_counts') return valueCounts(place, op);
  const read = (of: unknown, reader: (value: never) => Emission): Followed => ({
    of,
    read: reader,
    stream: (of as Scalar<unknown>).stream.map((value) => {
      if (keep === undefined) return reader(value as never);
      const [now, result] = value as readonly [unknown, never];
      keep(now);
      return reader(result);
    }),
  });

  if (groups !== undefined) {
    const rows = window === undefined ? (expanding ?? frame) : frame.window(window);
    const grouped = rows.groupby(groups);
    const one = op.column as string | undefined;
    const of =
      fn === 'size' || one === undefined
        ? (grouped.select(...names) as unknown as Aggregates)[fn]!(options)
        : ((grouped as unknown as Record<string, Aggregates>)[one]![fn]!(options) as unknown);
    const as = fn === 'size' ? (one ?? 'value') : undefined;
    return read(of, (batch: RecordBatch) => keyed(batch, groups.length, as));
  }
  if (series !== undefined || op.column !== undefined) {
    const columns = expanding ?? frame;
    const column = series?.of ?? (columns.col[op.column as string] as unknown as Series);
    const rows = window === undefined ? column : column.window(window);
    return read((rows as unknown as Aggregates)[fn]!(options), (value) => ({ t: 'scalar', value }));
  }
  const chosen = frame.select(...names);
  const seen = expanding === undefined ? chosen : chosen.expanding();
  const rows = window === undefined ? seen : chosen.window(window);
  return read((rows as unknown as Aggregates)[fn]!(options), (value) =>
    fn === 'size' ? { t: 'scalar', value } : { t: 'record', values: value },
  );
}

/** A start as a case gives it: as it is, or that of groups as the state of as many rows. */
function startOf({ types }: Place, { start, fn, column }: Op): unknown {
  if (typeof start !== 'object' || start === null || Array.isArray(start)) return start;
  const { keys, values } = start as { keys: string[]; values: number[] };
  const frame = newFrame(types);
  const groups = frame.groupby('name') as unknown as Record<string, Aggregates>;
  const before = groups[column as string]![fn as string]!({ withState: true }) as Scalar<unknown>;
  const empty = Object.fromEntries(Object.keys(types).map((name) => [name, keys.map(() => null)]));
  const columns = { ...empty, name: keys, [column as string]: values };
  void frame.emit(recordBatch({ columns }, types));
  return (before.current as readonly [unknown, unknown])[0];
}

/** What the pipeline gives in the end. */
function outcome({ frame, series, result, indexed = index }: Place): Followed {
  if (result !== undefined) return result;
  if (series !== undefined) {
    return {
      stream: series.of.stream.map((rows: Vector) => ({ t: 'series', values: [...rows] })),
    };
  }
  return {
    stream: frame.stream.map((batch) => frameEmission(columnsOf(batch), indexed)),
  };
}

function columnsOf(batch: RecordBatch | Table): Columns {
  const rows = toRows(batch);
  return Object.fromEntries(batch.schema.fields.map(({ name }) => [name, rows.map((row) => row[name])]));
}

/** The keys come first; `as` is how cases call the size of a group. */
function keyed(batch: RecordBatch, count: number, as: string | undefined): Emission {
  const columns = Object.entries(columnsOf(batch));
  const keys = Array.from({ length: batch.numRows }, (_, row) =>
    columns.slice(0, count).map(([, values]) => values[row]),
  );
  const values = Object.fromEntries(columns.slice(count).map(([name, list]) => [as ?? name, list]));
  return { t: 'keyed', keys, values };
}

const unary = new Set(['neg', 'abs', 'not', 'round']);
const comparisons = new Set(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'xor', 'not']);

/** An expression of a case as one of ours. */
function built(expr: unknown, types: Types, column: (name: string) => Expr): Expr {
  if (!isOperation(expr)) return literal(expr as Value);
  const [op, ...args] = expr;
  if (op === 'col') return column(args[0] as string);
  if (unary.has(op)) return call(built(args[0], types, column), op, args[1]);
  const [left, right] = args;
  const sides = [typeOf(left, types), typeOf(right, types)];
  const wide =
    sides.includes('int64') && args.some((arg) => isOperation(arg) && typeOf(arg, types) === 'int64');
  const [a, b] = [left, right].map((arg) =>
    isOperation(arg) ? built(arg, types, column) : literalOf(arg, wide),
  ) as [Expr, Expr];
  const compared = call(a, op, b);
  // To pandas a missing string is unequal to everything; to us the comparison is null.
  if (op === 'eq' && sides[0] === 'utf8') return call(compared, 'and', a.notNull());
  if (op === 'ne' && sides[0] === 'utf8') return call(compared, 'or', a.isNull());
  return compared;
}

function call(expr: Expr, op: string, ...args: unknown[]): Expr {
  const method = (expr as unknown as Record<string, (...args: unknown[]) => Expr>)[op];
  if (method === undefined) throw new NotBuilt(op);
  return method.apply(expr, args);
}

/** A literal as its partner asks for it: 64-bit integers are computed with bigints, or, where named, with floats. */
function literalOf(value: unknown, wide: boolean): Expr {
  if (typeof value !== 'number' || !wide) return literal(value as Value);
  return Number.isInteger(value) ? literal(BigInt(value) as Value) : literal(value as Value, 'float64');
}

function typeOf(expr: unknown, types: Types): string {
  if (!isOperation(expr)) {
    if (typeof expr !== 'number') return typeof expr === 'string' ? 'utf8' : 'bool';
    return Number.isInteger(expr) ? 'int64' : 'float64';
  }
  const [op, ...args] = expr;
  if (op === 'col') return types[args[0] as string]!;
  if (comparisons.has(op)) return 'bool';
  if (op === 'div') return 'float64';
  if (unary.has(op)) return typeOf(args[0], types);
  return args.every((arg) => typeOf(arg, types) === 'int64') ? 'int64' : 'float64';
}

function isOperation(expr: unknown): expr is Expression {
  return Array.isArray(expr);
}

/** A batch with the columns that the case gives it, in its order. */
function recordBatch({ columns, columns_order, index: times }: RecordedBatch, types: Types): RecordBatch {
  const all: Columns = times === undefined ? columns : { ...columns, [index]: times };
  const names = [...(columns_order ?? Object.keys(columns)), ...(times === undefined ? [] : [index])];
  const fields = names.map((name) => new Field(name, arrowTypes[types[name]!]!, true));
  const children = names.map(
    (name) =>
      vectorFromArray(
        all[name]!.map((value) => stored(value, types[name]!)),
        arrowTypes[types[name]!]!,
      ).data[0]!,
  );
  const length = all[names[0]!]!.length;
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length, nullCount: 0, children }),
  );
}

function stored(value: unknown, type: string): unknown {
  if (type === 'int64') return value === null ? null : BigInt(value as number);
  return type === 'float64' ? toNumber(value) : value;
}

function toNumber(value: unknown): number {
  return value === null ? Number.NaN : Number(value);
}

function differenceOf(actual: Output, expected: Output, tolerance?: Tolerance): string | undefined {
  if (actual.error !== undefined && expected.error === undefined) throw actual.error;
  if (actual.error === undefined && expected.error !== undefined) return 'was expected to fail';
  const { emits } = actual;
  if (emits.length !== expected.emits.length) {
    return `emitted ${emits.length} times, not ${expected.emits.length}`;
  }
  const wrong = expected.emits.findIndex((emission, i) => !sameEmission(emits[i]!, emission, tolerance));
  return wrong < 0 ? undefined : `emitted ${write(emits[wrong])}, not ${write(expected.emits[wrong])}`;
}

function sameEmission(actual: Emission, recorded: Emission, tolerance?: Tolerance): boolean {
  const parts = ['t', 'value', 'values', 'columns', 'index', 'keys'] as const;
  return parts.every((part) => {
    // A series of ours has no index.
    if (part === 'index' && recorded.t === 'series') return true;
    return part in recorded ? sameValue(actual[part], recorded[part], tolerance) : !(part in actual);
  });
}

/** Order counts, of columns and of groups too. */
function sameValue(actual: unknown, recorded: unknown, tolerance?: Tolerance): boolean {
  if (Array.isArray(recorded)) {
    return (
      Array.isArray(actual) &&
      actual.length === recorded.length &&
      recorded.every((value, i) => sameValue(actual[i], value, tolerance))
    );
  }
  if (typeof recorded === 'object' && recorded !== null) {
    if (typeof actual !== 'object' || actual === null) return false;
    return sameValue(Object.entries(actual), Object.entries(recorded), tolerance);
  }
  if (recorded === null) return actual === null || Number.isNaN(actual);
  const infinite = recorded === 'Infinity' || recorded === '-Infinity';
  if (typeof recorded !== 'number' && !infinite) return actual === recorded;
  if (typeof actual !== 'number' && typeof actual !== 'bigint') return false;
  return close(Number(actual), Number(recorded), tolerance);
}

function write(emission: Emission | undefined): string {
  return show(
    JSON.parse(JSON.stringify(emission, (_, part) => (typeof part === 'bigint' ? Number(part) : part))),
  );
}
