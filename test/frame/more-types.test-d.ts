import type { Decimal, Float64 } from 'apache-arrow';
import { describe, expectTypeOf, test } from 'vitest';
import type { AggregationName, ResultType } from '../../src/frame/method-types.ts';
import {
  type DriftCounts,
  decimal,
  float16,
  type QuarantinedBatch,
  type RowOf,
  type Scalar,
  type Stream,
  StreamingDataFrame,
  schema,
  type ValueOf,
} from '../../src/index.ts';

const df = new StreamingDataFrame({ schema: schema({ d: decimal(12, 2), h: float16 }) });

describe('decimals', () => {
  test('are strings to JavaScript, and stay decimals where they are summed', () => {
    expectTypeOf<ValueOf<Decimal>>().toEqualTypeOf<string>();
    expectTypeOf<RowOf<{ d: Decimal }>>().toEqualTypeOf<{ d: string | null }>();
    expectTypeOf<ResultType<'sum', Decimal>>().toEqualTypeOf<Decimal>();
    expectTypeOf<ResultType<'mean', Decimal>>().toEqualTypeOf<Float64>();
    expectTypeOf(df.d.sum()).toEqualTypeOf<Scalar<string>>();
    expectTypeOf(df.d.max()).toEqualTypeOf<Scalar<string | null>>();
    expectTypeOf(df.d.mean()).toEqualTypeOf<Scalar<number | null>>();
    expectTypeOf<'sum'>().toExtend<AggregationName>();
  });
});

test('half floats are numbers', () => {
  expectTypeOf(df.h.sum()).toEqualTypeOf<Scalar<number>>();
});

test('what drifts is seen', () => {
  expectTypeOf(df.quarantined).toEqualTypeOf<Stream<QuarantinedBatch>>();
  expectTypeOf(df.driftCounts).toEqualTypeOf<DriftCounts>();
});
