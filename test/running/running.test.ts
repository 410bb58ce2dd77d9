import { expect, test } from 'vitest';
import { float64, int32, StreamingDataFrame, schema, timestamp, toRows, utf8 } from '../../src/index.ts';

const S = schema({ k: utf8, x: float64, n: int32 });
const rows = [
  { k: 'a', x: 1, n: 1 },
  { k: 'b', x: Number.NaN, n: 2 },
  { k: null, x: 3, n: 3 },
  { k: 'a', x: null, n: null },
  { k: 'b', x: 5, n: 5 },
];

function emitted(
  df: StreamingDataFrame<never>,
  of: { stream: { sink(fn: (value: never) => void): unknown } },
): unknown[] {
  const seen: unknown[] = [];
  of.stream.sink((batch) => seen.push(...toRows(batch)));
  df.emit([]);
  df.emit(rows.slice(0, 2));
  df.emit(rows.slice(2));
  return seen;
}

test('a running expression goes on from batch to batch, wherever it stands', () => {
  const df = new StreamingDataFrame({ schema: S });
  const out = df
    .assign({ c: df.x.cumsum(), m: df.n.cumsum() })
    .filter((r) => r.c.gt(0))
    .select('c', 'm');
  expect(emitted(df as never, out as never)).toEqual([
    { c: 1, m: 1 },
    { c: 4, m: 6 },
    { c: 9, m: 11 },
  ]);
});

test('each group runs by itself, and rows without a key have no result', () => {
  const df = new StreamingDataFrame({ schema: S });
  const out = df.assign({ c: df.x.cumsum().over(df.k) }).select('c');
  expect(emitted(df as never, out as never)).toEqual([
    { c: 1 },
    { c: Number.NaN },
    { c: null },
    { c: null },
    { c: 5 },
  ]);
});

test('runs from when it is made, whether somebody looks or not, and is one for all who look', () => {
  const df = new StreamingDataFrame({ schema: S });
  const out = df.assign({ c: df.n.cumsum() });
  df.emit([{ k: 'a', x: 1, n: 10 }]);
  const first: unknown[] = [];
  const second: unknown[] = [];
  out.sink((batch) => first.push(...toRows(batch)));
  df.emit([{ k: 'a', x: 1, n: 1 }]);
  out
    .filter(out.c.gt(0))
    .select('c')
    .sink((batch) => second.push(...toRows(batch)));
  df.emit([{ k: 'a', x: 1, n: 1 }]);
  expect(first).toMatchObject([{ c: 11 }, { c: 12 }]);
  expect(second).toEqual([{ c: 12 }]);
  expect(toRows(out.current!)).toMatchObject([{ n: 1, c: 12 }]);
});

test('feeds aggregations, group keys and other running expressions', () => {
  const df = new StreamingDataFrame({ schema: S });
  const greatest = df.n.cumsum().max();
  const twice = df.n.cumsum().cumsum();
  const groups = df.groupby((r) => r.n.cumsum().mod(2)).size();
  const seen: unknown[] = [];
  twice.sink((vector) => seen.push(...vector));
  df.emit(rows);
  expect(greatest.current).toBe(11);
  expect(seen.map((value) => (value === null ? null : Number(value)))).toEqual([1, 4, 10, null, 21]);
  expect(toRows(groups.current!)).toEqual([
    { key: 0, size: 1 },
    { key: 1, size: 3 },
  ]);
});

test('the time key stays in reach of windows above a running expression', () => {
  const df = new StreamingDataFrame({ schema: schema({ t: timestamp('ms'), x: float64 }), time: 't' });
  const out = df.select('x').assign({ c: (r) => r.x.cumsum() });
  const total = (out as unknown as typeof df).window('2ms').agg({ s: ['c' as never, 'sum'] });
  expect(out.columns).toEqual(['x', 'c']);
  df.emit([1, 2, 3].map((t) => ({ t, x: t })));
  expect(total.current).toEqual({ s: 9 });
});

test('a function that throws in what one of several running expressions reads changes none of them', () => {
  const df = new StreamingDataFrame({ schema: S });
  const seen: unknown[] = [];
  const odd = (x: number): number => {
    if (x === 13) throw new Error('unlucky');
    return x % 2;
  };
  df.assign((r) => ({
    sum: r.x.cumsum(),
    odd: r.x.map(odd, float64).cumsum(),
    of: r.x.cumsum().over(r.x.map(odd, float64)),
    twice: r.x.cumsum().cumsum().over(r.x.cumsum().map(odd, float64)),
  })).sink((batch) => seen.push(...toRows(batch)));
  const row = (x: number) => ({ k: 'a', x, n: 0 });
  df.emit([row(1)]);
  expect(() => df.emit([row(3), row(13)])).toThrow('unlucky');
  expect(() => df.emit([row(12)])).toThrow('unlucky');
  df.emit([row(3)]);
  expect(seen).toEqual([
    { ...row(1), sum: 1, odd: 1, of: 1, twice: 1 },
    { ...row(3), sum: 4, odd: 2, of: 4, twice: 3 },
  ]);
});

test('snapshots and windows have no running expressions', () => {
  const df = new StreamingDataFrame({ schema: S });
  const groups = df.groupby('k').x.sum();
  expect(() => groups.assign({ c: groups.x.cumsum() })).toThrow('x.cumsum() needs a stream of new rows');
  expect(() => df.window(3).x.cumsum()).toThrow('running expressions are made of the frame');
  // @ts-expect-error strings have no sums
  expect(() => df.assign({ c: df.k.cumsum() })).toThrow(
    'k.cumsum(): cumsum is not available on utf8 columns',
  );
});
