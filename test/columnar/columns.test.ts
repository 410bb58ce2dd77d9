import { tableFromArrays } from 'apache-arrow';
import { expect, test } from 'vitest';
import { toColumns } from '../../src/columnar/columns.ts';

test('the columns of a batch by name, those of a slice from its first row', () => {
  const batch = tableFromArrays({ x: Float64Array.of(1, Number.NaN, 3), n: Int32Array.of(4, 5, 6) })
    .batches[0]!;
  const { x, n } = toColumns(batch);
  expect([x.sum(), x.count(), n.max(), [...n]]).toEqual([4, 2, 6, [4, 5, 6]]);
  expect([...toColumns(batch.slice(1)).n]).toEqual([5, 6]);
  expect(Object.keys(toColumns(batch))).toEqual(['x', 'n']);
});
