import { describe, expect, test } from 'vitest';
import {
  Aggregation,
  type Column,
  dateDay,
  float64,
  StreamingDataFrame,
  schema,
  timestamp,
} from '../../src/index.ts';

const S = schema({ t: timestamp('ms'), u: timestamp('ms'), x: float64, y: float64 });
const frame = () => new StreamingDataFrame({ schema: S, time: 't' });

/** A sum that can only be taken away from. */
class Taken extends Aggregation<Column, number, number> {
  initial(): number {
    return 0;
  }
  onNew(state: number, rows: Column): readonly [number, number] {
    const sum = state + (rows.sum() as number);
    return [sum, sum];
  }
  override onOld(state: number, rows: Column): readonly [number, number] {
    const sum = state - (rows.sum() as number);
    return [sum, sum];
  }
}

describe('the time key', () => {
  const rows = [
    { t: 0, u: 0, x: 1 },
    { t: 20_000, u: 0, x: 2 },
  ];

  test('is the same column under another name, and another column under its name is not', () => {
    const df = frame();
    const swapped = df.rename({ t: 'u', u: 't' }).window('10s').x.sum();
    const renamed = df.rename({ t: 'when' }).window('10s').x.sum();
    const left = df.select('x').window('10s').x.sum();
    const named = df.rename({ t: 'u', u: 't' }).window({ value: '10s', on: 't' }).x.sum();
    df.emit(rows);
    expect([swapped, renamed, left, named].map(({ current }) => current)).toEqual([2, 2, 2, 3]);
  });

  test('may be assigned', () => {
    const df = frame();
    const assigned = df.assign({ t: df.u }).window('10s').x.sum();
    const anew = df
      .select('x')
      .assign({ t: (row) => row.x })
      .select('x', 't');
    df.emit(rows);
    expect(assigned.current).toBe(3);
    expect(() => anew.window('10s').x.sum()).toThrow('"t" is float64');
  });
});

describe('columns of windows in one expression', () => {
  test('of one window, or with a column that has none, are in that window', () => {
    const df = frame();
    const w = df.window(1);
    const sums = [
      w.x.add(w.y).sum(),
      w.x.add(df.window({ n: 1 }).y).sum(),
      df.x.add(w.y).sum(),
      w.x.add(df.y).sum(),
    ];
    df.emit([
      { x: 1, y: 10 },
      { x: 2, y: 20 },
    ]);
    expect(sums.map(({ current }) => current)).toEqual([22, 22, 22, 22]);
  });

  test('of different windows are refused', () => {
    const df = frame();
    expect(() => df.window(1).x.add(df.window(2).y)).toThrow('x and y are seen through different windows');
    expect(() => df.window('1s').x.add(df.window({ value: '1s', closed: 'both' }).y)).toThrow(
      'different windows',
    );
  });
});

test('a closed window of less than a unit of its key holds the rows of the newest one', () => {
  const df = new StreamingDataFrame({ schema: schema({ day: dateDay, x: float64 }), time: 'day' });
  const sum = df.window({ value: '1h', closed: 'both' }).x.sum();
  df.emit([
    { day: '2024-01-01', x: 1 },
    { day: '2024-01-02', x: 2 },
    { day: '2024-01-02', x: 4 },
  ]);
  expect(sum.current).toBe(6);
});

test('an infinity that leaves a window empty is not in the next result', () => {
  const df = frame();
  const sum = df.window({ value: '10s', closed: 'neither' }).x.aggregate(new Taken());
  df.emit([{ t: 0, x: Number.POSITIVE_INFINITY }]);
  df.emit([{ t: 1000, x: 1 }]);
  expect(sum.current).toBe(Number.POSITIVE_INFINITY);
  df.emit([{ t: 60_000, x: 2 }]);
  expect(sum.current).toBe(0);
  df.emit([{ t: 61_000, x: 3 }]);
  expect(sum.current).toBe(2);
});
