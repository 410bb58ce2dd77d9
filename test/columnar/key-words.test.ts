import { makeData, Timestamp, TimeUnit } from 'apache-arrow';
import { expect, test } from 'vitest';
import { columnOf } from '../../src/columnar/arrow.ts';
import type { Column } from '../../src/columnar/column.ts';
import { KeyReader } from '../../src/columnar/key-words.ts';

const times = (length: number): Column =>
  columnOf(
    makeData({
      type: new Timestamp(TimeUnit.MILLISECOND),
      length,
      data: BigInt64Array.from({ length }, (_, i) => BigInt(i) * 2n ** 33n),
    }),
  );

test('a reader of keys gives back the memory of one long batch when only short ones follow', () => {
  const reader = new KeyReader();
  expect(reader.read(times(10_000)).high[9999]).toBe(2 * 9999);
  let room = 0;
  for (let i = 0; i < 600; i++) room = reader.read(times(100)).high.length;
  expect(room).toBe(100);
});

test('a reader of keys keeps its arrays while batches are about as long', () => {
  const reader = new KeyReader();
  const arrays = new Set<Float64Array>();
  for (let i = 0; i < 600; i++) arrays.add(reader.read(times(100 + (i % 60))).high);
  expect(arrays.size).toBeLessThan(4);
});
