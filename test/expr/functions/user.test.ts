import { Dictionary, Float64, Int32, Int64, TimestampMillisecond, Utf8 } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { keyOfTree } from '../../../src/expr/tree.ts';
import {
  col,
  dictionary,
  float64,
  int32,
  int64,
  mapValues,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../../src/index.ts';
import { forms, raw, run, vector } from '../run.ts';

const x = col('x');
const y = col('y');

describe('map', () => {
  test('calls the function for each row that is not null', () => {
    const seen: unknown[] = [];
    const twice = (value: unknown) => {
      seen.push(value);
      return (value as number) * 2;
    };
    for (const xs of forms(new Float64(), [1, null, Number.NaN], 7)) {
      seen.length = 0;
      expect(run(x.map(twice, float64), { x: xs })).toEqual([2, null, Number.NaN]);
      expect(seen).toEqual([1, Number.NaN]);
    }
    expect(run(x.map(twice, float64), { x: vector(new Float64(), []) })).toEqual([]);
  });

  test('gives values of the declared type', () => {
    const ids = { x: vector(new Int64(), [2n ** 60n, null]) };
    expect(
      run(
        x.map((id) => (id as bigint) + 1n, int64),
        ids,
      ),
    ).toEqual([2n ** 60n + 1n, null]);
    expect(
      run(
        x.map((id) => String(id), utf8),
        ids,
      ),
    ).toEqual([String(2n ** 60n), null]);
    expect(
      run(
        x.map(() => null, utf8),
        ids,
      ),
    ).toEqual([null, null]);
    const times = { x: raw(new TimestampMillisecond(), [5n, null]) };
    expect(
      run(
        x.map((t) => new Date((t as number) + 1), timestamp('ms')),
        times,
      ),
    ).toEqual([6, null]);
    const texts = { x: vector(new Dictionary(new Utf8(), new Int32()), ['a', 'b', 'a']) };
    expect(
      run(
        x.map((s) => `${s}!`, dictionary()),
        texts,
      ),
    ).toEqual(['a!', 'b!', 'a!']);
  });

  test('an error names the function and the row, or the row is null', () => {
    const numbers = { x: vector(new Float64(), [1, 2.5, 3]) };
    const picky = (value: unknown): number => {
      if (value === 3) throw new Error('not three');
      return value as number;
    };
    expect(() => run(x.map(picky, float64), numbers)).toThrow('x.map(picky) in row 2: not three');
    expect(() =>
      run(
        x.map((v) => v as number, int32, { name: 'whole' }),
        numbers,
      ),
    ).toThrow('x.map(whole) in row 1: expected int32, got 2.5');
    expect(run(x.map(picky, int32, { onError: 'null' }), numbers)).toEqual([1, null, null]);
    expect(() => run(x.map((async () => 1) as never, float64), numbers)).toThrow('gave a promise');
    expect(() => x.map(5 as never, float64)).toThrow('map takes a function, got 5');
  });

  test('two functions of one text are not the same expression', () => {
    const adding = (n: number) => (value: unknown) => (value as number) + n;
    const [one, two] = [adding(1), adding(2)];
    expect(keyOfTree(x.map(one, float64).tree)).not.toBe(keyOfTree(x.map(two, float64).tree));
    expect(keyOfTree(x.map(one, float64).tree)).toBe(keyOfTree(x.map(one, float64).tree));
  });
});

test('mapValues calls the function for each row in which nothing is null', () => {
  const vectors = { x: vector(new Float64(), [1, null, 3]), y: vector(new Utf8(), ['a', 'b', null]) };
  const join = (a: unknown, b: unknown) => `${b}${a}`;
  expect(run(mapValues([x, y], join, utf8), vectors)).toEqual(['a1', null, null]);
  expect(mapValues([x, y], join, utf8).toString()).toBe('mapValues([x, y], join)');
  expect(() => mapValues([] as never, join as never, utf8)).toThrow('mapValues takes a list');
});

test('a frame runs them in filters, assignments and aggregations', () => {
  const df = new StreamingDataFrame({ schema: schema({ name: utf8, x: float64 }) });
  const rows: unknown[] = [];
  const half = (value: number) => value / 2;
  const out = df
    .filter((r) => r.name.str.startsWith('A'))
    .assign({ half: (r) => r.x.map(half, float64), up: df.name.str.upper() });
  out.sink((batch) => rows.push(...toRows(batch)));
  const total = df.agg({
    a: [(r) => r.x.map((v) => v + 1, float64), 'sum'],
    b: [(r) => r.x.fillNull(10), 'sum'],
  });
  total.sink(() => {});
  df.emit([
    { name: 'Alice', x: 4 },
    { name: 'Bob', x: 1 },
    { name: 'Ann', x: null },
  ]);
  expect(rows).toEqual([
    { name: 'Alice', x: 4, half: 2, up: 'ALICE' },
    { name: 'Ann', x: null, half: null, up: 'ANN' },
  ]);
  expect(total.current).toEqual({ a: 7, b: 15 });
});
