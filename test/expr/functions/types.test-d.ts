import type {
  Bool,
  DateDay,
  DurationMillisecond,
  DurationNanosecond,
  Float32,
  Float64,
  Int32,
  Int64,
  TimestampMillisecond,
  Utf8,
} from 'apache-arrow';
import { describe, expectTypeOf, test } from 'vitest';
import {
  bool,
  coalesce,
  col,
  dateDay,
  dictionary,
  type Expr,
  float32,
  float64,
  int32,
  int64,
  mapValues,
  maxOf,
  minOf,
  type Scalar,
  StreamingDataFrame,
  schema,
  timestamp,
  utf8,
  when,
} from '../../../src/index.ts';

const S = schema({
  name: utf8,
  amount: float64,
  f: float32,
  x: int32,
  id: int64,
  ok: bool,
  t: timestamp('ms'),
  n: timestamp('ns'),
  d: dateDay,
  code: dictionary(),
});
const df = new StreamingDataFrame({ schema: S, time: 't' });

describe('functions of expressions', () => {
  test('have the type that is computed', () => {
    expectTypeOf(df.name.str.upper().dataType).toEqualTypeOf<Utf8>();
    expectTypeOf(df.code.str.upper().dataType).toEqualTypeOf<Utf8>();
    expectTypeOf(df.name.str.length().dataType).toEqualTypeOf<Int32>();
    expectTypeOf(df.name.str.matches('a').dataType).toEqualTypeOf<Bool>();
    expectTypeOf(df.name.str.length().sum()).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(df.t.dt.year().dataType).toEqualTypeOf<Int32>();
    expectTypeOf(df.t.dt.floor('5m').dataType).toEqualTypeOf<TimestampMillisecond>();
    expectTypeOf(df.d.dt.floor('month').dataType).toEqualTypeOf<DateDay>();
    expectTypeOf(df.t.dt.epoch('ns').dataType).toEqualTypeOf<Int64>();
    expectTypeOf(df.amount.isIn([1, 2]).dataType).toEqualTypeOf<Bool>();
    expectTypeOf(df.t.between(new Date(0), 5).dataType).toEqualTypeOf<Bool>();
    expectTypeOf(df.name.eqMissing(null).dataType).toEqualTypeOf<Bool>();
    expectTypeOf(df.amount.cast(int32).dataType).toEqualTypeOf<Int32>();
    expectTypeOf(df.amount.cast(int64).sum()).toEqualTypeOf<Scalar<bigint>>();
    df.filter((r) => r.name.str.contains('a').and(r.t.dt.hour().gt(5)));
  });

  test('bring values to one type', () => {
    expectTypeOf(df.x.fillNull(0).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(df.x.fillNull(df.x).dataType).toEqualTypeOf<Int32>();
    expectTypeOf(df.f.fillNull(df.f).dataType).toEqualTypeOf<Float32>();
    expectTypeOf(df.id.fillNull(0n).dataType).toEqualTypeOf<Int64>();
    expectTypeOf(df.id.coalesce(df.x).dataType).toEqualTypeOf<Int64>();
    expectTypeOf(df.id.coalesce(df.x, df.amount).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(df.code.fillNull('none').dataType).toEqualTypeOf<Utf8>();
    expectTypeOf(df.t.fillNull(new Date()).dataType).toEqualTypeOf<TimestampMillisecond>();
    expectTypeOf(df.x.clip({ lower: 0 }).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(df.id.clip({ lower: 0n, upper: df.id }).dataType).toEqualTypeOf<Int64>();
    expectTypeOf(coalesce(df.amount, null, 0).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(minOf(df.x, df.x).dataType).toEqualTypeOf<Int32>();
    expectTypeOf(maxOf(df.x, df.amount, 5).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(maxOf(df.x, df.amount).mean()).toEqualTypeOf<Scalar<number | null>>();
  });

  test('choose by conditions', () => {
    const size = when(df.amount.gt(5)).then('high').when(df.amount.gt(2)).then(df.name).otherwise('low');
    expectTypeOf(size.dataType).toEqualTypeOf<Utf8>();
    expectTypeOf(size.count()).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(when(df.ok).then(df.x).otherwise(0).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(when(df.ok).then(df.id).dataType).toEqualTypeOf<Int64>();
    expectTypeOf(when(df.ok).then(null).otherwise(df.id).dataType).toEqualTypeOf<Int64>();
    const assigned = df.assign({ z: (r) => when(r.ok).then(1).otherwise(null), w: when(df.ok).then('a') });
    expectTypeOf(assigned.z.dataType).toEqualTypeOf<Float64>();
    expectTypeOf(assigned.w.dataType).toEqualTypeOf<Utf8>();
    expectTypeOf(when(col('a').gt(1)).then(1).otherwise(2)).toEqualTypeOf<Expr<Float64>>();
  });

  test('compute with times', () => {
    expectTypeOf(df.t.sub(df.t).dataType).toEqualTypeOf<DurationMillisecond>();
    expectTypeOf(df.t.sub(df.n).dataType).toEqualTypeOf<DurationNanosecond>();
    expectTypeOf(df.t.sub(new Date()).dataType).toEqualTypeOf<DurationMillisecond>();
    expectTypeOf(df.t.add('2h').dataType).toEqualTypeOf<TimestampMillisecond>();
    expectTypeOf(df.t.sub('2h').dataType).toEqualTypeOf<TimestampMillisecond>();
    expectTypeOf(df.t.add(df.t.sub(df.t)).dataType).toEqualTypeOf<TimestampMillisecond>();
    df.filter(df.t.gt(df.n));
    col('t').add('2h');
  });

  test('run functions of values of the type of the column', () => {
    const length = df.name.map((name) => {
      expectTypeOf(name).toEqualTypeOf<string>();
      return name.length;
    }, int32);
    expectTypeOf(length.dataType).toEqualTypeOf<Int32>();
    df.id.map((id) => {
      expectTypeOf(id).toEqualTypeOf<bigint>();
      return null;
    }, utf8);
    const both = mapValues(
      [df.name, df.amount],
      (name, amount) => {
        expectTypeOf(name).toEqualTypeOf<string>();
        expectTypeOf(amount).toEqualTypeOf<number>();
        return name + amount;
      },
      utf8,
    );
    expectTypeOf(both.dataType).toEqualTypeOf<Utf8>();
  });

  test('take what they can work with', () => {
    // @ts-expect-error no strings
    df.amount.str.upper();
    // @ts-expect-error no times
    df.x.dt.year();
    // @ts-expect-error no string in place of a number
    df.amount.fillNull('a');
    // @ts-expect-error a 64-bit integer needs a bigint
    df.id.fillNull(0);
    // @ts-expect-error a column of another type
    df.name.coalesce(df.x);
    // @ts-expect-error strings are not looked for in numbers
    df.x.isIn(['a']);
    // @ts-expect-error bounds of another type
    df.amount.between('a', 'b');
    // @ts-expect-error there is no such side
    df.amount.between(1, 2, { closed: 'top' });
    // @ts-expect-error a bound of another type
    df.amount.clip({ lower: 'a' });
    // @ts-expect-error no order of strings
    minOf(df.name, df.name);
    // @ts-expect-error a number is no condition
    when(df.amount);
    // @ts-expect-error cases of two types
    when(df.ok).then('a').otherwise(5);
    // @ts-expect-error cases of two types
    when(df.ok).then(df.x).when(df.ok).then(df.name);
    // @ts-expect-error a type is wanted
    df.x.cast('float64');
    // @ts-expect-error a function of strings on numbers
    df.x.map((value: string) => value, utf8);
    // @ts-expect-error a result of another type
    df.x.map((value) => value, utf8);
    // @ts-expect-error two times are not added
    df.t.add(df.t);
    // @ts-expect-error no such option
    df.name.str.matches('a', { flags: 'i' });
    // @ts-expect-error a unit of epochs
    df.t.dt.epoch('min');
    // @ts-expect-error a number is no text
    df.name.str.concat(df.x);
  });
});
