import { Decimal, Field, Float16, Int32, makeData, Schema, Table, Vector } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordBatchOf } from '../../src/columnar/arrow.ts';
import {
  decimalColumn,
  decimalOf,
  decimalText,
  decimalToDouble,
  rescaleDecimal,
} from '../../src/columnar/decimal.ts';
import { decimal, float64, int64, runOn, StreamingDataFrame, schema, toRows, utf8 } from '../../src/index.ts';
import { valuesOf } from '../support/columns.ts';

const money = schema({ item: utf8, price: decimal(12, 2), rate: decimal(6, 4), n: int64, x: float64 });
const rows = [
  { item: 'a', price: '19.99', rate: '0.1900', n: 3n, x: 0.5 },
  { item: 'b', price: '-0.01', rate: '0.0700', n: -1n, x: 2 },
  { item: 'c', price: null, rate: null, n: null, x: null },
  { item: 'd', price: '9999999999.99', rate: '-0.1', n: 2n, x: -1 },
  { item: 'e', price: '0.10', rate: '0.1', n: 0n, x: 0.1 },
];

/** What a plan gives of each column, for all rows. */
function results(plan: (df: StreamingDataFrame<ReturnType<typeof frameTypes>>) => unknown): unknown[] {
  const df = new StreamingDataFrame({ schema: money });
  const got: unknown[] = [];
  const derived = df.assign({ out: plan(df as never) as never }) as unknown as {
    sink(fn: (batch: never) => void): void;
  };
  derived.sink((batch) => got.push(...toRows(batch).map((row) => (row as { out: unknown }).out)));
  df.emit(rows);
  return got;
}
const frameTypes = () => money.fields as never;
type Any = Record<string, Record<string, (...args: unknown[]) => unknown>>;
const of = (plan: (df: Any) => unknown): unknown[] => results(plan as never);

describe('decimals', () => {
  test('come in as texts, integers and numbers, and go out as their digits', () => {
    expect(of((df) => df.price)).toEqual(['19.99', '-0.01', null, '9999999999.99', '0.10']);
    const df = new StreamingDataFrame({
      schema: schema({ d: decimal(5, 2) }),
      onRejected: (r) => rejected.push(...r),
    });
    const rejected: { row: number; reason: string }[] = [];
    const got: unknown[] = [];
    df.sink((batch) => got.push(...toRows(batch).map((row) => row.d)));
    df.emit([
      { d: 1 },
      { d: 2n },
      { d: '3.5' },
      { d: 0.1 },
      { d: '1.234' },
      { d: '1000' },
      { d: 'x' },
      { d: '1e-2' },
    ]);
    expect(got).toEqual(['1.00', '2.00', '3.50', '0.10', '0.01']);
    expect(rejected.map(({ row }) => row)).toEqual([4, 5, 6]);
    expect(rejected[0]!.reason).toBe('expected decimal(5, 2), got "1.234"');
  });

  test('compare with decimals of another scale, integers and literals, exactly', () => {
    expect(of((df) => df.price!.gt!(df.rate))).toEqual([true, false, null, true, false]);
    expect(of((df) => df.price!.eq!(df.rate))).toEqual([false, false, null, false, true]);
    expect(of((df) => df.price!.gt!(df.n))).toEqual([true, true, null, true, true]);
    expect(of((df) => df.price!.eq!(0.1))).toEqual([false, false, null, false, true]);
    expect(of((df) => df.price!.eq!('0.1'))).toEqual([false, false, null, false, true]);
    expect(of((df) => df.price!.ge!('9999999999.990'))).toEqual([false, false, null, true, false]);
    expect(of((df) => df.price!.gt!('9999999999.98999999999999999'))).toEqual([
      false,
      false,
      null,
      true,
      false,
    ]);
    expect(of((df) => df.price!.lt!(0n))).toEqual([false, true, null, false, false]);
    expect(of((df) => df.price!.lt!(df.x))).toEqual([false, true, null, false, false]);
    expect(of((df) => df.price!.isNull!())).toEqual([false, false, true, false, false]);
    expect(() => of((df) => df.price!.gt!('much'))).toThrow(
      'column "price" of type decimal(12, 2) needs a number',
    );
    expect(() => of((df) => df.price!.gt!(df.item))).toThrow('cannot work with decimals and column "item"');
  });

  test('add, subtract and multiply exactly, and divide as floats', () => {
    expect(of((df) => df.price!.add!(df.rate))).toEqual([
      '20.1800',
      '0.0600',
      null,
      '9999999999.8900',
      '0.2000',
    ]);
    expect(of((df) => df.price!.sub!(df.n))).toEqual(['16.99', '0.99', null, '9999999997.99', '0.10']);
    expect(of((df) => df.price!.mul!(df.rate))).toEqual([
      '3.798100',
      '-0.000700',
      null,
      '-999999999.999000',
      '0.010000',
    ]);
    expect(of((df) => df.price!.mul!(1.1))).toEqual(['21.989', '-0.011', null, '10999999999.989', '0.110']);
    expect(of((df) => df.price!.neg!())).toEqual(['-19.99', '0.01', null, '-9999999999.99', '-0.10']);
    expect(of((df) => df.price!.abs!())).toEqual(['19.99', '0.01', null, '9999999999.99', '0.10']);
    expect(of((df) => df.price!.div!(2))).toEqual([9.995, -0.005, null, 4_999_999_999.995, 0.05]);
    expect(of((df) => df.price!.add!(df.x))).toEqual([20.49, 1.99, null, 9_999_999_998.99, 0.2]);
  });

  test('are summed exactly, by groups and in windows', () => {
    const df = new StreamingDataFrame({ schema: schema({ k: utf8, d: decimal(38, 10) }) });
    const sum = df.d.sum();
    const byKey = df.groupby('k').d.sum();
    const last = df.window(2).d.sum();
    const least = df.d.min();
    const most = df.groupby('k').agg({ d: 'max' });
    const mean = df.d.mean();
    expect(sum.current).toBe('0.0000000000');
    const big = '9999999999999999999999999999.9999999999';
    df.emit([
      { k: 'a', d: big },
      { k: 'b', d: '0.0000000001' },
    ]);
    df.emit([
      { k: 'a', d: big },
      { k: 'a', d: null },
      { k: 'b', d: `-${big}` },
    ]);
    expect(sum.current).toBe('10000000000000000000000000000.0000000000');
    expect(last.current).toBe(`-${big}`);
    expect(toRows(byKey.current!).map((row) => row.d)).toEqual([
      '19999999999999999999999999999.9999999998',
      '-9999999999999999999999999999.9999999998',
    ]);
    expect(least.current).toBe(`-${big}`);
    expect(toRows(most.current!).map((row) => row.d)).toEqual([big, '0.0000000001']);
    expect(mean.current).toBe(2.5e27);
  });

  test('whose sum has too many digits are an error that names node and column, and leave the sum as it was', () => {
    const df = new StreamingDataFrame({ schema: schema({ d: decimal(76, 0) }) });
    const sum = df.d.sum();
    const most = '9'.repeat(76);
    df.emit([{ d: most }]);
    expect(() => df.emit([{ d: '1' }])).toThrow(
      /^column "d": sum: 10{76} does not fit decimal\(76, 0\) \(at source › frame › sum\(d\)\)/,
    );
    expect(sum.current).toBe(most);
    df.emit([{ d: '-1' }]);
    expect(sum.current).toBe(`${'9'.repeat(75)}8`);
  });

  test('of any size and cut sum to what bigints sum to', () => {
    const value = fc.oneof(fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n), fc.bigInt(-100n, 100n));
    fc.assert(
      fc.property(fc.array(fc.array(fc.option(value), { maxLength: 5 }), { maxLength: 6 }), (batches) => {
        const df = new StreamingDataFrame({ schema: schema({ d: decimal(38, 3) }) });
        const sum = df.d.sum();
        const window = df.window(4).d.sum();
        const least = df.window(3).d.min();
        const all: (bigint | null)[] = [];
        for (const batch of batches) {
          df.emit(batch.map((d) => ({ d: d === null ? null : decimalText(d, 3) })));
          all.push(...batch);
          const total = (own: (bigint | null)[]) => own.reduce((sum: bigint, d) => sum + (d ?? 0n), 0n);
          expect(sum.current).toBe(decimalText(total(all), 3));
          expect(window.current).toBe(decimalText(total(all.slice(-4)), 3));
          const seen = all.slice(-3).filter((d) => d !== null);
          const lowest =
            seen.length === 0
              ? null
              : decimalText(
                  seen.reduce((a, b) => (a < b ? a : b)),
                  3,
                );
          expect(least.current).toBe(lowest);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('are moved to another scale, rounded half to even, or refused', () => {
    const column = decimalColumn(
      new Decimal(3, 20, 128),
      [1005n, -1015n, 1015n, 999_999n, 0n],
      (row) => row !== 4,
    );
    expect(valuesOf(rescaleDecimal(column, new Decimal(2, 10, 64)))).toEqual([
      '1.00',
      '-1.02',
      '1.02',
      '1000.00',
      null,
    ]);
    expect(valuesOf(rescaleDecimal(column, new Decimal(5, 30, 256)))).toEqual([
      '1.00500',
      '-1.01500',
      '1.01500',
      '999.99900',
      null,
    ]);
    expect(() => rescaleDecimal(column, new Decimal(2, 5, 32))).toThrow(
      '1000.00 in row 3 does not fit decimal32(5, 2)',
    );
    expect(() => rescaleDecimal(column, new Decimal(2, 9, 32), { exact: true })).toThrow(
      '1.005 in row 0 has more decimals than decimal32(9, 2)',
    );
    const none = rescaleDecimal(column, new Decimal(2, 5, 32), { fail: () => undefined });
    expect(valuesOf(none)).toEqual(['1.00', '-1.02', '1.02', null, null]);
  });

  test('are to floats what their digits are', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n),
        fc.integer({ min: 0, max: 38 }),
        (value, scale) => {
          const column = decimalColumn(new Decimal(scale, 38, 128), [value]);
          expect(decimalToDouble(column).values[0]).toBe(Number(decimalText(value, scale)));
          expect(decimalOf(decimalText(value, scale))).toEqual({ unscaled: value, scale });
        },
      ),
    );
  });

  test.each([32, 64, 128, 256])('of %i bits are group keys by value, in order', (bits) => {
    const df = new StreamingDataFrame();
    const counts = df.groupby('d').size();
    const digits = bits === 32 ? 9 : 18;
    const type = new Decimal(1, digits, bits);
    const values = ['5.0', '-5.0', '0.0', '-0.1', '5.0', '100000.5', '-100000.5', '0.0'];
    const batch = decimalBatch(
      type,
      values.map((text) => decimalOf(text)!.unscaled),
    );
    df.emit(batch);
    expect(toRows(counts.current!).map((row) => Object.values(row))).toEqual([
      ['-100000.5', 1],
      ['-5.0', 1],
      ['-0.1', 1],
      ['0.0', 2],
      ['5.0', 2],
      ['100000.5', 1],
    ]);
  });
});

function decimalBatch(type: Decimal, values: bigint[]) {
  const fields = [new Field('d', type, true)];
  return recordBatchOf(new Schema(fields), values.length, [decimalColumn(type, values)]);
}

test('decimals are ordered by value, half floats too', async () => {
  const unscaled = [150n, null, -5n, 2n ** 100n, 7n, -(2n ** 90n)];
  const words = new Uint32Array(4 * unscaled.length);
  for (const [row, value] of unscaled.entries())
    for (let k = 0; k < 4; k++)
      words[4 * row + k] = Number(BigInt.asUintN(32, (value ?? 0n) >> BigInt(32 * k)));
  const d = makeData({
    type: new Decimal(2, 38, 128),
    length: 6,
    nullCount: 1,
    nullBitmap: Uint8Array.of(0b111101, 0, 0, 0, 0, 0, 0, 0),
    data: words,
  });
  const h = makeData({
    type: new Float16(),
    length: 6,
    data: Uint16Array.of(0x3c00, 0xc200, 0x7c00, 0x8000, 0x7e00, 0x0001),
  });
  const i = makeData({ type: new Int32(), length: 6, data: Int32Array.of(0, 1, 2, 3, 4, 5) });
  const table = new Table({ d: new Vector([d]), h: new Vector([h]), i: new Vector([i]) });
  const order = async (fn: (df: StreamingDataFrame) => unknown): Promise<unknown> => [
    ...((await runOn(table, fn as never, { batchSize: 2 })) as Table).getChild('i')!,
  ];
  expect(await order((df) => df.tail(9).sort('d'))).toEqual([5, 2, 4, 0, 3, 1]);
  expect(await order((df) => df.nlargest(3, 'd'))).toEqual([3, 0, 4]);
  expect(await order((df) => df.tail(9).sort('h', { descending: true }))).toEqual([2, 0, 5, 3, 1, 4]);
  expect(await order((df) => df.nsmallest(2, 'h'))).toEqual([1, 3]);
  expect(await order((df) => df.filter((r) => r.d!.lt(1e100)))).toEqual([0, 2, 3, 4, 5]);
  const window = (key: string) => order((df) => df.setIndex(key).window({ value: 1 }).rows());
  await expect(window('d')).rejects.toThrow('has no order to take a range of');
  expect(await order((df) => df.filter((r) => r.d!.gt(1e-320)))).toEqual([0, 3, 4]);
  expect(await order((df) => df.filter((r) => r.d!.gt(-1e100).and(r.d!.lt(0))))).toEqual([2, 5]);
});

test('nulls among decimals stay nulls in running expressions, and where an aggregation has none', () => {
  const df = new StreamingDataFrame({ schema: schema({ k: utf8, d: decimal(20, 2) }) });
  const rows = [
    { k: 'a', d: null },
    { k: 'b', d: '1.50' },
    { k: null, d: '2.50' },
    { k: 'b', d: null },
  ];
  const seen: unknown[] = [];
  df.assign((r) => ({
    total: (r.d as unknown as { cumsum(): typeof r.d }).cumsum(),
    least: r.d.cummin().over(r.k),
    rolled: r.d.rolling(1).agg('sum'),
    mode: r.d.rolling(2).agg('mode').over(r.k),
    greatest: r.d.expanding().agg('max').over(r.k),
  })).sink((batch) => seen.push(...toRows(batch)));
  const groups = df.groupby('k').agg({ strict: ['d', 'sum', { skipna: false }], mode: ['d', 'mode'] });
  df.emit(rows);
  const none = { total: null, least: null, rolled: null, mode: null, greatest: null };
  const some = { least: '1.50', rolled: '1.50', mode: '1.50', greatest: '1.50' };
  expect(seen).toEqual([
    { ...rows[0], ...none },
    { ...rows[1], ...some, total: '1.50' },
    { ...rows[2], ...none, rolled: '2.50', total: '4.00' },
    { ...rows[3], ...none, mode: '1.50', greatest: '1.50' },
  ]);
  expect(toRows(groups.current!)).toEqual([
    { k: 'a', strict: null, mode: null },
    { k: 'b', strict: null, mode: '1.50' },
  ]);
});
