// @ts-nocheck: written as in JavaScript, without types of parameters.
import { describe, expect, test } from 'vitest';
import {
  Aggregation,
  float64,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

describe('D5-22 an aggregation of your own, in JavaScript', () => {
  // biome-ignore format: as people write it
  class Mean extends Aggregation {
    initial()                 { return { total: 0, count: 0 } }
    onNew(s, rows)            { const n = { total: s.total + rows.sum(), count: s.count + rows.count() }; return [n, n.count ? n.total / n.count : null] }
    onOld(s, rows)            { const n = { total: s.total - rows.sum(), count: s.count - rows.count() }; return [n, n.count ? n.total / n.count : null] }
    merge(a, b)               { return { total: a.total + b.total, count: a.count + b.count } }
  }

  test('works wherever a built-in one does', () => {
    const df = new StreamingDataFrame({
      schema: schema({ t: timestamp('ms'), name: utf8, amount: float64 }),
      time: 't',
    });
    const all = df.amount.aggregate(new Mean());
    const newest = df.amount.window({ n: 2 }).aggregate(new Mean());
    const recent = df.amount.window({ value: '60s' }).aggregate(new Mean());
    const byName = df.groupby('name').amount.aggregate(new Mean());
    const windowed = df.window({ n: 3 }).groupby('name').amount.aggregate(new Mean());
    const each = df.aggregate(new Mean());
    df.emit([
      { t: 0, name: 'Alice', amount: 1 },
      { t: 1000, name: 'Bob', amount: 2 },
      { t: 61_000, name: 'Alice', amount: 6 },
    ]);
    df.emit([{ t: 62_000, name: 'Bob', amount: null }]);
    expect(all.current).toBe(3);
    expect(newest.current).toBe(6);
    expect(recent.current).toBe(6);
    expect(toRows(byName.current)).toEqual([
      { name: 'Alice', amount: 3.5 },
      { name: 'Bob', amount: 2 },
    ]);
    expect(toRows(windowed.current)).toEqual([
      { name: 'Alice', amount: 6 },
      { name: 'Bob', amount: 2 },
    ]);
    expect(each.current).toEqual({ amount: 3 });
  });
});
