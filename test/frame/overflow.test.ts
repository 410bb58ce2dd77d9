import { expect, test } from 'vitest';
import { int64, StreamingDataFrame, schema } from '../../src/index.ts';

test('a sum that does not fit fails until it fits again, and is never the one before', () => {
  const df = new StreamingDataFrame({ schema: schema({ n: int64 }) });
  const sum = df.n.sum();
  const seen: unknown[] = [];
  sum.sink((value) => seen.push(value));
  df.emit([{ n: 2n ** 62n }]);
  expect(() => df.emit([{ n: 2n ** 62n }])).toThrow('does not fit Int64');
  expect(() => df.emit([])).toThrow('does not fit Int64');
  expect(() => sum.current).toThrow('does not fit Int64');
  df.emit([{ n: -1n }]);
  expect(sum.current).toBe(2n ** 63n - 1n);
  expect(seen).toEqual([2n ** 62n, 2n ** 63n - 1n]);
});
