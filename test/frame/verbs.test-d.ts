import type { Float64, Int32, Int64, Table, Utf8 } from 'apache-arrow';
import { expectTypeOf, test } from 'vitest';
import type { ExactInteger } from '../../src/columnar/type-families.ts';
import {
  float64,
  frameOf,
  fromTable,
  int32,
  int64,
  type Scalar,
  StreamingDataFrame,
  schema,
  utf8,
} from '../../src/index.ts';

const S = schema({ k: utf8, x: float64, id: int64 });
const df = new StreamingDataFrame({ schema: S });

type Columns = { k: Utf8; x: Float64; id: Int64 };
/** The columns of a frame, by a value of the frame. */
type ColumnsOf<F> = F extends StreamingDataFrame<infer C, infer _K> ? C : never;

test('verbs keep or change the columns', () => {
  expectTypeOf<ColumnsOf<ReturnType<typeof df.nlargest>>>().toEqualTypeOf<Columns>();
  expectTypeOf(df.tail(3).kind).toEqualTypeOf<'snapshot'>();
  expectTypeOf(df.batchTail(3).kind).toEqualTypeOf<'append'>();
  expectTypeOf(df.round(1).x).toEqualTypeOf(df.x);
  const cast = df.astype({ x: int32 });
  expectTypeOf<ColumnsOf<typeof cast>>().toEqualTypeOf<{ k: Utf8; x: Int32; id: Int64 }>();
  const own = df.mapPartitions(() => [], { schema: schema({ n: int32 }) });
  expectTypeOf<ColumnsOf<typeof own>>().toEqualTypeOf<{ n: Int32 }>();
  const glued = frameOf({ a: df.x, b: df.k });
  expectTypeOf<ColumnsOf<typeof glued>>().toEqualTypeOf<{ a: Float64; b: Utf8 }>();
  expectTypeOf(df.window(3).full()).toEqualTypeOf<Scalar<Table<Columns>>>();
  expectTypeOf(df.window(3).apply((table) => table.numRows)).toEqualTypeOf<Scalar<number>>();
  // @ts-expect-error: a stream of new rows has no order to sort
  void (() => df.sort('x'));
  // @ts-expect-error: there is no such column
  void (() => df.nlargest(1, 'y'));
});

test('running values are operands', () => {
  const assigned = df.assign({ d: df.x.sub(df.x.mean()), total: df.x.sum(), top: df.id.max() });
  expectTypeOf<ColumnsOf<typeof assigned>>().toEqualTypeOf<
    Columns & { d: Float64; total: Float64; top: Int64 } extends infer T ? { [K in keyof T]: T[K] } : never
  >();
  expectTypeOf(df.x.sum().div(df.x.count()).current).toEqualTypeOf<number | null | undefined>();
  expectTypeOf(df.id.max().sub(df.id.min()).current).toEqualTypeOf<bigint | null | undefined>();
  // @ts-expect-error: a string is no operand
  void (() => df.x.sum().add('a'));
  // @ts-expect-error: arithmetic with a record of values
  void (() => df.x.sub(df.mean()));
});

test('results of tables', async () => {
  expectTypeOf(await fromTable([], { schema: S }).x.sum().collect()).toEqualTypeOf<number | undefined>();
  const counts = await fromTable([], { schema: S }).groupby('k').x.count().collect();
  expectTypeOf(counts).toEqualTypeOf<Table<{ k: Utf8; x: ExactInteger }>>();
});
