import type {
  Bool,
  DataType,
  Float64,
  Int32,
  Int64,
  RecordBatch,
  TimestampMillisecond,
  Utf8,
  Vector,
} from 'apache-arrow';
import { describe, expectTypeOf, test } from 'vitest';
import {
  Aggregation,
  type AggregationState,
  type AnySchema,
  bool,
  type Column,
  col,
  float64,
  int32,
  int64,
  literal,
  type RowOf,
  type Scalar,
  type Series,
  type Stated,
  type Stream,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

const S = schema({ name: utf8, amount: float64, x: int32, id: int64, ok: bool, t: timestamp('ms') });
const df = new StreamingDataFrame({ schema: S, time: 't' });

/** The columns of a frame, by a value of the frame. */
type ColumnsOf<F> = F extends StreamingDataFrame<infer C, infer _K> ? C : never;

describe('columns', () => {
  test('have the types of the schema', () => {
    expectTypeOf(df.name).toEqualTypeOf<Series<Utf8, 'name'>>();
    expectTypeOf(df.amount).toEqualTypeOf<Series<Float64, 'amount'>>();
    expectTypeOf(df.col.id).toEqualTypeOf<Series<Int64, 'id'>>();
    expectTypeOf(df.t).toEqualTypeOf<Series<TimestampMillisecond, 't'>>();
    expectTypeOf(df.amount.stream).toEqualTypeOf<Stream<Vector<Float64>>>();
    expectTypeOf(df.current).toEqualTypeOf<RecordBatch<ColumnsOf<typeof df>> | undefined>();
    expectTypeOf(df.columns).toEqualTypeOf<('name' | 'amount' | 'x' | 'id' | 'ok' | 't')[] | undefined>();
    expectTypeOf<RowOf<{ name: Utf8; id: Int64; t: TimestampMillisecond }>>().toEqualTypeOf<{
      name: string | null;
      id: bigint | null;
      t: number | null;
    }>();
  });

  test('are not there under names the schema does not have', () => {
    // @ts-expect-error a misspelt column
    df.amout;
    // @ts-expect-error a misspelt column of col
    df.col.amout;
    // @ts-expect-error a misspelt column of a window
    df.window(5).amout;
    // @ts-expect-error a misspelt column of groups
    df.groupby('name').amout;
    // @ts-expect-error a misspelt column in a callback
    df.filter((r) => r.amout.gt(1));
    // @ts-expect-error a misspelt key
    df.groupby('nmae');
    // @ts-expect-error a misspelt key in a list of keys
    df.groupby(['name', 'xx']);
    // @ts-expect-error a misspelt column to select
    df.select('amout');
    // @ts-expect-error a misspelt column to drop
    df.drop('amout');
    // @ts-expect-error a misspelt column to aggregate
    df.agg({ total: ['amout', 'sum'] });
    // @ts-expect-error a misspelt key of a window
    df.window({ value: '2h', on: 'tt' });
    // @ts-expect-error a misspelt time key
    new StreamingDataFrame({ schema: S, time: 'tt' });
    // @ts-expect-error a misspelt required column
    schema({ name: utf8 }, { required: ['nmae'] });
  });

  test('that have the name of a method are reached by col, and the method stays', () => {
    const counts = new StreamingDataFrame({ schema: schema({ count: int32, x: float64 }) });
    expectTypeOf(counts.count).toBeFunction();
    expectTypeOf(counts.count().current).toEqualTypeOf<{ count: number; x: number } | undefined>();
    expectTypeOf(counts.col.count).toEqualTypeOf<Series<Int32, 'count'>>();
  });
});

describe('operators', () => {
  test('give expressions of the type that is computed', () => {
    expectTypeOf(df.amount.add(1).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(df.x.mul(df.x).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(df.id.add(1n).dataType).toEqualTypeOf<Int64>();
    expectTypeOf(df.id.mod(df.id).dataType).toEqualTypeOf<Int64>();
    expectTypeOf(df.id.div(2n).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(df.id.add(df.amount).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(df.id.mul(literal(0.5, 'float64')).dataType).toEqualTypeOf<Float64>();
    expectTypeOf(df.amount.gt(1).dataType).toEqualTypeOf<Bool>();
    expectTypeOf(df.name.eq('Alice').and(df.ok).dataType).toEqualTypeOf<Bool>();
    expectTypeOf(df.amount.add(1).sum().current).toEqualTypeOf<number | undefined>();
    expectTypeOf(df.id.add(1n).sum().current).toEqualTypeOf<bigint | undefined>();
    df.t.gt(new Date());
    df.t.le(1_700_000_000_000);
    df.name.eq(null);
    df.filter(col('anything').gt(5).and(df.ok));
    df.amount.add(col('x'));
  });

  test('of JavaScript are no operators on columns', () => {
    // @ts-expect-error no overlap of a column and a string
    df.filter((r) => r.name === 'Alice');
    // @ts-expect-error boolean is no expression
    df.filter((r) => !r.amount.gt(1));
    // @ts-expect-error > does not apply
    df.filter((r) => r.amount > 5);
    // @ts-expect-error + does not apply
    df.assign({ z: (r) => r.amount + 1 });
    // @ts-expect-error a plain value is no condition
    df.filter(true);
    // @ts-expect-error a number is no condition
    df.filter((r) => r.amount);
    // @ts-expect-error a callback must return
    df.filter(() => undefined);
  });

  test('take operands of their own sort', () => {
    // @ts-expect-error a string is not compared with a number
    df.name.gt(5);
    // @ts-expect-error a number is not compared with a string
    df.amount.eq('5');
    // @ts-expect-error a number is not compared with a column of strings
    df.amount.eq(df.name);
    // @ts-expect-error a 64-bit integer needs a bigint
    df.id.add(1);
    // @ts-expect-error a 64-bit integer is compared with a bigint
    df.id.gt(1);
    // @ts-expect-error a float needs a number
    df.amount.add(1n);
    // @ts-expect-error no arithmetic on strings
    df.name.add('x');
    // @ts-expect-error no arithmetic on booleans
    df.ok.add(1);
    // @ts-expect-error no arithmetic on times
    df.t.add(1);
    // @ts-expect-error a time is no text
    df.t.gt('2020-01-01');
    // @ts-expect-error no logic on numbers
    df.amount.and(true);
    // @ts-expect-error a bool is combined with bools
    df.ok.and(df.amount);
  });
});

describe('frames made of frames', () => {
  test('have the columns that they are given', () => {
    const assigned = df.assign({
      z: df.x.add(df.amount),
      big: (r) => r.id.mul(2n),
      one: 1,
      many: 1n,
      yes: true,
      text: 'a',
      at: new Date(0),
      name: (r) => r.name.eq('Alice'),
    });
    expectTypeOf<ColumnsOf<typeof assigned>>().toEqualTypeOf<{
      amount: Float64;
      x: Int32;
      id: Int64;
      ok: Bool;
      t: TimestampMillisecond;
      z: Float64;
      big: Int64;
      one: Float64;
      many: Int64;
      yes: Bool;
      text: Utf8;
      at: TimestampMillisecond;
      name: Bool;
    }>();
    const called = df.assign((r) => ({ z: r.amount.gt(1), n: 5 }));
    expectTypeOf(called.z).toEqualTypeOf<Series<Bool, 'z'>>();
    expectTypeOf(called.n).toEqualTypeOf<Series<Float64, 'n'>>();
  });

  test('lose and rename columns', () => {
    const selected = df.select('id', 'name');
    expectTypeOf<ColumnsOf<typeof selected>>().toEqualTypeOf<{ id: Int64; name: Utf8 }>();
    const dropped = df.drop('t', 'ok', 'x');
    expectTypeOf<ColumnsOf<typeof dropped>>().toEqualTypeOf<{ name: Utf8; amount: Float64; id: Int64 }>();
    const renamed = selected.rename({ id: 'key' });
    expectTypeOf<ColumnsOf<typeof renamed>>().toEqualTypeOf<{ key: Int64; name: Utf8 }>();
    // @ts-expect-error dropped
    dropped.x;
    // @ts-expect-error renamed
    renamed.id;
    expectTypeOf(df.filter(df.ok)).toEqualTypeOf<typeof df>();
  });

  test('of an unknown schema have any column', () => {
    const any = new StreamingDataFrame();
    expectTypeOf(any).toEqualTypeOf<StreamingDataFrame<AnySchema>>();
    expectTypeOf(any.whatever!).toExtend<Series<DataType>>();
    any.whatever!.add(1).sum();
    any.filter((r) => r.name!.eq('x').and(r.n!.gt(5n)));
    any.groupby('a', 'b').c!.mean();
    any.select('x', 'y').window('2h').x.max();
    any.agg({ total: ['amount', 'sum'] });
    expectTypeOf(any.amount!.count().current).toEqualTypeOf<number | undefined>();
  });
});

describe('aggregations', () => {
  test('give values by the type of the column', () => {
    expectTypeOf(df.amount.sum()).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(df.x.sum()).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(df.id.sum()).toEqualTypeOf<Scalar<bigint>>();
    expectTypeOf(df.id.mean()).toEqualTypeOf<Scalar<number | null>>();
    expectTypeOf(df.amount.mean()).toEqualTypeOf<Scalar<number | null>>();
    expectTypeOf(df.id.max()).toEqualTypeOf<Scalar<bigint | null>>();
    expectTypeOf(df.t.max()).toEqualTypeOf<Scalar<number | null>>();
    expectTypeOf(df.name.count()).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(df.amount.var({ ddof: 0 })).toEqualTypeOf<Scalar<number | null>>();
    expectTypeOf(df.amount.window('2h').std()).toEqualTypeOf<Scalar<number | null>>();
    expectTypeOf(df.size()).toEqualTypeOf<Scalar<number>>();
    df.amount.sum().sink((total) => expectTypeOf(total).toEqualTypeOf<number>());
  });

  test('of frames and windows take the columns they can', () => {
    expectTypeOf(df.select('name', 'amount', 'id').sum().current).toEqualTypeOf<
      { amount: number; id: bigint } | undefined
    >();
    expectTypeOf(df.window(5).count().current).toEqualTypeOf<
      { name: number; amount: number; x: number; id: number; ok: number; t: number } | undefined
    >();
    expectTypeOf(df.select('name', 'amount', 'id').window(5).mean().current).toEqualTypeOf<
      { amount: number | null; id: number | null } | undefined
    >();
  });

  test('of agg are typed one by one', () => {
    const record = df.agg({
      total: ['amount', 'sum'],
      big: ['id', 'sum'],
      x: 'mean',
      rows: 'size',
      twice: [(r) => r.id.mul(2n), 'max'],
      far: [df.amount.gt(5), 'count'],
    });
    expectTypeOf(record.current).toEqualTypeOf<
      | {
          total: number;
          big: bigint;
          x: number | null;
          rows: number;
          twice: bigint | null;
          far: number;
        }
      | undefined
    >();
    expectTypeOf(df.amount.agg({ low: 'min', spread: ['std', { ddof: 0 }] }).current).toEqualTypeOf<
      { low: number | null; spread: number | null } | undefined
    >();
    // @ts-expect-error no such aggregation
    df.agg({ total: ['amount', 'summ'] });
    // @ts-expect-error no such aggregation
    df.amount.agg({ low: 'minimum' });
  });

  test('are refused on columns they do not work on', () => {
    // @ts-expect-error no sum of strings
    df.name.sum();
    // @ts-expect-error no mean of strings, by groups
    df.groupby('x').name.mean();
    // @ts-expect-error no mean of strings, in a window
    df.window(5).name.mean();
    // @ts-expect-error no such aggregation
    df.amount.summ();
    // @ts-expect-error no such option
    df.amount.var({ ddoff: 1 });
    // @ts-expect-error no such option of a sum
    df.amount.sum({ ddof: 1 });
    expectTypeOf(df.name.sum).toEqualTypeOf<{
      readonly unavailable: 'sum is not available on string columns';
    }>();
  });

  test('of your own are typed by what they return', () => {
    class Last extends Aggregation<Column<Float64>, number, number | null> {
      initial(): number {
        return 0;
      }
      onNew(_: number, rows: Column<Float64>): readonly [number, number | null] {
        return [0, rows.get(rows.length - 1)];
      }
    }
    expectTypeOf(df.amount.aggregate(new Last())).toEqualTypeOf<Scalar<number | null>>();
    expectTypeOf(df.groupby('name').amount.aggregate(new Last()).amount).toEqualTypeOf<
      Series<Float64, 'amount'>
    >();
    // @ts-expect-error not on a column of strings
    df.name.aggregate(new Last());
  });
});

describe('groups', () => {
  test('have their keys first, typed, then the results', () => {
    const sums = df.groupby('name', 'ok').amount.sum();
    expectTypeOf<ColumnsOf<typeof sums>>().toEqualTypeOf<{ name: Utf8; ok: Bool; amount: Float64 }>();
    expectTypeOf(sums.kind).toEqualTypeOf<'snapshot'>();
    const byExpression = df.groupby(df.x.mod(10)).id.sum();
    expectTypeOf<ColumnsOf<typeof byExpression>>().toEqualTypeOf<{ key: Float64; id: Int64 }>();
    const bySeries = df.groupby(df.name).x.mean();
    expectTypeOf<ColumnsOf<typeof bySeries>>().toEqualTypeOf<{ name: Utf8; x: Float64 }>();
    const byCallback = df.groupby((r) => r.amount.gt(5)).id.max();
    expectTypeOf<ColumnsOf<typeof byCallback>>().toEqualTypeOf<{ key: Bool; id: Int64 }>();
    const agg = df.groupby('name').agg({ total: ['id', 'sum'], x: 'mean' });
    expectTypeOf<ColumnsOf<typeof agg>>().toEqualTypeOf<{ name: Utf8; total: Int64; x: Float64 }>();
    const every = df.groupby(['name'], { sort: false }).select('amount', 'id').max();
    expectTypeOf<ColumnsOf<typeof every>>().toEqualTypeOf<{ name: Utf8; amount: Float64; id: Int64 }>();
    const size = df.groupby('name').size();
    expectTypeOf(size.size).toBeFunction();
    expectTypeOf(size.col.size.sum().current).toEqualTypeOf<number | undefined>();
    const windowed = df.window('2h').groupby('name').amount.sum();
    expectTypeOf(windowed).toEqualTypeOf<typeof sumsByName>();
    expectTypeOf(toRows(windowed.current!)).toEqualTypeOf<{ name: string | null; amount: number | null }[]>();
  });

  const sumsByName = df.groupby('name').amount.sum();

  test('counts are numbers to what comes after', () => {
    const counts = df.groupby('name').agg({ rows: 'size' });
    counts.filter((r) => r.rows.gt(1));
    expectTypeOf(counts.rows.max()).toEqualTypeOf<Scalar<number | null>>();
    // @ts-expect-error not bigints
    counts.filter((r) => r.rows.gt(1n));
  });

  test('options are those there are', () => {
    df.groupby('name', { sort: false, dropna: false });
    // @ts-expect-error no such option
    df.groupby('name', { sorted: false });
  });
});

describe('kinds of stream', () => {
  const totals = df.groupby('name').amount.sum();

  test('a snapshot has rows and aggregations', () => {
    expectTypeOf(totals.filter(totals.amount.gt(1)).kind).toEqualTypeOf<'snapshot'>();
    expectTypeOf(totals.assign({ z: 1 }).kind).toEqualTypeOf<'snapshot'>();
    expectTypeOf(totals.amount.max()).toEqualTypeOf<Scalar<number | null>>();
    totals.groupby((r) => r.amount.gt(10)).amount.mean();
  });

  test('a snapshot has no window', () => {
    // @ts-expect-error windows need new rows
    totals.window(5);
    // @ts-expect-error neither after a filter
    totals.filter(totals.amount.gt(1)).window('2h');
    expectTypeOf(df.kind).toEqualTypeOf<'append'>();
    df.filter(df.ok).window(5);
  });
});

describe('the state of an aggregation', () => {
  test('comes before the value where it is asked for', () => {
    expectTypeOf(df.amount.sum({ withState: true })).toEqualTypeOf<Scalar<Stated<number>>>();
    expectTypeOf(df.amount.sum({ withState: true }).current).toEqualTypeOf<
      readonly [state: AggregationState, value: number] | undefined
    >();
    expectTypeOf(df.amount.sum({ withState: false })).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(df.select('amount', 'x').mean({ withState: true })).toEqualTypeOf<
      Scalar<Stated<{ amount: number | null; x: number | null }>>
    >();
    expectTypeOf(df.agg({ n: 'size' }, { withState: true })).toEqualTypeOf<Scalar<Stated<{ n: number }>>>();
    expectTypeOf(df.amount.agg({ n: 'count' }, { withState: true })).toEqualTypeOf<
      Scalar<Stated<{ n: number }>>
    >();
    expectTypeOf(df.numRows({ withState: true })).toEqualTypeOf<Scalar<Stated<number>>>();
    expectTypeOf(df.size()).toEqualTypeOf<Scalar<number>>();
  });

  test('comes from a window that asks for it, and from expressions of its columns', () => {
    const w = df.window({ n: 100, withState: true });
    expectTypeOf(w.amount.sum()).toEqualTypeOf<Scalar<Stated<number>>>();
    expectTypeOf(w.amount.add(1).mean()).toEqualTypeOf<Scalar<Stated<number | null>>>();
    expectTypeOf(w.amount.sum({ withState: false })).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(w.numRows()).toEqualTypeOf<Scalar<Stated<number>>>();
    expectTypeOf(w.agg({ n: 'size' })).toEqualTypeOf<Scalar<Stated<{ n: number }>>>();
    expectTypeOf(df.amount.window({ value: '1s', withState: true }).max()).toEqualTypeOf<
      Scalar<Stated<number | null>>
    >();
    expectTypeOf(df.window({ n: 100 }).amount.sum()).toEqualTypeOf<Scalar<number>>();
    expectTypeOf(w.groupby('name').amount.sum()).toEqualTypeOf<
      Scalar<Stated<RecordBatch<{ name: Utf8; amount: Float64 }>>>
    >();
  });

  test('comes with the groups as a record batch', () => {
    expectTypeOf(df.groupby('name').amount.sum({ withState: true })).toEqualTypeOf<
      Scalar<Stated<RecordBatch<{ name: Utf8; amount: Float64 }>>>
    >();
    expectTypeOf(df.groupby('name').agg({ low: ['x', 'min'] }, { withState: true })).toEqualTypeOf<
      Scalar<Stated<RecordBatch<{ name: Utf8; low: Int32 }>>>
    >();
  });

  test('is what an aggregation starts with, or a plain value where one will do', () => {
    const [state] = df.amount.sum({ withState: true }).current!;
    expectTypeOf(df.amount.sum({ start: state })).toEqualTypeOf<Scalar<number>>();
    df.amount.sum({ start: 10 });
    df.amount.mean({ start: [10, 4] });
    // @ts-expect-error an extreme starts with a state
    df.amount.max({ start: 10 });
    // @ts-expect-error a mean is of a total and a count
    df.amount.mean({ start: 10 });
    // @ts-expect-error no such option
    df.amount.sum({ begin: state });
  });

  test('evicted groups are rows with the columns of the result', () => {
    const groups = df.groupby('name', { maxGroups: 10, ttl: '5m' }).amount.sum();
    expectTypeOf(groups.evicted).toEqualTypeOf<
      StreamingDataFrame<{ name: Utf8; amount: Float64 }, 'append'>
    >();
    expectTypeOf(groups.evictedGroups).toEqualTypeOf<number>();
  });
});
