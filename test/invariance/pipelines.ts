import type { DataType } from 'apache-arrow';
import type { AggregationDefinition } from '../../src/aggregate/aggregation.ts';
import * as aggregations from '../../src/aggregate/index.ts';
import {
  coalesce,
  col,
  type Expr,
  float64,
  int32,
  literal,
  maxOf,
  minOf,
  rowNumber,
  type StreamingDataFrame,
  utf8,
  when,
} from '../../src/index.ts';
import type { Followable } from '../../src/testing/index.ts';
import { patterns, rowSchema } from './rows.ts';

type Build = (df: StreamingDataFrame, rows: number) => Followable;

export interface Pipeline {
  readonly name: string;
  /** What its rows have. */
  readonly columns: readonly string[];
  readonly build: Build;
}

/** Pipelines that are the same but for the columns they work on. */
export interface Family {
  readonly name: string;
  readonly pipelines: readonly Pipeline[];
}

/** Columns that are aggregated together: those of one pattern of missing values, or those that are no floats. */
const columnSets: readonly (readonly string[])[] = [
  ...patterns.map((name) => [name]),
  ['i', 'n', 'name', 'kind', 'flag', 't', 'day'],
];

const keys = ['t', 'u', 'name', 'kind', 'k', 'i', 'n', 'w'];

const unique = (names: readonly string[]): string[] => [...new Set(names)];

/** What has `agg`: frames, windows and groups of them. */
interface Aggregated {
  agg(spec: never): Followable;
}

/** Options without which there is no result, or the result would not be told from others. */
const given: Readonly<Record<string, object>> = {
  quantile: { q: 0.9, interpolation: 'lower' },
  histogram: { edges: [-100, -3, 0, 50, 1e16] },
  approxQuantile: { q: 0.25, k: 16 },
  approxDistinct: { precision: 4 },
  topK: { k: 2, counters: 4 },
};

const typeOf = (name: string): DataType => rowSchema.fields.find((field) => field.name === name)!.type;

/** Beside which column one is aggregated, where two are. */
const second = (fn: string): string => (fn === 'rate' ? 't' : 'w');

/** Every aggregation of every column that it takes, in a few variants. */
function everyAggregation(columns: readonly string[]): Record<string, unknown> {
  const spec: Record<string, unknown> = { size: 'size' };
  const definitions = Object.values(aggregations as unknown as Record<string, AggregationDefinition>);
  for (const { name: fn, inputs = 1, accepts } of definitions) {
    if (fn === 'size') continue;
    for (const column of columns) {
      if (!accepts(typeOf(column), 0)) continue;
      const input = inputs === 1 ? column : [column, second(fn)];
      spec[`${fn} ${column}`] = given[fn] === undefined ? [input, fn] : [input, fn, given[fn]];
    }
  }
  for (const column of columns.filter((name) => (patterns as readonly string[]).includes(name))) {
    spec[`population ${column}`] = [column, 'var', { ddof: 0 }];
    spec[`strict sum ${column}`] = [column, 'sum', { skipna: false }];
    spec[`strict max ${column}`] = [column, 'max', { skipna: false }];
    spec[`enough ${column}`] = [column, 'sum', { minCount: 3 }];
    spec[`positive ${column}`] = [column, 'mean', { where: col(column).gt(0) }];
    spec[`positives ${column}`] = [column, 'size', { where: col(column).gt(0) }];
    spec[`where greatest ${column}`] = [['n', column], 'argmax'];
    spec[`where least ${column}`] = [['name', column], 'argmin'];
  }
  return spec;
}

const windows: Readonly<Record<string, (df: StreamingDataFrame, rows: number) => unknown>> = {
  'over all time': (df) => df,
  'in the last 20 rows': (df) => df.window(20),
  'in a fifth of the rows': (df, rows) => df.window({ n: Math.ceil(rows / 5) }),
  'in (5 s]': (df) => df.window('5s'),
  'in [5 s)': (df) => df.window({ value: '5s', closed: 'left' }),
  'in [5 s]': (df) => df.window({ value: '5s', closed: 'both' }),
  'in (5 s)': (df) => df.window({ value: '5s', closed: 'neither' }),
  'in 500 of a 64-bit key': (df) => df.window({ value: 500n, on: 'u' }),
};

type Grouping = (df: StreamingDataFrame) => unknown;

const groupings: Readonly<Record<string, Grouping>> = {
  'by a name': (df) => df.groupby('name'),
  'by two keys, nulls kept': (df) => df.groupby(['kind', 'k'], { dropna: false }),
  'by an expression': (df) => df.groupby((row) => row.i!.mod(3)),
};

const keyedWindows: Readonly<Record<string, (grouped: StreamingDataFrame) => unknown>> = {
  'in the last 20 rows of each': (grouped) => grouped.window(20),
  'in (5 s] of each': (grouped) => grouped.window('5s'),
};

const grouped = (by: Grouping, of: unknown): StreamingDataFrame =>
  by(of as StreamingDataFrame) as StreamingDataFrame;

function aggregationFamilies(): Family[] {
  const builds: Record<string, (df: StreamingDataFrame, rows: number) => unknown> = {};
  for (const [window, put] of Object.entries(windows)) {
    builds[window] = put;
    for (const [grouping, by] of Object.entries(groupings))
      builds[`${window}, ${grouping}`] = (df, rows) => grouped(by, put(df, rows));
  }
  builds['over all time, in order of appearance'] = (df) => df.groupby(['name', 'k'], { sort: false });
  for (const [window, put] of Object.entries(keyedWindows)) {
    for (const [grouping, by] of Object.entries(groupings))
      builds[`${window}, ${grouping}`] = (df) => put(grouped(by, df));
  }
  return Object.entries(builds).map(([where, scope]) => ({
    name: `every aggregation ${where}`,
    pipelines: columnSets.map((columns) => {
      const spec = everyAggregation(columns);
      return {
        name: `every aggregation of ${columns.join(', ')} ${where}`,
        columns: unique([...keys, ...columns]),
        build: (df, rows) => (scope(df, rows) as Aggregated).agg(spec as never),
      };
    }),
  }));
}

type AnyExpr = Expr<DataType>;
/** A method of an expression that is not known to be there. */
const call = (of: unknown, method: string, ...args: unknown[]): AnyExpr =>
  (of as Record<string, (...args: unknown[]) => AnyExpr>)[method]!(...args);

/** Columns of the functions of one family, over those of every pattern and of integers. */
type Functions = Readonly<Record<string, (column: string) => AnyExpr>>;

const lags: Functions = Object.fromEntries(
  [
    ...['cumsum', 'cumprod', 'cummin', 'cummax', 'diff', 'pctChange', 'shift', 'forwardFill'].map(
      (fn) => [fn, []] as const,
    ),
    ['shift', [7]] as const,
    ['diff', [30]] as const,
    ['forwardFill', [{ limit: 2 }]] as const,
  ].map(([fn, args]) => [
    `${fn} ${JSON.stringify(args)}`,
    (column: string) => call(col(column), fn, ...args),
  ]),
);

const decays = [
  { com: 3 },
  { span: 9, adjust: false },
  { alpha: 0.3, ignoreNa: true },
  { halflife: 5, minPeriods: 3 },
  { halflife: '2s' },
];

const exponential: Functions = Object.fromEntries(
  decays.flatMap((decay) =>
    (['mean', 'var', 'std'] as const)
      .filter((fn) => fn === 'mean' || typeof decay.halflife !== 'string')
      .map((fn) => [
        `ewm ${JSON.stringify(decay)} ${fn}`,
        (column: string) => call(call(col(column), 'ewm', decay), fn),
      ]),
  ),
);

const rollingWindows: Readonly<Record<string, unknown>> = {
  '20 rows': 20,
  '500 rows': 500,
  '(5 s]': '5s',
  '[5 s)': { value: '5s', closed: 'left' },
  '[5 s]': { value: '5s', closed: 'both' },
  '(5 s)': { value: '5s', closed: 'neither' },
  '500 of a 64-bit key': { value: 500n, on: 'u' },
};

const rolled = [
  'sum',
  'mean',
  'min',
  'max',
  'var',
  'std',
  'median',
  'count',
  'size',
  'first',
  'last',
  'nunique',
];

const rollingIn = (window: unknown): Functions =>
  Object.fromEntries([
    ...rolled.map((fn) => [fn, (column: string) => call(call(col(column), 'rolling', window), 'agg', fn)]),
    ['quantile', (column: string) => call(call(col(column), 'rolling', window), 'quantile', 0.3)],
    ['few', (column: string) => call(call(col(column), 'rolling', window, { minPeriods: 5 }), 'agg', 'mean')],
  ]);

const expanding: Functions = Object.fromEntries(
  rolled.map((fn) => [fn, (column: string) => call(call(col(column), 'expanding'), 'agg', fn)]),
);

const over: Readonly<Record<string, ((expr: AnyExpr) => AnyExpr) | undefined>> = {
  '': undefined,
  ', by a name': (expr) => expr.over(col('name')),
  ', by two keys': (expr) => expr.over(col('kind'), col('k').mod(2)),
};

/** Products of many rows would be infinite soon: of signs and powers of two near 1. */
const factor = (column: string): AnyExpr =>
  when(col(column).gt(0)).then(literal(2)).otherwise(literal(-0.5)) as unknown as AnyExpr;

const runningKeys = ['t', 'u', 'name', 'kind', 'k', 'i'];

function runningFamilies(): Family[] {
  const families: Record<string, Functions> = {
    lags,
    'exponential weights': exponential,
    'expanding aggregations': expanding,
    ...Object.fromEntries(
      Object.entries(rollingWindows).map(([name, window]) => [`rolling ${name}`, rollingIn(window)]),
    ),
  };
  return Object.entries(families).flatMap(([family, functions]) =>
    Object.entries(over).map(([by, group]) => ({
      name: `${family}${by}`,
      pipelines: [...patterns, 'i'].map((column) => ({
        name: `${family} of ${column}${by}`,
        columns: unique([...runningKeys, column]),
        build: (df) =>
          df.assign(
            Object.fromEntries(
              Object.entries(functions).map(([name, make]) => [
                name,
                group === undefined ? make(column) : group(make(column)),
              ]),
            ),
          ),
      })),
    })),
  );
}

const more: Readonly<Record<string, Build>> = {
  'running products': (df) =>
    df.assign(Object.fromEntries(patterns.map((name) => [`product ${name}`, call(factor(name), 'cumprod')]))),
  'the values of other types before': (df) =>
    df.assign({
      name: (row) => row.name!.shift(3),
      kind: (row) => row.kind!.forwardFill(),
      day: (row) => row.day!.shift().over(row.k!),
      tags: (row) => row.tags!.shift(),
      step: (row) => call(row.t!, 'diff'),
      n: (row) => call(row.n!, 'cumsum'),
      least: (row) => call(row.name!, 'cummin'),
    }),
  'numbers of rows': (df) => df.assign({ row: rowNumber(), own: rowNumber().over(col('name')) }),
  'rows that are no repeats': (df) => df.dedupe({ by: ['name', 'i'], within: 40 }),
  'rows that are no repeats for a time': (df) => df.dedupe({ by: ['name', 'k'], within: '3s' }),
  'the first rows': (df) => df.head(123),
  'lags of a frame by groups': (df) => df.groupby('name').cumsum() as never,
  'a running expression of a running expression': (df) =>
    df
      .assign({ c: (row) => call(call(row.full!, 'cumsum'), 'diff', 2) })
      .filter((row) => row.c!.gt(0))
      .assign({ r: (row) => row.c!.rolling(10).agg('max') }),
  'aggregations of running expressions': (df) =>
    df.agg({
      a: [(row) => call(row.full!, 'diff'), 'max'],
      b: [(row) => call(row.nulls!, 'forwardFill'), 'mean'],
    }),
  'a rolling aggregation of a frame by groups': (df) => df.groupby('name').rolling('5s').mean() as never,
};

const verbs: Readonly<Record<string, Build>> = {
  'filtered rows': (df) => df.filter((row) => row.full!.gt(0).and(row.name!.ne('Bob'))),
  'rows asked for as text': (df) => df.query("full > -5 and (name in ['Alice', '😀'] or k == 1)"),
  'a selection': (df) => df.select('t', 'name', 'tags').rename({ name: 'label' }),
  'columns left out': (df) => df.drop('tags', 'day'),
  'rounded columns': (df) => df.round(1),
  'columns as other types': (df) => df.astype({ i: float64, k: utf8, flag: int32, kind: utf8 }),
  'rows for each element': (df) => df.explode('tags'),
  'rows for each element of lists that are not empty': (df) => df.explode('tags', { empty: 'drop' }),
  'the greatest rows': (df) => df.nlargest(30, 'mixed'),
  'the least rows of an expression': (df) => df.nsmallest(30, (row) => row.full!.abs()),
  'the greatest rows in a window': (df) => df.window('20s').nlargest(10, 'mixed'),
  'the greatest rows in the last ones': (df) => df.window(100).nsmallest(10, 'nulls'),
  'the greatest rows of groups': (df) => df.groupby('name').nlargest(3, 'full') as never,
  'the greatest rows of groups in a window': (df) =>
    df.window(200).groupby('name', 'k').nlargest(2, 'nans') as never,
  'the last rows': (df) => df.tail(50),
  'the last rows in order': (df) => df.tail(70).sort(['k', 'full'], { descending: true }),
  'groups in order of results': (df) =>
    df
      .groupby('name')
      .agg({ total: ['full', 'sum'] })
      .sort('total', { nulls: 'first' }),
  'counts of values': (df) => df.i!.valueCounts(),
  'counts of names in a window': (df) => df.window(77).name!.valueCounts(),
  'counts of kinds in a time': (df) => df.window('5s').kind!.valueCounts(),
  'all rows in view': (df) => df.window('5s').full(),
  'the last rows as a table': (df) => df.window(33).full(),
  'a function of the rows in view': (df) => df.window(33).apply((table) => table.numRows),
  'the rows in view as a frame': (df) =>
    df
      .window('5s')
      .rows()
      .filter((row) => row.full!.gt(0)),
  'an expanding mean': (df) => df.expanding().mean(),
  'computed values': (df) => df.full!.sum().div(df.full!.count()).sub(df.w!.count()),
  'groups computed with groups': (df) => df.groupby('name').full!.sum().div(df.groupby('name').full!.count()),
  'a filter and a window': (df) =>
    df
      .filter((row) => row.k!.ne(1))
      .assign({ z: (row) => row.full!.mul(row.w!) })
      .window('3s')
      .groupby('name')
      .agg({ z: 'sum', n: 'size' }),
};

const strings: Build = (df) =>
  df.assign({
    upper: (row) => row.name!.str.upper(),
    length: (row) => row.name!.str.length(),
    first: (row) => row.name!.str.slice(0, 1),
    starts: (row) => row.name!.str.startsWith('A'),
    contains: (row) => row.kind!.str.contains('o'),
    replaced: (row) => row.name!.str.replaceAll('b', '😀'),
    padded: (row) => row.kind!.str.padStart(6, '*'),
    split: (row) => row.name!.str.split(' ', 1),
    joined: (row) => row.name!.str.concat(row.kind!),
    matches: (row) => row.name!.str.matches('^[A-B]'),
    extracted: (row) => row.name!.str.extract('(.)e'),
    lower: (row) => row.kind!.str.lower(),
  });

const dates: Build = (df) =>
  df.assign({
    year: (row) => row.t!.dt.year(),
    hour: (row) => row.t!.dt.hour({ zone: 'Australia/Lord_Howe' }),
    week: (row) => row.day!.dt.isoWeek(),
    weekday: (row) => row.day!.dt.dayOfWeek(),
    second: (row) => row.t!.dt.second(),
    floor: (row) => call(row.t!.dt, 'floor', '1m'),
    later: (row) => call(row.t!, 'add', '2h'),
    age: (row) => call(row.t!, 'sub', row.t!.dt.floor('1h')),
  });

const conditions: Build = (df) =>
  df.assign(
    Object.fromEntries(
      patterns.flatMap((name) => {
        const of: AnyExpr = col(name);
        return Object.entries({
          sign: when(of.gt(0)).then(1).when(of.lt(0)).then(-1).otherwise(0),
          filled: call(of, 'fillNull', 0),
          either: coalesce(of, col('w')),
          among: call(of, 'isIn', [0, 1, Infinity]),
          between: call(of, 'between', -50, 50),
          clipped: call(of, 'clip', { lower: -10, upper: 10 }),
          same: of.eqMissing(col('full')),
          least: minOf(of, col('w')),
          most: maxOf(of, col('w')),
          rest: call(of, 'mod', 7),
          whole: call(of, 'floordiv', 3),
          power: call(of, 'pow', 2),
          rounded: of.round(1),
          text: of.cast(utf8),
          missing: of.isNull().or(of.isNaN()),
          doubled: call(of, 'map', (value: unknown) => 2 * Number(value), float64),
        }).map(([fn, expr]) => [`${fn} ${name}`, expr]);
      }),
    ) as never,
  );

const others: Readonly<Record<string, Build>> = {
  ...more,
  ...verbs,
  'functions of strings': strings,
  'functions of times': dates,
  'conditions and arithmetic': conditions,
};

/** Every operator, in every window and grouping it has, over columns of every pattern of missing values. */
export const families: readonly Family[] = [
  ...aggregationFamilies(),
  ...runningFamilies(),
  ...Object.entries(others).map(([name, build]) => ({
    name,
    pipelines: [{ name, build, columns: rowSchema.fields.map((field) => field.name) }],
  })),
];
