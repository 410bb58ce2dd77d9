import { describe, expect, test } from 'vitest';
import {
  Aggregation,
  type Column,
  float64,
  int64,
  StreamingDataFrame,
  schema,
  toRows,
  utf8,
} from '../../src/index.ts';

const S = schema({ name: utf8, x: float64, id: int64 });
const rows = [
  { name: 'a', x: 1, id: 1n },
  { name: 'a', x: 2, id: 2n },
  { name: 'b', x: 3, id: 3n },
];

class Largest extends Aggregation<Column, number, number> {
  initial(): number {
    return 0;
  }
  onNew(state: number, values: Column): readonly [number, number] {
    const largest = Math.max(state, ...values.toArray().map((value) => (value as number) + 0.5));
    return [largest, largest];
  }
}

describe('counts in the frame of a group-by', () => {
  const counted = () => {
    const df = new StreamingDataFrame({ schema: S });
    return { df, groups: df.groupby('name').agg({ n: 'size', ids: ['id', 'sum'] }) };
  };

  test('are compared and computed with as plain numbers', () => {
    const { df, groups } = counted();
    const large = groups.filter(groups.n.gt(1));
    const equal = groups.filter(groups.n.eq(groups.n.add(0)));
    const more = groups.assign({
      half: groups.n.div(2),
      next: groups.n.add(1),
      same: groups.n.round(),
      less: groups.n.neg(),
    });
    df.emit(rows);
    expect(toRows(large.current!)).toEqual([{ name: 'a', n: 2, ids: 3n }]);
    expect(toRows(equal.current!)).toHaveLength(2);
    expect(toRows(more.current!)[0]).toEqual({
      name: 'a',
      n: 2,
      ids: 3n,
      half: 1,
      next: 3,
      same: 2,
      less: -2,
    });
    expect(() => groups.filter(groups.n.gt(1n as never))).toThrow('needs a number');
  });

  test('are aggregated to plain numbers, 64-bit sums to bigint', () => {
    const { df, groups } = counted();
    const results = [
      groups.n.sum(),
      groups.n.min(),
      groups.n.max(),
      groups.n.mean(),
      groups.ids.sum(),
      groups.ids.max(),
    ];
    const largest = groups.n.aggregate(new Largest());
    df.emit(rows);
    expect(results.map(({ current }) => current)).toEqual([3, 1, 2, 1.5, 6n, 3n]);
    expect(largest.current).toBe(2.5);
  });

  test('are keys that stay plain numbers', () => {
    const { df, groups } = counted();
    const byCount = groups.groupby('n').size();
    df.emit(rows);
    expect(toRows(byCount.current!)).toEqual([
      { n: 1, size: 1 },
      { n: 2, size: 1 },
    ]);
  });
});
