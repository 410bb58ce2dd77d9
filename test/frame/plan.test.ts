import { describe, expect, test } from 'vitest';
import {
  Aggregation,
  type Column,
  coalesce,
  concatFrames,
  float64,
  frameOf,
  fromPlan,
  int32,
  int64,
  mapValues,
  type Plan,
  rowNumber,
  StreamingDataFrame,
  type StreamKind,
  schema,
  timestamp,
  toRows,
  utf8,
  when,
} from '../../src/index.ts';

const S = schema({ t: timestamp('ms'), k: utf8, x: float64, n: int32, id: int64 });
const frame = () => new StreamingDataFrame({ schema: S, time: 't' });
type Frame = ReturnType<typeof frame>;

const strange = [null, Number.NaN, Infinity, 1e16, -0];
const rows = Array.from({ length: 60 }, (_, i) => ({
  t: 100 * i - (i % 7 === 0 ? 250 : 0),
  k: ['a', 'b', null, 'c'][(i * i) % 4]!,
  x: i % 11 === 3 ? strange[i % 5]! : Math.sin(i) * 100,
  n: i % 13,
  id: BigInt(i) * 9_007_199_254_740_993n,
}));
const batches = [rows.slice(0, 1), [], rows.slice(1, 40), rows.slice(40)];

class Squares extends Aggregation<Column, { total: number }, number> {
  initial(): { total: number } {
    return { total: 0 };
  }
  onNew(state: { total: number }, values: Column): readonly [{ total: number }, number] {
    let { total } = state;
    for (const value of values.toArray()) total += Number(value ?? 0) ** 2;
    return [{ total }, total];
  }
}

function double(x: number): number {
  return 2 * x;
}
function larger(a: number | null, b: number | null): number {
  return Math.max(a ?? 0, b ?? 0);
}
function countRows(table: { readonly numRows: number }): number {
  return table.numRows;
}
function firstTwo(batch: { slice(from: number, to: number): never }): never {
  return batch.slice(0, 2);
}

interface Followable {
  readonly kind: StreamKind;
  readonly stream: { sink(fn: (value: unknown) => void): unknown };
  toPlan(): Plan;
  explain(): string;
}

const given = { double, larger, countRows, firstTwo, Squares: new Squares() };

const pipelines: Readonly<Record<string, (df: Frame) => unknown>> = {
  'a source': (df) => df,
  'filters and columns': (df) =>
    df
      .filter((r) => r.x.gt(0).and(r.n.isIn([1, 2, 3, 4])))
      .assign({ z: (r) => r.x.add(r.n).round(1), w: when(df.x.gt(50)).then('much').otherwise('little') })
      .drop('n')
      .rename({ z: 'zed' }),
  'literals of every sort': (df) =>
    df.assign({ a: 5n, b: true, c: -0, d: new Date(7), e: (r) => coalesce(r.x, Number.POSITIVE_INFINITY) }),
  'a query': (df) => df.query('x > @low and id != 3', { low: 2 }),
  'strings and times': (df) => df.assign({ u: df.k.str.upper(), y: df.t.dt.floor('1s') }).select('u', 'y'),
  'functions by name': (df) =>
    df.assign({ d: df.x.map(double, float64), m: mapValues([df.x, df.n], larger as never, float64) }),
  'running expressions': (df) =>
    df.assign({
      c: df.x.cumsum(),
      s: df.n.shift(2).over(df.k),
      r: df.x.rolling('1s').mean(),
      i: rowNumber(),
    }),
  'a column': (df) => df.x.mul(2).ewm({ halflife: 3 }).mean(),
  'all time': (df) => df.x.sum(),
  'a record': (df) =>
    df.agg({ low: ['x', 'min'], p: ['x', 'quantile', { q: 0.9 }], r: [['x', 'n'], 'corr'] }),
  'every column': (df) => df.select('x', 'n').mean(),
  cells: (df) => df.window(10).size(),
  'a window': (df) => df.window({ value: '1s', closed: 'both' }).x.std({ ddof: 0 }),
  'groups of a window': (df) =>
    df
      .window('2s')
      .groupby('k', df.n.mod(2))
      .agg({ s: ['x', 'sum'], c: 'size' }),
  'a window of each group': (df) => df.groupby('k').window(3).x.sum(),
  'groups with limits': (df) => df.groupby('k', { dropna: false, maxGroups: 2 }).x.max(),
  'groups of groups': (df) => df.groupby('k', 'n').x.sum().groupby('k').x.max(),
  'an own aggregation': (df) => df.window(7).x.aggregate(given.Squares),
  'an own aggregation by groups': (df) => df.groupby('k').x.aggregate(given.Squares),
  'where and skipna': (df) =>
    df.agg({ a: ['x', 'sum', { where: df.n.gt(3) }], b: ['x', 'mean', { skipna: false }] }),
  counts: (df) => df.window(20).k.valueCounts({ sort: 'count' }),
  'best rows': (df) => df.window(20).groupby('k').nlargest(2, 'x'),
  'the last rows in order': (df) => df.tail(7).sort(['k', 't'], { descending: true }),
  'what is in view': (df) => df.window(5).apply(countRows as never),
  'rows in view': (df) => df.window(5).rows().nsmallest(2, 'n'),
  'a function of batches': (df) => df.mapPartitions(firstTwo as never, { schema: S }),
  'rows of two': (df) => concatFrames(df.filter(df.n.gt(8)) as Frame, df.filter(df.n.lt(3)) as Frame),
  'columns of two': (df) => frameOf({ a: df.x, b: df.mapPartitions(sameBatch as never, { schema: S }).n }),
  'a running value in an expression': (df) => df.assign({ d: df.x.sub(df.x.mean()) }).select('d'),
  'running values computed': (df) =>
    df.n
      .sum()
      .div(df.n.count())
      .mul(2)
      .round(3)
      .map(double as never),
  'results by groups computed': (df) => df.groupby('k').n.sum().div(df.groupby('k').n.count()),
  'another time key': (df) => df.assign({ u: df.t }).setIndex('u').window('1s').x.count(),
};

function sameBatch<B>(batch: B): B {
  return batch;
}

/** All that came out, and what is there in the end. */
function outcome(of: Followable, emit: (batch: object[]) => void): unknown {
  const seen: unknown[] = [];
  of.stream.sink((value) => seen.push(plain(value)));
  for (const batch of batches) emit(batch);
  return seen;
}

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('numRows' in value) return toRows(value as never);
  return Symbol.iterator in value ? [...(value as Iterable<unknown>)] : value;
}

describe('a plan that went through JSON gives the same results', () => {
  test.each(Object.entries(pipelines))('%s', (_, pipeline) => {
    const df = frame();
    const made = pipeline(df) as Followable;
    const plan = JSON.parse(JSON.stringify(made.toPlan())) as Plan;
    const again = fromPlan<Followable>(plan, { given: { ...given, sameBatch } });
    const wanted = outcome(made, (batch) => void df.emit(batch));
    expect(outcome(again.result, (batch) => void again.sources[0]!.emit(batch))).toEqual(wanted);
    expect(again.result.toPlan()).toEqual(plan);
    expect(again.result.explain()).toBe(made.explain());
  });
});

test('a plan is made over sources that are given', () => {
  const plan = frame().x.sum().toPlan();
  const other = new StreamingDataFrame({ schema: schema({ x: int32 }) });
  const { result } = fromPlan<{ readonly current: number }>(plan, { sources: [other as never] });
  other.emit([{ x: 2 }, { x: 5 }]);
  expect(result.current).toBe(7);
  const wrong = new StreamingDataFrame({ schema: schema({ y: int32 }) });
  expect(() => fromPlan(plan, { sources: [wrong as never] })).toThrow('no column "x"');
  expect(() => fromPlan(plan, { sources: [] })).toThrow(
    'the plan begins with 1 source(s): source; 0 are given',
  );
});

test('what cannot be a plan says so', () => {
  const df = frame();
  expect(() => df.assign({ d: df.x.map((x: number) => x, float64) }).toPlan()).toThrow(
    'a function without a name',
  );
  const named = df.assign({ d: df.x.map(double, float64) }).toPlan();
  expect(() => fromPlan(named)).toThrow('the plan calls "double", which is code');
  expect(() => fromPlan({} as Plan)).toThrow('fromPlan takes what toPlan gave');
  expect(() => fromPlan({ ...named, millrace: 2 } as never)).toThrow('of version 2');
  const nodes = [
    { op: 'source', source: 0 },
    { op: 'call', of: 0, method: 'constructor', args: [] },
  ];
  expect(() => fromPlan({ ...named, nodes } as never)).toThrow('the method "constructor"');
  expect(() => fromPlan({ ...named, nodes: [{ op: 'soup' }] } as never)).toThrow('the operation "soup"');
});

describe('explain says what is done and what is kept', () => {
  test.each([
    ['all time', ['value   #0 › sum(x)', 'keeps a few numbers per result']],
    [
      'groups of a window',
      [
        "snapshot  #0 › window('2s') › groupby(k, n.mod(2)) › s: sum(x), c: size()",
        'keeps the rows of the last 2s, and the groups that have one in view',
      ],
    ],
    ['a window of each group', ['keeps the last 3 rows of each group; the groups stay, without limit']],
    ['groups with limits', ['keeps groups: at most 2']],
    ['groups of groups', ['keeps every group there has been, without limit (maxGroups and ttl set one)']],
    [
      'running expressions',
      [
        'append',
        'the last 2 row(s) of each group; the groups stay, without limit',
        'the rows of the last 1s',
      ],
    ],
    ['a record', ['every different value for quantile, without limit']],
    [
      'filters and columns',
      [
        '#0  append  source (t: timestamp(ms), k: utf8, x: float64, n: int32, id: int64), time key t',
        'keeps nothing',
      ],
    ],
  ] as const)('%s', (name, texts) => {
    const text = (pipelines[name]!(frame()) as Followable).explain();
    for (const part of texts) expect(text).toContain(part);
  });
});
