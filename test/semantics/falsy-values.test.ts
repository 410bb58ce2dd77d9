import { expect, test } from 'vitest';
import { bool, float64, int64, StreamingDataFrame, schema, toRows, utf8 } from '../../src/index.ts';

const S = schema({ s: utf8, b: bool, n: int64, x: float64 });
const rows = [
  { s: '', b: false, n: 0n, x: 0 },
  { s: 'a', b: true, n: 1n, x: 1 },
  { s: '', b: false, n: 0n, x: 0 },
];

test.each([
  ['s', '', 'a'],
  ['b', false, true],
  ['n', 0n, 1n],
  ['x', 0, 1],
] as const)('a key of %s that is falsy is a key, and its groups have values', (key, falsy, other) => {
  const df = new StreamingDataFrame({ schema: S });
  const sizes = df.groupby(key).agg({ size: 'size', total: ['x', 'sum'] });
  df.emit(rows);
  expect(toRows(sizes.current!)).toEqual([
    { [key]: falsy, size: 2, total: 0 },
    { [key]: other, size: 1, total: 1 },
  ]);
});

test('falsy values are the first, the least and the most frequent', () => {
  const df = new StreamingDataFrame({ schema: S });
  const result = df.agg({
    first: ['s', 'first'],
    least: ['s', 'min'],
    mode: ['n', 'mode'],
    flag: ['b', 'min'],
    zero: ['x', 'min'],
    count: ['b', 'count'],
  });
  df.emit(rows);
  expect(result.current).toEqual({ first: '', least: '', mode: 0n, flag: false, zero: 0, count: 3 });
});

test('falsy values are equal to themselves in filters, fill what is null, and replace', () => {
  const df = new StreamingDataFrame({ schema: S });
  const seen: unknown[] = [];
  df.filter((row) => row.s.eq('').and(row.b.eq(false)).and(row.n.eq(0n)).and(row.x.eq(0)))
    .assign({ zero: 0, none: false, empty: '', filled: (row) => row.x.fillNull(0) })
    .select('s', 'zero', 'none', 'empty', 'filled')
    .stream.sink((batch) => seen.push(...toRows(batch)));
  df.emit(rows);
  const row = { s: '', zero: 0, none: false, empty: '', filled: 0 };
  expect(seen).toEqual([row, row]);
});
