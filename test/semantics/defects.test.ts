import { serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { float64, StreamingDataFrame, schema, timestamp, toRows, utf8 } from '../../src/index.ts';

/** What other streaming dataframes are known to get wrong. Batches are rows of one column `x`, or pairs of seconds and `x`. */
type Batches = readonly (readonly (number | null)[])[];
type Timed = readonly (readonly (readonly [seconds: number, x: number])[])[];

const S = schema({ t: timestamp('ns'), k: utf8, x: float64 });
const frame = () => new StreamingDataFrame({ schema: S, time: 't' });

const plainBatches = (batches: Batches): object[][] =>
  batches.map((batch) => batch.map((x) => ({ t: 0n, k: 'a', x })));
const timed = (batches: Timed): object[][] =>
  batches.map((batch) => batch.map(([s, x]) => ({ t: BigInt(Math.round(s * 1e9)), k: 'a', x })));

/** The value after each batch. */
function values(
  make: (df: ReturnType<typeof frame>) => { readonly current: unknown },
  batches: object[][],
): unknown[] {
  const df = frame();
  const result = make(df);
  return batches.map((batch) => {
    df.emit(batch);
    return result.current;
  });
}

/** All rows that came out. */
function rows(
  make: (df: ReturnType<typeof frame>) => { sink(fn: (values: Iterable<unknown>) => void): unknown },
  batches: object[][],
): unknown[] {
  const df = frame();
  const seen: unknown[] = [];
  make(df).sink((some) => seen.push(...some));
  for (const batch of batches) df.emit(batch);
  return seen;
}

test('1. an empty batch counts for nothing in a mean', () => {
  expect(values((df) => df.x.mean(), plainBatches([[], [10]]))).toEqual([null, 10]);
});

test('2. a running total outlives a row that is missing at the end of a batch', () => {
  expect(rows((df) => df.x.cumsum(), plainBatches([[1, Number.NaN], [2]]))).toEqual([1, Number.NaN, 3]);
});

test('3. a rolling window begins with its first row', () => {
  expect(
    rows(
      (df) => df.x.rolling(3).mean(),
      plainBatches([
        [1, 2],
        [3, 4],
      ]),
    ),
  ).toEqual([1, 1.5, 2, 3]);
});

test('4. an infinity that has left leaves nothing behind', () => {
  const got = values((df) => df.window(1).x.sum(), plainBatches([[Number.POSITIVE_INFINITY], [1], [2]]));
  expect(got).toEqual([Number.POSITIVE_INFINITY, 1, 2]);
});

test('5. a great number that has left leaves nothing behind', () => {
  expect(values((df) => df.window(2).x.sum(), plainBatches([[1e16], [1], [1], [1]])).at(-1)).toBe(2);
});

test('6. a variance far from zero does not cancel', () => {
  expect(values((df) => df.window(3).x.var(), plainBatches([[1e9 + 1], [1e9 + 2], [1e9 + 3]])).at(-1)).toBe(
    1,
  );
});

test('7. a window can be asked before there are rows', () => {
  const df = frame();
  expect(df.window(3).x.var().current).toBeNull();
  expect(df.window('3s').x.std().current).toBeNull();
});

test('8. a batch whose times are not in order', () => {
  expect(
    values(
      (df) => df.window('10s').x.sum(),
      timed([
        [
          [0, 1],
          [20, 2],
          [15, 4],
        ],
      ]),
    ),
  ).toEqual([6]);
});

test('9. a row that comes when it is already out of view does not enter', () => {
  expect(values((df) => df.window('10s').x.sum(), timed([[[20, 2]], [[0, 1]], [[21, 8]]]))).toEqual([
    2, 2, 10,
  ]);
});

test('10. the end of a window that is open is told to the nanosecond', () => {
  expect(values((df) => df.window('10s').x.sum(), timed([[[0, 1]], [[1e-9, 2]], [[10, 4]]])).at(-1)).toBe(6);
});

test('11. a value that has left is counted no more', () => {
  const df = frame();
  const counts = df.window(2).x.valueCounts();
  for (const batch of plainBatches([[1], [2], [3]])) df.emit(batch);
  expect(toRows(counts.current!)).toEqual([
    { value: 2, count: 1 },
    { value: 3, count: 1 },
  ]);
});

test('12. the sum of a group is exact after its other rows have left', () => {
  const df = frame();
  const sums = df.window(1).groupby('k').x.sum();
  for (const batch of plainBatches([[0.1], [0.2], [0.3], [0]])) df.emit(batch);
  expect(toRows(sums.current!)).toEqual([{ k: 'a', x: 0 }]);
});

test('13. an expanding aggregation keeps a state, not the rows', () => {
  const df = frame();
  const sums = df.x.expanding().sum();
  sums.sink(() => {});
  const size = (): number => serialize(sums.stream.graph.snapshot()).byteLength;
  df.emit(plainBatches([[1]])[0]!);
  const before = size();
  for (let i = 0; i < 100; i++) df.emit(plainBatches([Array.from({ length: 100 }, () => 1)])[0]!);
  expect(size()).toBeLessThan(before + 100);
});

test('14. an exponentially weighted mean has one value per row', () => {
  const got = rows((df) => df.x.ewm({ com: 1 }).mean(), plainBatches([[1, 2], [], [3]]));
  expect(got).toEqual([1, 5 / 3, 17 / 7].map((value) => expect.closeTo(value as number, 14)));
});
