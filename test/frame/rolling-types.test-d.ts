import type { DataType, Float64, Int32, Int64, RecordBatch, Utf8, Vector } from 'apache-arrow';
import { describe, expectTypeOf, test } from 'vitest';
import {
  col,
  type Expr,
  float64,
  int32,
  int64,
  type SavedRunning,
  type Scalar,
  type Stream,
  StreamingDataFrame,
  schema,
  timestamp,
  utf8,
} from '../../src/index.ts';

const S = schema({ name: utf8, amount: float64, x: int32, id: int64, t: timestamp('ms') });
const df = new StreamingDataFrame({ schema: S, time: 't' });

/** The columns of a frame, by a value of the frame. */
type ColumnsOf<F> = F extends StreamingDataFrame<infer C, infer _K> ? C : never;
type KindOf<F> = F extends { readonly kind: infer K } ? K : never;

describe('rolling', () => {
  test('gives series and expressions of the type of the aggregation', () => {
    const mean = df.x.rolling(10).mean();
    expectTypeOf(mean.stream).toEqualTypeOf<Stream<Vector<Float64>>>();
    expectTypeOf(df.rolling(10, { minPeriods: 1 }).id.sum().stream).toEqualTypeOf<Stream<Vector<Int64>>>();
    expectTypeOf(df.rolling('100ms').x.min().stream).toEqualTypeOf<Stream<Vector<Int32>>>();
    expectTypeOf(df.rolling(20).x.quantile(0.9).stream).toEqualTypeOf<Stream<Vector<Float64>>>();
    expectTypeOf(df.groupby('name').rolling(10).amount.std().stream).toEqualTypeOf<Stream<Vector<Float64>>>();
    expectTypeOf(df.amount.expanding().max().over(df.name).stream).toEqualTypeOf<Stream<Vector<Float64>>>();
    expectTypeOf(mean.withState()).toEqualTypeOf<Stream<readonly [SavedRunning, Vector<Float64>]>>();
    expectTypeOf(col('x').rolling(3).mean()).toEqualTypeOf<Expr<Float64>>();
    const assigned = df.assign({ m: (r) => r.x.rolling({ value: '1s', on: 't' }).mean() });
    expectTypeOf<ColumnsOf<typeof assigned>['m']>().toEqualTypeOf<Float64>();
  });

  test('gives frames of new rows', () => {
    const mean = df.rolling(10).mean();
    expectTypeOf<KindOf<typeof mean>>().toEqualTypeOf<'append'>();
    expectTypeOf<keyof ColumnsOf<typeof mean>>().toEqualTypeOf<'amount' | 'x' | 'id' | 't'>();
    expectTypeOf<ColumnsOf<typeof mean>['x']>().toEqualTypeOf<Float64>();
    const grouped = df.groupby('name').rolling(10).max();
    expectTypeOf<keyof ColumnsOf<typeof grouped>>().toEqualTypeOf<'name' | 'amount' | 'x' | 'id' | 't'>();
    expectTypeOf<ColumnsOf<typeof grouped>['name']>().toEqualTypeOf<Utf8>();
    expectTypeOf<ColumnsOf<typeof grouped>['x']>().toEqualTypeOf<Int32>();
    const agg = df.rolling(10).agg({ lo: ['x', 'min'], hi: ['amount', 'max'], x: 'mean' });
    expectTypeOf<ColumnsOf<typeof agg>['lo']>().toEqualTypeOf<Int32>();
    expectTypeOf<ColumnsOf<typeof agg>['hi']>().toEqualTypeOf<Float64>();
    expectTypeOf(mean.current).toExtend<RecordBatch | undefined>();
  });

  test('is refused where it makes no sense', () => {
    // @ts-expect-error a misspelt column
    df.rolling(10).amout;
    // @ts-expect-error no sums of strings
    df.name.rolling(3).sum();
    // @ts-expect-error no means of times
    df.rolling(3).t.mean();
    // @ts-expect-error a misspelt option
    df.rolling(3, { minPeriod: 1 });
    // @ts-expect-error a misspelt key
    df.rolling({ value: '2h', on: 'tt' });
    // @ts-expect-error quantiles need to know which
    df.x.rolling(3).quantile();
    // @ts-expect-error a misspelt interpolation
    df.x.rolling(3).quantile(0.5, { interpolation: 'liner' });
    // @ts-expect-error a snapshot has no rolling windows
    df.groupby('name').sum().rolling(3);
    // @ts-expect-error nor is it expanding
    df.groupby('name').sum().expanding();
  });
});

describe('expanding', () => {
  test('gives running values as a window, rows as an expression', () => {
    expectTypeOf(df.expanding().x.sum()).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(df.expanding().mean()).toEqualTypeOf<
      Scalar<{ amount: number | null; x: number | null; id: number | null; t: number | null }>
    >();
    const groups = df.groupby('name').expanding().x.mean();
    expectTypeOf<KindOf<typeof groups>>().toEqualTypeOf<'snapshot'>();
  });
});

describe('windows of each group', () => {
  test('give snapshots of the keys and results', () => {
    const sums = df.groupby('name').window('2h').x.mean();
    expectTypeOf<KindOf<typeof sums>>().toEqualTypeOf<'snapshot'>();
    expectTypeOf<ColumnsOf<typeof sums>>().toEqualTypeOf<{ name: Utf8; x: Float64 }>();
    expectTypeOf<ColumnsOf<typeof sums>>().toExtend<Record<string, DataType>>();
    // @ts-expect-error a misspelt key of a window
    df.groupby('name').window({ value: '2h', on: 'tt' });
  });
});
