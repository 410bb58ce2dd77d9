import { expectTypeOf, test } from 'vitest';
import type { Scalar } from '../../src/index.ts';
import { float64, int32, int64, StreamingDataFrame, schema, timestamp, utf8 } from '../../src/index.ts';

const df = new StreamingDataFrame({
  schema: schema({ t: timestamp('ms'), ns: timestamp('ns'), name: utf8, x: float64, n: int32, id: int64 }),
  time: 't',
});

test('aggregations of a column have the types of their results', () => {
  expectTypeOf(df.n.median()).toEqualTypeOf<Scalar<number | null>>();
  expectTypeOf(df.id.quantile(0.9)).toEqualTypeOf<Scalar<number | null>>();
  expectTypeOf(df.name.first()).toEqualTypeOf<Scalar<string | null>>();
  expectTypeOf(df.id.last()).toEqualTypeOf<Scalar<bigint | null>>();
  expectTypeOf(df.name.min()).toEqualTypeOf<Scalar<string | null>>();
  expectTypeOf(df.name.nunique()).toEqualTypeOf<Scalar<number>>();
  expectTypeOf(df.t.mean()).toEqualTypeOf<Scalar<number | null>>();
  expectTypeOf(df.ns.mean()).toEqualTypeOf<Scalar<bigint | null>>();
  expectTypeOf(df.n.any()).toEqualTypeOf<Scalar<boolean>>();
  expectTypeOf(df.x.corr(df.n)).toEqualTypeOf<Scalar<number | null>>();
  expectTypeOf(df.name.argmax('x')).toEqualTypeOf<Scalar<string | null>>();
  expectTypeOf(df.n.rate().current).toEqualTypeOf<number | null | undefined>();
  expectTypeOf(df.x.histogram({ edges: [0, 1] }).current).toEqualTypeOf<number[] | undefined>();
  expectTypeOf(df.id.ohlc().current!.open).toEqualTypeOf<bigint | null>();
  expectTypeOf(df.x.linearFit('n').current!.n).toEqualTypeOf<number | null>();
  expectTypeOf(df.name.topK(3).current![0]!.value).toEqualTypeOf<string | null>();
  expectTypeOf(df.x.where(df.n.gt(1)).max()).toEqualTypeOf<Scalar<number | null>>();
  df.agg({ x: ['x', 'sum', { where: (r) => r.n.gt(1), minCount: 1 }] });
  expectTypeOf(df.agg({ r: [['x', 'n'], 'corr'], low: ['name', 'min'] })).toEqualTypeOf<
    Scalar<{ r: number | null; low: string | null }>
  >();
});

test('what is not available does not compile', () => {
  // @ts-expect-error
  df.name.median();
  // @ts-expect-error
  df.name.corr(df.x);
  // @ts-expect-error
  df.x.corr();
  // @ts-expect-error
  df.x.quantile('0.9');
  // @ts-expect-error
  df.x.count({ skipna: false });
  // @ts-expect-error
  df.topK();
  // @ts-expect-error: a misspelt column in a condition
  df.agg({ x: ['x', 'sum', { where: (r) => r.nn.gt(1) }] });
  // @ts-expect-error: a number is no condition
  df.agg({ x: ['x', 'sum', { where: 5 }] });
  // @ts-expect-error
  df.groupby('name').name.median();
  // @ts-expect-error
  df.window(3).name.weightedMean('x');
  // @ts-expect-error
  df.x.argmax();
  // @ts-expect-error
  df.name.rate();
  // @ts-expect-error
  df.name.rolling(3).mean();
  // @ts-expect-error
  df.name.ewm({ span: 3 });
  // @ts-expect-error
  df.name.cumsum();
  // @ts-expect-error
  df.tail(3).cumsum();
  // @ts-expect-error
  df.tail(3).rolling(3);
});
