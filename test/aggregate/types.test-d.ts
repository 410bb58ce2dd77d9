import type {
  Bool,
  DurationSecond,
  Float32,
  Float64,
  Int8,
  Int64,
  TimestampMillisecond,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { expectTypeOf, test } from 'vitest';
import type { AggregationDefinition, Apply, ExactInteger } from '../../src/aggregate/aggregation.ts';
import type * as aggregations from '../../src/aggregate/index.ts';

type Aggregations = typeof aggregations;
type Result<Name extends keyof Aggregations, D extends Parameters<Aggregations[Name]['accepts']>[0]> =
  Aggregations[Name] extends AggregationDefinition<infer F, infer _> ? Apply<F, D> : never;

test('sums have the types of exact sums', () => {
  expectTypeOf<Result<'sum', Float64>>().toEqualTypeOf<Float64>();
  expectTypeOf<Result<'sum', Float32>>().toEqualTypeOf<Float64>();
  expectTypeOf<Result<'sum', Int8>>().toEqualTypeOf<ExactInteger>();
  expectTypeOf<Result<'sum', Uint32>>().toEqualTypeOf<ExactInteger>();
  expectTypeOf<Result<'sum', Bool>>().toEqualTypeOf<ExactInteger>();
  expectTypeOf<Result<'sum', Int64>>().toEqualTypeOf<Int64>();
  expectTypeOf<Result<'sum', Int64>>().not.toExtend<ExactInteger>();
  expectTypeOf<Result<'sum', Uint64>>().toEqualTypeOf<Uint64>();
  expectTypeOf<Result<'sum', DurationSecond>>().toEqualTypeOf<DurationSecond>();
});

test('means and deviations are floats, extremes what they were, counts exact integers', () => {
  expectTypeOf<Result<'mean', Int8>>().toEqualTypeOf<Float64>();
  expectTypeOf<Result<'var', Int64>>().toEqualTypeOf<Float64>();
  expectTypeOf<Result<'std', Float32>>().toEqualTypeOf<Float64>();
  expectTypeOf<Result<'min', Int8>>().toEqualTypeOf<Int8>();
  expectTypeOf<Result<'max', TimestampMillisecond>>().toEqualTypeOf<TimestampMillisecond>();
  expectTypeOf<Result<'count', Utf8>>().toEqualTypeOf<ExactInteger>();
  expectTypeOf<Result<'size', Utf8>>().toEqualTypeOf<ExactInteger>();
});

test('options have their types', () => {
  type Options<Name extends keyof Aggregations> = Parameters<Aggregations[Name]['bind']>[1];
  expectTypeOf<Options<'sum'>>().toEqualTypeOf<{
    minCount?: number | undefined;
    overflow?: 'error' | 'decimal' | 'wrap' | undefined;
  }>();
  expectTypeOf<Options<'var'>>().toEqualTypeOf<{ ddof?: number | undefined }>();
});
