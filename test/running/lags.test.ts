import {
  type DataType,
  DateDay,
  Dictionary,
  DurationMillisecond,
  Field,
  Float64,
  Int32,
  Int64,
  LargeList,
  List,
  makeData,
  Struct,
  Table,
  TimestampMillisecond,
  Utf8,
  Utf8View,
  Vector,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column } from '../../src/columnar/column.ts';
import { valuesOf } from '../../src/columnar/value.ts';
import { runOn } from '../../src/index.ts';
import { viewsOf } from '../expr/run.ts';
import { column } from '../support/columns.ts';
import { batchesOf, boundOf, cuts, type Given, results, rowsBefore } from './run.ts';

const float = fc.oneof(
  fc.constantFrom(null, Number.NaN, Infinity, -Infinity, 1e16, -1e16, 0, -0),
  fc.integer({ min: -50, max: 50 }).map((n) => n / 7),
);
const text = fc.constantFrom(null, '', 'a', 'Bob', '😀', '￿', 'a long string that is more than one word');
const item = new Field('item', new Utf8(), true);

/** Values of many types. */
const columns: Record<string, readonly [make: (values: unknown[]) => Column, values: fc.Arbitrary<unknown>]> =
  {
    float64: [(values) => column(new Float64(), values), float],
    int32: [(values) => column(new Int32(), values), fc.option(fc.integer())],
    int64: [(values) => column(new Int64(), values), fc.option(fc.bigInt(-(2n ** 62n), 2n ** 62n))],
    utf8: [(values) => column(new Utf8(), values), text],
    dictionary: [(values) => column(new Dictionary(new Utf8(), new Int32()), values), text],
    timestamp: [(values) => column(new TimestampMillisecond(), values), fc.option(fc.nat())],
    list: [(values) => column(new List(item), values), fc.option(fc.array(text, { maxLength: 3 }))],
    struct: [
      (values) => column(new Struct([new Field('a', new Utf8(), true)]), values),
      fc.option(fc.record({ a: text })),
    ],
  };

const keys = fc.constantFrom('a', 'b', 'c', null);

/** Rows, cuts, with or without groups, and where to hand the state over. */
function rowsOf(values: fc.Arbitrary<unknown>): fc.Arbitrary<{
  rows: { value: unknown; key: string | null }[];
  lengths: number[];
  grouped: boolean;
  handOver: number;
  n: number;
}> {
  return fc.record({
    rows: fc.array(fc.record({ value: values, key: keys }), { maxLength: 60 }),
    lengths: cuts,
    grouped: fc.boolean(),
    handOver: fc.nat(12),
    n: fc.integer({ min: 1, max: 4 }),
  });
}

function missing(value: unknown): boolean {
  return value === null || Number.isNaN(value);
}

describe.each(Object.entries(columns))('of %s columns', (_, [make, values]) => {
  test('shift gives the row n before in its group', () => {
    fc.assert(
      fc.property(rowsOf(values), ({ rows, lengths, grouped, handOver, n }) => {
        const of = make(rows.map(({ value }) => value));
        const by = grouped ? rows.map(({ key }) => key) : undefined;
        const given: Given = {
          fn: 'shift',
          options: { n },
          args: [of],
          by: by === undefined ? [] : [column(new Utf8(), by)],
        };
        const whole = results({ ...given, options: { n: rows.length + 1 } }, 0, []);
        expect(whole).toEqual([]);
        const own = rows.map(({ value }) => value);
        const wanted = rows.map((_row, i) => own[rowsBefore(by, i).at(-1 - n) ?? -1] ?? null);
        expect(results(given, rows.length, lengths, handOver)).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test('forwardFill gives the last value that was there', () => {
    fc.assert(
      fc.property(rowsOf(values), ({ rows, lengths, grouped, handOver, n }) => {
        const own = rows.map(({ value }) => value);
        const by = grouped ? rows.map(({ key }) => key) : undefined;
        const limit = n === 4 ? undefined : n;
        const wanted = rows.map((_row, i) => {
          const before = rowsBefore(by, i);
          const last = before.findLastIndex((row) => !missing(own[row]));
          if (before.length === 0) return null;
          if (last < 0 || before.length - 1 - last > (limit ?? Infinity)) return own[i];
          return own[before[last]!];
        });
        const given: Given = {
          fn: 'forwardFill',
          options: { limit },
          args: [make(own)],
          by: by === undefined ? [] : [column(new Utf8(), by)],
        };
        expect(results(given, rows.length, lengths, handOver)).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });
});

test('diff is exact for integers and a duration for times', () => {
  const of = (type: ConstructorParameters<typeof Object>[0], values: unknown[]): unknown[] =>
    results({ fn: 'diff', options: { n: 1 }, args: [column(type, values)] }, values.length, [1, 2]);
  const big = 9_007_199_254_740_993n;
  expect(of(new Int64(), [1n, big, null, 3n, -big])).toEqual([null, big - 1n, null, null, -big - 3n]);
  expect(of(new Int32(), [-(2 ** 31), 2 ** 31 - 1, null, 4, 1])).toEqual([
    null,
    2n ** 32n - 1n,
    null,
    null,
    -3n,
  ]);
  expect(of(new Float64(), [1.5, 4, Number.NaN, 1, null, 2])).toEqual([null, 2.5, NaN, NaN, null, null]);
  expect(of(new TimestampMillisecond(), [1000, 1500, 700])).toEqual([null, 500, -800]);
  expect(of(new DurationMillisecond(), [10n, 15n])).toEqual([null, 5]);
  expect(of(new DateDay(), [0, 86_400_000 * 3])).toEqual([null, 3 * 86_400]);
  expect(boundOf({ fn: 'diff', args: [column(new DateDay(), [])] }).output).toMatchObject({ unit: 0 });
  expect(() => of(new Utf8(), ['a'])).toThrow('diff is not available on utf8 columns');
});

test('pctChange is a fraction of the row before', () => {
  const args = [column(new Float64(), [2, 3, 0, 5, null, 5])];
  expect(results({ fn: 'pctChange', options: { n: 1 }, args }, 6, [2])).toEqual([
    null,
    0.5,
    -1,
    Infinity,
    null,
    null,
  ]);
});

test.each([false, true])('a difference that does not fit changes nothing (groups: %s)', (grouped) => {
  const values = column(new Int64(), [5n, -(2n ** 62n), 2n ** 62n, 2n ** 62n + 1n, 7n, 1n]);
  const given: Given = {
    fn: 'diff',
    options: { n: 1 },
    args: [values],
    by: grouped ? [column(new Utf8(), ['a', 'a', 'a', 'a', 'a', 'a'])] : [],
  };
  const state = boundOf(given).create();
  const batches = batchesOf(given, 6, [1, 1, 2, 1, 1]);
  const seen: unknown[] = [];
  for (const batch of batches) {
    try {
      seen.push(valuesOf(state.update(batch)));
    } catch (error) {
      seen.push((error as { code: string }).code);
    }
  }
  expect(seen).toEqual([[null], [-(2n ** 62n) - 5n], 'overflow', [7n + 2n ** 62n], [-6n], []]);
});

test('a lag keeps n rows of each group and no more', () => {
  const given: Given = {
    fn: 'shift',
    options: { n: 2 },
    args: [column(new Utf8(), [])],
    by: [column(new Int32(), [])],
  };
  const state = boundOf(given).create();
  for (let i = 0; i < 300; i++) {
    const rows = Array.from({ length: 20 }, (_, k) => 20 * i + k);
    state.update({
      length: 20,
      args: [column(new Utf8(), rows.map(String))],
      by: [
        column(
          new Int32(),
          rows.map((row) => row % 7),
        ),
      ],
    });
  }
  const saved = state.save() as { lag: { pool: { rows: { length: number; bytes: Uint8Array } } } };
  expect(saved.lag.pool.rows.length).toBe(14);
  expect(saved.lag.pool.rows.bytes.length).toBe(14 * 4);
});

test('rows of nested types are shifted across batches', async () => {
  const strings = ['a', 'a string too long for a view to hold', null, 'b', '', 'c'];
  const views = viewsOf(strings).data[0]!;
  const item = new Field('item', new Utf8View(), true);
  const of = (type: DataType, valueOffsets: unknown): Vector =>
    new Vector([makeData({ type, length: 4, nullCount: 0, valueOffsets, child: views } as never)]);
  const table = new Table({
    large: of(new LargeList(item), BigInt64Array.of(0n, 2n, 2n, 5n, 6n)),
    small: of(new List(item), Int32Array.of(0, 2, 2, 5, 6)),
  });
  const texts = (rows: Table, name: string): unknown[] =>
    [...rows.getChild(name)!].map((list) => (list === null ? null : [...(list as Vector)]));
  const shifted = await runOn(
    table,
    (df) => df.assign((r) => ({ l: r.large.shift(), s: r.small.shift() }) as never),
    { batchSize: 1 },
  );
  const wanted = [null, ['a', 'a string too long for a view to hold'], [], [null, 'b', '']];
  expect(texts(shifted as never, 'l')).toEqual(wanted);
  expect(texts(shifted as never, 's')).toEqual(wanted);
});

test('rows far before are found, however they came', () => {
  const values = Array.from({ length: 30_000 }, (_, i) => (i % 11 === 0 ? null : `v${i}`));
  const n = 9000;
  const given: Given = { fn: 'shift', options: { n }, args: [column(new Utf8(), values)] };
  const wanted = values.map((_, i) => values[i - n] ?? null);
  const few = Array.from({ length: 500 }, (_, i) => i % 4);
  const lengths = [0, 1, 1, 5000, ...few, 12_000, ...few, 3000];
  expect(results(given, values.length, lengths, 700)).toEqual(wanted);
  expect(results(given, values.length, new Array<number>(15_000).fill(1), 12_000)).toEqual(wanted);
});

test('a batch that fails leaves the rows of each group as they were', () => {
  const key = fc.constantFrom('a', 'b', null);
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.bigInt(-100n, 100n) },
    { weight: 1, arbitrary: fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n)) },
  );
  const batch = fc.array(fc.record({ key, value }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), (batches, n) => {
      const given: Given = {
        fn: 'diff',
        options: { n },
        args: [column(new Int64(), [])],
        by: [column(new Utf8(), [])],
      };
      const state = boundOf(given).create();
      const kept: { key: string | null; value: bigint }[] = [];
      for (const rows of batches) {
        const wanted = rows.map((row, i) => {
          const own = [...kept, ...rows.slice(0, i + 1)].filter(({ key }) => key === row.key);
          const before = row.key === null ? undefined : own[own.length - 1 - n];
          return before === undefined ? null : row.value - before.value;
        });
        const input = {
          length: rows.length,
          args: [
            column(
              new Int64(),
              rows.map(({ value }) => value),
            ),
          ],
          by: [
            column(
              new Utf8(),
              rows.map(({ key }) => key),
            ),
          ],
        };
        if (wanted.some((d) => d !== null && BigInt.asIntN(64, d) !== d)) {
          expect(() => state.update(input)).toThrow('does not fit');
          continue;
        }
        expect([...valuesOf(state.update(input))]).toEqual(wanted);
        kept.push(...rows);
      }
    }),
  );
});

test('a long lag costs a group what it has, not what it may have', () => {
  const values = Array.from({ length: 2000 }, (_, i) => i);
  const given: Given = {
    fn: 'shift',
    options: { n: 1_000_000 },
    args: [column(new Int32(), values)],
    by: [column(new Int32(), values)],
  };
  const state = boundOf(given).create();
  for (const input of batchesOf(given, values.length, [])) state.update(input);
  const { lag } = state.save() as { lag: Record<string, { byteLength?: number }> };
  for (const { byteLength = 0 } of Object.values(lag)) expect(byteLength).toBeLessThan(100_000);
});
