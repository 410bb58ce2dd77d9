import { Bool, Dictionary, Float64, Int32, Int64, TimestampMillisecond, Utf8 } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { columnOf } from '../../src/columnar/arrow.ts';
import { ColumnRows } from '../../src/columnar/column-rows.ts';
import { column } from '../support/columns.ts';

const rows = (...values: (number | null)[]) => new ColumnRows<Float64>(column(new Float64(), values));

describe('rows of a column', () => {
  test('are read one by one, null for null and outside', () => {
    const some = rows(1, null, Number.NaN);
    expect([some.get(0), some.get(1), some.get(2), some.get(3), some.get(-1)]).toEqual([
      1,
      null,
      Number.NaN,
      null,
      null,
    ]);
    expect([...some]).toEqual(some.toArray());
    expect(some.length).toBe(3);
  });

  test('skip null and NaN in reductions', () => {
    const some = rows(4, null, Number.NaN, 1);
    expect([some.sum(), some.count(), some.mean(), some.min(), some.max()]).toEqual([5, 2, 2.5, 1, 4]);
  });

  test('give 0, or null, where nothing is left', () => {
    const none = rows(null);
    expect([none.sum(), none.count(), none.mean(), none.min(), none.max()]).toEqual([0, 0, null, null, null]);
  });

  test('are summed with compensation, infinities as they are', () => {
    expect(rows(1e16, 1, 1, -1e16).sum()).toBe(2);
    expect([rows(Infinity, 1).sum(), rows(Infinity, -Infinity).sum()]).toEqual([Infinity, Number.NaN]);
  });

  test('of 64 bits are exact bigints', () => {
    const some = new ColumnRows<Int64>(column(new Int64(), [2n ** 62n, -1n, null, 2n ** 62n]));
    expect([some.sum(), some.min(), some.max(), some.get(1)]).toEqual([2n ** 63n - 1n, -1n, 2n ** 62n, -1n]);
    expect(some.mean()).toBe(2 ** 63 / 3);
  });

  test('of times are milliseconds, of strings strings, of booleans booleans', () => {
    expect(new ColumnRows(column(new TimestampMillisecond(), [1500])).max()).toBe(1500);
    expect(
      new ColumnRows(column(new Dictionary(new Utf8(), new Int32()), ['a', null, 'a'])).toArray(),
    ).toEqual(['a', null, 'a']);
    const flags = new ColumnRows(column(new Bool(), [true, false, null]));
    expect([flags.toArray(), flags.sum()]).toEqual([[true, false, null], 1]);
  });

  test('of strings can be counted, but not added', () => {
    const names = new ColumnRows(column(new Utf8(), ['a', null]));
    expect(names.count()).toBe(1);
    expect(() => names.sum()).toThrow('no sum of a column of type Utf8');
  });

  test('of a slice start where it starts', () => {
    const data = column(new Float64(), [1, null, 3, null, 5]).data!;
    expect(new ColumnRows(columnOf(data.slice(2, 3))).toArray()).toEqual([3, null, 5]);
  });
});
