import { expect, test } from 'vitest';
import { float64, int32, int64, StreamingDataFrame, schema } from '../../src/index.ts';

test('2^53, 1 and 1 have an exact sum', () => {
  const df = new StreamingDataFrame({ schema: schema({ n: int64 }) });
  const total = df.n.sum();
  df.emit({ n: [2n ** 53n, 1n, 1n] } as never);
  expect(total.current).toBe(2n ** 53n + 2n);
});

test('a sum beyond 64 bits is refused, naming the column, and the batch leaves nothing behind', () => {
  const df = new StreamingDataFrame({ schema: schema({ n: int64 }) });
  const total = df.n.sum();
  df.emit({ n: [2n ** 63n - 1n] } as never);
  expect(() => df.emit({ n: [1n] } as never)).toThrow(/n/);
  expect(total.current).toBe(2n ** 63n - 1n);
  df.emit({ n: [-1n] } as never);
  expect(total.current).toBe(2n ** 63n - 2n);
});

test('-7 mod 10 is 3, of integers and of floats', () => {
  const df = new StreamingDataFrame({ schema: schema({ i: int32, n: int64, x: float64 }) });
  const rests = df.agg({
    i: [(row) => row.i.mod(10), 'last'],
    n: [(row) => row.n.mod(10n), 'last'],
    x: [(row) => row.x.mod(10), 'last'],
  });
  df.emit([{ i: -7, n: -7n, x: -7 }]);
  expect(rests.current).toEqual({ i: 3, n: 3n, x: 3 });
});
