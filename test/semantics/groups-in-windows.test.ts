import { expect, test } from 'vitest';
import { float64, int32, StreamingDataFrame, schema } from '../../src/index.ts';

test('of a million keys that pass through a window of 10,000 rows, only those in view are groups', () => {
  const df = new StreamingDataFrame({ schema: schema({ key: int32, x: float64 }) });
  const sums = df.window(10_000).groupby('key').x.sum();
  const length = 8_000;
  const x = new Float64Array(length).fill(1);
  let most = 0;
  for (let from = 0; from < 1_000_000; from += length) {
    df.emit({ key: Int32Array.from({ length }, (_, i) => (from + i) ^ 0x55), x });
    most = Math.max(most, sums.current!.numRows);
  }
  expect(most).toBe(10_000);
});
