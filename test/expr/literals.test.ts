import { describe, expect, test } from 'vitest';
import {
  col,
  float64,
  int64,
  literal,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  uint64,
} from '../../src/index.ts';

const S = schema({ x: float64, n: int64, u: uint64, t: timestamp('us') });

describe('literals', () => {
  test('that differ only in NaN, an infinity or the sign of zero are not mixed up', () => {
    const df = new StreamingDataFrame({ schema: S });
    const result = df.agg({
      infinite: [df.x.mul(Number.POSITIVE_INFINITY), 'sum'],
      nan: [df.x.mul(Number.NaN), 'count'],
      up: [df.x.div(0), 'sum'],
      down: [df.x.div(-0), 'sum'],
    });
    df.emit([{ x: 2 }]);
    expect(result.current).toEqual({
      infinite: Number.POSITIVE_INFINITY,
      nan: 0,
      up: Number.POSITIVE_INFINITY,
      down: Number.NEGATIVE_INFINITY,
    });
    expect(df.x.gt(Number.NaN).toString()).toBe('x.gt(NaN)');
  });

  test('are of the type that is asked for, or refused', () => {
    const df = new StreamingDataFrame({ schema: S });
    const rows: unknown[] = [];
    df.assign({ a: literal(5, 'int64' as never), b: literal(7n, 'float64' as never) })
      .select('a' as never, 'b' as never)
      .sink((batch) => rows.push(...toRows(batch)));
    df.emit([{ x: 2 }]);
    expect(rows).toEqual([{ a: 5n, b: 7 }]);
    expect(() => literal(0.5, 'int64' as never)).toThrow('literal: number 0.5 is no int64');
    expect(() => literal(2n ** 53n + 1n, 'float64' as never)).toThrow('is no float64');
    expect(() => literal('2', 'float64')).toThrow('literal: string "2" is no float64');
    expect(() => col('t').gt(new Date(Number.NaN))).toThrow('a Date that is Invalid Date');
  });

  test('of null have the type that is asked for', () => {
    const df = new StreamingDataFrame({ schema: S });
    const types = ['bool', 'float64', 'int64', 'utf8', 'timestamp', 'null'] as const;
    const nulls = Object.fromEntries(types.map((type) => [type, literal(null, type)]));
    const rows: unknown[] = [];
    const names: string[] = [];
    df.assign(nulls).sink((batch) => {
      rows.push(...toRows(batch));
      names.push(...batch.schema.fields.slice(4).map(({ type }) => String(type)));
    });
    const sum = df.x.add(literal(null, 'float64') as never).count();
    df.emit([{ x: 2 }]);
    expect(rows).toEqual([
      { x: 2, n: null, u: null, t: null, ...Object.fromEntries(types.map((type) => [type, null])) },
    ]);
    expect(names).toEqual(['Bool', 'Float64', 'Int64', 'Utf8', 'Timestamp<MILLISECOND>', 'Null']);
    expect(sum.current).toBe(0);
  });

  test('that are no moment compare with times as no number does', () => {
    const df = new StreamingDataFrame({ schema: S });
    const before = df.filter(df.t.lt(Number.POSITIVE_INFINITY as never)).numRows();
    const never = df.filter(df.t.lt(Number.NaN as never)).numRows();
    df.emit([{ t: 5n }]);
    expect([before.current, never.current]).toEqual([1, 0]);
  });
});

describe('64-bit integers', () => {
  test('a power that is far too great is an error at once', () => {
    const df = new StreamingDataFrame({ schema: S });
    const result = df.n.pow(10n ** 12n).sum();
    df.emit([{ n: 1n }, { n: -1n }, { n: 0n }]);
    expect(result.current).toBe(2n);
    expect(() => df.emit([{ n: 2n }])).toThrow('does not fit int64');
  });

  test('the absolute value of an unsigned one is itself, where int64 can hold it', () => {
    const df = new StreamingDataFrame({ schema: S });
    const result = df.u.abs().max();
    df.emit([{ u: 2n ** 63n - 1n }]);
    expect(result.current).toBe(2n ** 63n - 1n);
    expect(() => df.emit([{ u: 2n ** 63n }])).toThrow('does not fit int64');
  });
});
