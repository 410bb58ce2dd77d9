import { expect, test } from 'vitest';
import {
  col,
  float64,
  int32,
  int64,
  rowNumber,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

const S = schema({ t: timestamp('ms'), k: utf8, x: float64, n: int32, id: int64 });
const rows = [
  { t: 1, k: 'a', x: 1, n: 1, id: 1n },
  { t: 2, k: 'b', x: null, n: 2, id: 2n },
  { t: 3, k: 'a', x: 3, n: 4, id: 4n },
  { t: 4, k: null, x: 4, n: 8, id: 8n },
  { t: 5, k: 'b', x: 5, n: 16, id: 16n },
];

function frame() {
  return new StreamingDataFrame({ schema: S, time: 't' });
}

/** The rows that come out of what `make` makes of a frame. */
function out(make: (df: ReturnType<typeof frame>) => unknown): unknown[] {
  const df = frame();
  const seen: unknown[] = [];
  const made = make(df) as StreamingDataFrame;
  made.stream.sink((batch) => seen.push(...toRows(batch)));
  df.emit(rows.slice(0, 2));
  df.emit([]);
  df.emit(rows.slice(2));
  return seen;
}

test('forms of a whole frame keep the time key and leave out what does not go', () => {
  expect(out((df) => df.cumsum())).toEqual([
    { t: 1, x: 1, n: 1, id: 1n },
    { t: 2, x: null, n: 3, id: 3n },
    { t: 3, x: 4, n: 7, id: 7n },
    { t: 4, x: 8, n: 15, id: 15n },
    { t: 5, x: 13, n: 31, id: 31n },
  ]);
  expect(out((df) => df.select('t', 'k', 'x').shift())).toEqual([
    { t: 1, k: null, x: null },
    { t: 2, k: 'a', x: 1 },
    { t: 3, k: 'b', x: null },
    { t: 4, k: 'a', x: 3 },
    { t: 5, k: null, x: 4 },
  ]);
  expect(out((df) => df.select('x', 'n').diff(2))).toEqual([
    { x: null, n: null },
    { x: null, n: null },
    { x: 2, n: 3 },
    { x: null, n: 6 },
    { x: 2, n: 12 },
  ]);
});

test('forms of groups keep their keys, computed ones first', () => {
  expect(out((df) => df.groupby('k').select('n').cumsum())).toEqual([
    { t: 1, k: 'a', n: 1 },
    { t: 2, k: 'b', n: 2 },
    { t: 3, k: 'a', n: 5 },
    { t: 4, k: null, n: null },
    { t: 5, k: 'b', n: 18 },
  ]);
  expect(
    out((df) =>
      df
        .select('n')
        .groupby((r) => r.n.gt(3))
        .cummax(),
    ),
  ).toEqual([
    { key: false, n: 1 },
    { key: false, n: 2 },
    { key: true, n: 4 },
    { key: true, n: 8 },
    { key: true, n: 16 },
  ]);
  expect(out((df) => df.select('k', 'x').groupby('k', { dropna: false }).forwardFill())).toEqual([
    { k: 'a', x: 1 },
    { k: 'b', x: null },
    { k: 'a', x: 3 },
    { k: null, x: 4 },
    { k: 'b', x: 5 },
  ]);
});

test('a column of groups gives a series of the frame, as over does', () => {
  const assigned = out((df) =>
    df
      .assign({
        a: df.groupby('k').n.shift(),
        b: df.n.shift().over(df.k),
        c: df.groupby('k').rowNumber(),
        d: rowNumber().over(df.k),
        e: df.groupby(df.k).t.diff(),
        f: df.groupby('k').x.ewm({ com: 1 }).mean(),
      })
      .select('a', 'b', 'c', 'd', 'e', 'f'),
  );
  expect(assigned).toEqual([
    { a: null, b: null, c: 1, d: 1, e: null, f: 1 },
    { a: null, b: null, c: 1, d: 1, e: null, f: null },
    { a: 1, b: 1, c: 2, d: 2, e: 2, f: expect.closeTo(7 / 3, 12) },
    { a: null, b: null, c: null, d: null, e: null, f: null },
    { a: 2, b: 2, c: 2, d: 2, e: 3, f: 5 },
  ]);
});

test('exponential weights of a column, a frame and groups', () => {
  const wanted = [1, 1, 13 / 5, 3.4, 4.271_186_440_677_966];
  const column = out((df) => df.assign({ y: df.x.ewm({ com: 1 }).mean() }).select('y')) as { y: number }[];
  const whole = out((df) => df.select('x').ewm({ com: 1 }).mean()) as { x: number }[];
  for (const [i, value] of wanted.entries()) {
    if (i < 3) expect(column[i]!.y).toBeCloseTo(value, 12);
    expect(whole[i]!.x).toBe(column[i]!.y);
  }
  expect(out((df) => df.groupby('k').ewm({ halflife: '1ms' }).mean())).toMatchObject([
    { t: 1, k: 'a', x: 1 },
    { t: 2, k: 'b', x: null },
    { t: 3, k: 'a', x: 13 / 5 },
    { t: 4, k: null, x: null },
    { t: 5, k: 'b', x: 5 },
  ]);
});

test('a duration needs a time key', () => {
  const df = new StreamingDataFrame({ schema: S });
  expect(() => df.assign({ y: df.x.ewm({ halflife: '5m' }).mean() })).toThrow('a duration needs a time key');
  expect(() => df.dedupe({ by: 'k', within: '5m' })).toThrow('a duration needs a time key');
});

test('dedupe leaves out repeats, head all but the first rows', () => {
  expect(out((df) => df.dedupe({ by: 'k', within: 10 }).select('n'))).toEqual([{ n: 1 }, { n: 2 }, { n: 8 }]);
  expect(out((df) => df.dedupe({ by: ['k', (r) => r.n.gt(3)], within: '2ms' }).select('n'))).toHaveLength(5);
  expect(out((df) => df.head(3).select('n'))).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }]);
  expect(out((df) => df.head(0))).toEqual([]);
});

test('expressions read as they were written', () => {
  expect(col('x').shift(2).toString()).toBe('x.shift(2)');
  expect(col('x').ewm({ span: 5 }).std({ bias: true }).over(col('k')).toString()).toBe(
    'x.ewm({ span: 5, bias: true }).std().over(k)',
  );
  expect(rowNumber().over(col('k')).toString()).toBe('rowNumber().over(k)');
});

test('what cannot be asked for says why', () => {
  const df = frame();
  expect(() => df.x.shift(-1)).toThrow('shift(-1): the rows to come are not known yet');
  expect(() => df.x.diff(0)).toThrow('diff takes a whole number of rows from 1');
  expect(() => df.x.forwardFill({ limit: 0 })).toThrow('limit of forwardFill');
  expect(() => df.select('k').cumsum()).toThrow('cumsum is available on none of the columns: k (utf8)');
  expect(() => df.dedupe({ by: 'k', within: 0 })).toThrow('within of dedupe must be');
  expect(() => df.dedupe({ by: [], within: 1 })).toThrow('dedupe needs keys');
  expect(() => df.head(-1)).toThrow('head takes');
  expect(() => df.window(3).groupby('k').x.shift()).toThrow('running expressions are made of the frame');
});
