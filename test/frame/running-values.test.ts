import { describe, expect, test } from 'vitest';
import { float64, int64, StreamingDataFrame, schema, timestamp, toRows, utf8 } from '../../src/index.ts';

const S = schema({ t: timestamp('ms'), k: utf8, x: float64, w: int64 });
const frame = () => new StreamingDataFrame({ schema: S, time: 't' });
const rows = (...xs: (number | null)[]) => xs.map((x, i) => ({ t: 1000 * i, k: 'a', x, w: 2n ** 53n + 1n }));

describe('a running value in an expression', () => {
  test('is that after the batch, in every row of it', () => {
    const df = frame();
    const seen: unknown[] = [];
    df.assign({ d: df.x.sub(df.x.mean()) })
      .select('d')
      .sink((batch) => {
        seen.push(toRows(batch).map(({ d }) => d));
      });
    df.emit(rows(1, 3));
    df.emit([]);
    df.emit(rows(5, null));
    expect(seen).toEqual([[-1, 1], [], [2, null]]);
  });

  test('keeps its type: 64-bit integers, strings', () => {
    const df = frame();
    const out: unknown[] = [];
    df.assign({ d: df.w.sub(df.w.max()), s: df.w.max(), n: df.x.add(df.x.count()) })
      .select('d', 's', 'n')
      .sink((batch) => {
        out.push(...toRows(batch));
      });
    df.emit(rows(1));
    expect(out).toEqual([{ d: 0n, s: 2n ** 53n + 1n, n: 2 }]);
  });

  test('stands beside running expressions, filters, windows and groups', () => {
    const df = frame();
    const mean = df.x.mean();
    const above = df.filter(df.x.ge(mean)).window('10s').x.sum();
    const total = df.x.sub(mean).cumsum().max();
    const groups = df.groupby(df.x.gt(mean)).x.sum();
    df.emit(rows(1, 2, 6));
    expect(above.current).toBe(6);
    expect(total.current).toBe(0);
    expect(toRows(groups.current!)).toEqual([
      { key: false, x: 3 },
      { key: true, x: 6 },
    ]);
  });

  test('may be that of another stream, as it is then', () => {
    const df = frame();
    const other = frame();
    const seen: unknown[] = [];
    df.x.sub(other.x.sum()).sink((values) => seen.push(...values));
    df.emit(rows(1));
    other.emit(rows(10));
    df.emit(rows(1));
    expect(seen).toEqual([1, -9]);
  });

  test('is null while nothing is known of it, and a number then', () => {
    const df = frame();
    const other = new StreamingDataFrame();
    const seen: unknown[] = [];
    const total = other.col.w!.sum() as never;
    df.assign({ d: df.x.add(total), e: df.k.eq('a').and(df.x.lt(total)) } as never)
      .select('d' as never, 'e' as never)
      .sink((batch) => seen.push(...toRows(batch)));
    df.emit(rows(1));
    other.emit([{ w: 5n }]);
    df.emit(rows(2));
    expect(seen).toEqual([
      { d: null, e: null },
      { d: 7, e: true },
    ]);
    const text = new StreamingDataFrame();
    const late = df.assign({ same: df.k.eq(text.col.s!.max() as never) });
    late.sink(() => {});
    expect(() => df.emit(rows(1))).toThrow('cannot compare');
  });

  test('of several columns is refused', () => {
    const df = frame();
    expect(() => df.assign({ d: df.x.sub(df.mean() as never) })).toThrow(
      'an expression needs a number, bigint, boolean or string, got an object; take one of its values',
    );
  });

  test('stays as it is when the batch fails above', () => {
    const df = frame();
    const seen: unknown[] = [];
    df.x.sub(df.x.sum()).sink((values) => seen.push(...values));
    df.emit(rows(1));
    expect(() => df.emit([{ t: 0, k: 'a', x: 'no' as never, w: 1n }])).toThrow();
    df.emit(rows(1));
    expect(seen).toEqual([0, -1]);
  });
});

describe('arithmetic of running values', () => {
  test('is done once per batch, when all have seen it', () => {
    const df = frame();
    const ratio = df.x.sum().div(df.x.count());
    const spread = df.x.max().sub(df.x.min()).mul(2).round(1);
    const seen: unknown[] = [];
    ratio.sink((value) => seen.push(value));
    expect(ratio.current).toBeNaN();
    df.emit(rows(1, 2));
    df.emit([]);
    df.emit(rows(6));
    expect(seen).toEqual([1.5, 1.5, 3]);
    expect(spread.current).toBe(10);
    expect(df.w.max().sub(df.w.min()).current).toBe(null);
  });

  test('goes name by name for records, and null stays null', () => {
    const df = frame();
    const both = df.select('x', 'w').max().sub(df.select('x').min());
    df.emit(rows(null, 4, 1));
    expect(both.current).toEqual({ x: 3, w: null });
    expect(df.mean().round(1).current).toEqual({ t: null, x: null, w: null });
  });

  test('may be used in expressions again', () => {
    const df = frame();
    const seen: unknown[] = [];
    df.x
      .sub(df.x.min())
      .div(df.x.max().sub(df.x.min()))
      .sink((values) => seen.push(...values));
    df.emit(rows(2, 4, 3));
    expect(seen).toEqual([0, 1, 0.5]);
  });

  test('is lost on what is no number', () => {
    const df = frame();
    expect(() => df.x.sum().add('a' as never)).toThrow(
      'add: expected a number or a running value, got string',
    );
    const texts = df.x
      .sum()
      .map(String)
      .add(1 as never);
    expect(() => texts.current).toThrow('add needs numbers, got string 0');
  });
});
