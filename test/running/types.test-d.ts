import type { DurationMillisecond, Float64, Int64, Utf8 } from 'apache-arrow';
import { expectTypeOf, test } from 'vitest';
import type { ExactInteger } from '../../src/columnar/type-families.ts';
import {
  bool,
  type Expr,
  float64,
  int32,
  int64,
  rowNumber,
  type Series,
  StreamingDataFrame,
  schema,
  timestamp,
  utf8,
} from '../../src/index.ts';

const S = schema({ name: utf8, x: float64, n: int32, id: int64, ok: bool, t: timestamp('ms') });
const df = new StreamingDataFrame({ schema: S, time: 't' });

test('running functions have the types of what they give', () => {
  expectTypeOf(df.x.cumsum()).toEqualTypeOf<Series<Float64, 'key'>>();
  expectTypeOf(df.n.cumsum()).toEqualTypeOf<Series<ExactInteger, 'key'>>();
  expectTypeOf(df.id.cumprod()).toEqualTypeOf<Series<Int64, 'key'>>();
  expectTypeOf(df.name.cummax()).toEqualTypeOf<Series<Utf8, 'key'>>();
  expectTypeOf(df.name.shift()).toEqualTypeOf<Series<Utf8, 'key'>>();
  expectTypeOf(df.t.diff()).toEqualTypeOf<Series<DurationMillisecond, 'key'>>();
  expectTypeOf(df.n.diff()).toEqualTypeOf<Series<ExactInteger, 'key'>>();
  expectTypeOf(df.groupby('name').id.diff(2)).toEqualTypeOf<Series<Int64, 'key'>>();
  expectTypeOf(df.groupby('name').x.ewm({ com: 1 }).mean()).toEqualTypeOf<Series<Float64, 'key'>>();
  expectTypeOf(df.ewm({ com: 1 }).x.std()).toEqualTypeOf<Series<Float64, 'key'>>();
  expectTypeOf(rowNumber()).toEqualTypeOf<Expr<ExactInteger>>();
  expectTypeOf(df.cumsum().columns).toEqualTypeOf<('x' | 'n' | 'id' | 'ok')[] | undefined>();
  expectTypeOf(df.groupby('name').diff().columns).toEqualTypeOf<
    ('name' | 'x' | 'n' | 'id' | 't')[] | undefined
  >();
  expectTypeOf(df.dedupe({ by: 'name', within: '5m' })).toEqualTypeOf<typeof df>();
  df.assign((r) => ({ d: r.x.diff(), s: r.name.shift() }));
});

test('what is not available does not compile', () => {
  // @ts-expect-error strings have no sums
  df.name.cumsum();
  // @ts-expect-error times have no products
  df.t.cumprod();
  // @ts-expect-error booleans have no differences
  df.ok.diff();
  // @ts-expect-error strings have no means
  df.name.ewm({ com: 1 });
  // @ts-expect-error strings have no sums in groups either
  df.groupby('ok').name.cumsum();
  // @ts-expect-error two of four
  df.x.ewm({ com: 1, span: 5 });
  // @ts-expect-error none of four
  df.x.ewm({});
  // @ts-expect-error no column of numbers
  df.ewm({ com: 1 }).name.mean();
  // @ts-expect-error snapshots have no running functions
  df.groupby('name').x.sum().cumsum();
});
