import { describe, expect, test } from 'vitest';
import {
  bool,
  float64,
  int32,
  int64,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

const S = schema({ t: timestamp('ms'), name: utf8, x: float64, y: float64, n: int32, id: int64, ok: bool });
const row = (t: number, name: string | null, x: number | null, y = 1, n = t, id = BigInt(t), ok = t > 1) => ({
  t,
  name,
  x,
  y,
  n,
  id,
  ok,
});
const frame = () => new StreamingDataFrame({ schema: S, time: 't' });

describe('aggregations of a column', () => {
  test('are there as methods, with the types of their results', () => {
    const df = frame();
    const results = {
      median: df.x.median(),
      quantile: df.x.quantile(0.25),
      lower: df.x.quantile(0.25, { interpolation: 'lower' }),
      q: df.x.quantile({ q: 1 }),
      first: df.name.first(),
      last: df.name.last(),
      min: df.name.min(),
      max: df.name.max(),
      mode: df.name.mode(),
      nunique: df.name.nunique(),
      any: df.ok.any(),
      all: df.ok.all(),
      mean: df.t.mean(),
      ohlc: df.id.ohlc(),
      bins: df.x.histogram({ edges: [0, 2, 4] }),
      top: df.name.topK(1),
      distinct: df.name.approxDistinct(),
      about: df.x.approxQuantile(0.5),
    };
    df.emit([row(1, 'b', 4), row(2, 'a', 1), row(3, null, null), row(4, 'b', 2)]);
    const now = Object.fromEntries(Object.entries(results).map(([name, { current }]) => [name, current]));
    expect(now.distinct).toMatchObject({ estimate: expect.closeTo(2, 1), error: expect.closeTo(0.03, 2) });
    expect({ ...now, distinct: undefined }).toEqual({
      median: 2,
      quantile: 1.5,
      lower: 1,
      q: 4,
      first: 'b',
      last: 'b',
      min: 'a',
      max: 'b',
      mode: 'b',
      nunique: 2,
      any: true,
      all: false,
      mean: 3,
      ohlc: { open: 1n, high: 4n, low: 1n, close: 4n },
      bins: [1, 2],
      top: [{ value: 'b', count: 2, error: 0 }],
      distinct: undefined,
      about: { estimate: 2, error: 0 },
    });
  });

  test('of two columns take the other as a name, a series, or a callback', () => {
    const df = frame();
    const results = [
      df.x.corr('y'),
      df.x.corr(df.y),
      df.x.corr((r) => r.y!),
      df.agg({ r: [['x', 'y'], 'corr'] }),
    ];
    const fit = df.x.linearFit(df.y);
    const cov = df.x.cov(df.y, { ddof: 0 });
    const price = df.x.weightedMean(df.y);
    const best = df.name.argmax(df.x);
    const worst = df.window(2).name.argmin('x');
    const rate = df.n.rate();
    df.emit([row(1000, 'a', 2, 1, 10), row(2000, 'b', 4, 2, 20), row(3000, 'c', 6, 3, 40)]);
    expect(results.map(({ current }) => current)).toEqual([1, 1, 1, { r: 1 }]);
    expect(fit.current).toEqual({ slope: 2, intercept: 0, r2: 1, n: 3 });
    expect(cov.current).toBeCloseTo(4 / 3, 12);
    expect(price.current).toBe(28 / 6);
    expect([best.current, worst.current, rate.current]).toEqual(['c', 'b', 15]);
  });

  test('a counter that was reset goes up from nothing', () => {
    const df = frame();
    const rate = df.n.rate();
    df.emit([row(0, 'a', 0, 0, 100), row(2000, 'a', 0, 0, 30)]);
    expect(rate.current).toBe(15);
  });

  test('by groups and windows give structs and lists as plain objects and arrays', () => {
    const df = frame();
    const groups = df
      .window(3)
      .groupby('name')
      .agg({ bars: ['x', 'ohlc'], top: ['n', 'topK', { k: 1 }] });
    df.emit([row(1, 'a', 9), row(2, 'a', 1), row(3, 'b', 2), row(4, 'a', 3)]);
    expect(toRows(groups.current!)).toEqual([
      {
        name: 'a',
        bars: { open: 1, high: 3, low: 1, close: 3 },
        top: [{ value: 2, count: 1, error: 0 }],
      },
      {
        name: 'b',
        bars: { open: 2, high: 2, low: 2, close: 2 },
        top: [{ value: 3, count: 1, error: 0 }],
      },
    ]);
  });

  test('whole frames have those that make sense for every column', () => {
    const df = frame();
    const firsts = df.select('name', 'x').first();
    df.emit([row(1, 'a', 9), row(2, 'b', 1)]);
    expect(firsts.current).toEqual({ name: 'a', x: 9 });
    for (const name of ['corr', 'rate', 'topK', 'ohlc', 'histogram', 'argmax'])
      expect(name in df).toBe(false);
  });

  test('say what they do not take', () => {
    const df = frame();
    expect(() => df.x.corr(undefined as never)).toThrow(/corr takes another column, as in df.x.corr\(df.y\)/);
    expect(() => df.x.corr(df.name)).toThrow(/corr is not available on utf8 column "name"/);
    expect(() => df.agg({ r: ['x', 'corr'] })).toThrow(/agg "r": corr takes 2 columns/);
    expect(() => df.x.quantile(2)).toThrow(/"q" must be a number from 0 to 1, not 2/);
    expect(() => df.x.quantile({ interpolation: 'linaer' as never })).toThrow(/did you mean "linear"/);
    expect(() => df.x.histogram()).toThrow(/needs edges, or bins and range/);
    expect(() => df.x.histogram({ edges: [1, 1] })).toThrow(/ascending/);
    expect(() => df.x.sum({ skipna: 1 as never })).toThrow(/"skipna" must be true or false/);
    expect(() => df.x.count({ skipna: false } as never)).toThrow(/count has no option "skipna"/);
    expect(() => df.x.sum({ where: df.y })).toThrow(/where\(y\): expected a bool column/);
    expect(() => new StreamingDataFrame({ schema: S }).n.rate()).toThrow(/rate needs a time/);
  });
});

describe('where', () => {
  test('rows where the condition is not true count as missing, for size as absent', () => {
    const df = frame();
    const big = df.x.where(df.x.gt(2));
    const results = [big.sum(), big.count(), big.size(), big.first(), big.window(2).size()];
    const agg = df.agg({
      sum: ['x', 'sum', { where: (r) => r.x.gt(2) }],
      size: ['x', 'size', { where: df.x.gt(2) }],
    });
    const groups = df.groupby('name').x.where(df.x.gt(2)).size();
    df.emit([row(1, 'a', 1), row(2, 'a', 3), row(3, 'b', null), row(4, 'a', 5)]);
    expect(results.map(({ current }) => current)).toEqual([8, 2, 2, 3, 1]);
    expect(agg.current).toEqual({ sum: 8, size: 2 });
    expect(toRows(groups.current!)).toEqual([
      { name: 'a', x: 2 },
      { name: 'b', x: 0 },
    ]);
  });

  test('two conditions must both be true', () => {
    const df = frame();
    const sum = df.x.where(df.x.gt(1)).sum({ where: df.y.lt(5) });
    df.emit([row(1, 'a', 1, 1), row(2, 'a', 2, 9), row(3, 'a', 4, 1)]);
    expect(sum.current).toBe(4);
  });
});

describe('valueCounts', () => {
  test('is in order of the values, without null and NaN', () => {
    const df = frame();
    const [names, numbers] = [df.name.valueCounts(), df.x.valueCounts()];
    df.emit([row(1, 'b', 1), row(2, 'a', Number.NaN), row(3, 'b', 1), row(4, null, null)]);
    expect(toRows(names.current!)).toEqual([
      { value: 'a', count: 1 },
      { value: 'b', count: 2 },
    ]);
    expect(toRows(numbers.current!)).toEqual([{ value: 1, count: 2 }]);
  });

  test('values leave a window with their last row', () => {
    const df = frame();
    const counts = df.name.window(2).valueCounts({ sort: 'count' });
    df.emit([row(1, 'a', 1), row(2, 'b', 1)]);
    df.emit([row(3, 'b', 1)]);
    expect(toRows(counts.current!)).toEqual([{ value: 'b', count: 2 }]);
  });

  test('the most frequent come first where asked for', () => {
    const df = frame();
    const counts = df.name.valueCounts({ sort: 'count', dropna: false });
    df.emit([row(1, 'a', 1), row(2, 'c', 1), row(3, 'c', 1), row(4, null, 1)]);
    expect(toRows(counts.current!)).toEqual([
      { value: 'c', count: 2 },
      { value: 'a', count: 1 },
      { value: null, count: 1 },
    ]);
  });
});

describe('missing values, as pandas has them', () => {
  const patterns = {
    'no rows': [],
    'no missing': [1, 3, 2],
    'a null': [1, null, 2],
    'a NaN': [1, Number.NaN, 2],
    both: [null, 3, Number.NaN, 1],
    'all missing': [null, Number.NaN],
  } as const;
  type Pattern = keyof typeof patterns;
  const nan = Number.NaN;
  /** In the order of the patterns. */
  const skipped: Readonly<Record<string, readonly unknown[]>> = {
    sum: [0, 6, 3, 3, 4, 0],
    count: [0, 3, 2, 2, 2, 0],
    size: [0, 3, 3, 3, 4, 2],
    mean: [null, 2, 1.5, 1.5, 2, null],
    min: [null, 1, 1, 1, 1, null],
    max: [null, 3, 2, 2, 3, null],
    var: [null, 1, 0.5, 0.5, 2, null],
    std: [null, 1, Math.SQRT1_2, Math.SQRT1_2, Math.SQRT2, null],
    median: [null, 2, 1.5, 1.5, 2, null],
    quantile: [null, 2, 1.5, 1.5, 2, null],
    first: [null, 1, 1, 1, 3, null],
    last: [null, 2, 2, 2, 1, null],
    nunique: [0, 3, 2, 2, 2, 0],
    mode: [null, 1, 1, 1, 1, null],
    any: [false, true, true, true, true, false],
    all: [true, true, true, true, true, true],
  };
  const shown: Readonly<Record<string, readonly unknown[]>> = {
    sum: [0, 6, null, nan, null, null],
    mean: [null, 2, null, nan, null, null],
    min: [null, 1, null, nan, null, null],
    max: [null, 3, null, nan, null, null],
    var: [null, 1, null, nan, null, null],
    std: [null, 1, null, nan, null, null],
    median: [null, 2, null, nan, null, null],
    quantile: [null, 2, null, nan, null, null],
    any: [false, true, null, null, null, null],
    all: [true, true, null, null, null, null],
  };
  const ask = (name: string, pattern: Pattern, options: object, windowed: boolean): unknown => {
    const df = frame();
    const column = (windowed ? df.x.window(4) : df.x) as unknown as Record<
      string,
      (options: object) => { current: unknown }
    >;
    const result = column[name]!(options);
    if (windowed && pattern !== 'no rows') df.emit([row(1, 'a', 77), row(1, 'a', null), row(1, 'a', nan)]);
    const values = patterns[pattern];
    // In a window what came before has left, once there are four rows more.
    if (windowed && values.length < 4) return undefined;
    for (const x of values) df.emit([row(1, 'a', x)]);
    return result.current;
  };

  describe.each(Object.keys(patterns) as Pattern[])('%s', (pattern) => {
    const at = Object.keys(patterns).indexOf(pattern);
    test.each(Object.keys(skipped))('%s skips them', (name) => {
      expect(ask(name, pattern, {}, false)).toEqual(skipped[name]![at]);
      if (pattern === 'both') expect(ask(name, pattern, {}, true)).toEqual(skipped[name]![at]);
    });
    test.each(Object.keys(shown))('%s shows them where asked to', (name) => {
      expect(ask(name, pattern, { skipna: false }, false)).toEqual(shown[name]![at]);
      if (pattern === 'both') expect(ask(name, pattern, { skipna: false }, true)).toEqual(shown[name]![at]);
    });
  });

  test('too few values for minCount sum to null', () => {
    const df = frame();
    const sum = df.x.sum({ minCount: 2 });
    df.emit([row(1, 'a', 1), row(2, 'a', nan)]);
    expect(sum.current).toBe(null);
  });
});
