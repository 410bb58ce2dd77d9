import { Dictionary, Float64, Int32, Null, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backlog, type BacklogOptions } from '../../src/chart/backlog.ts';
import { backlogSize } from '../../src/chart/backlog-size.ts';
import { chartField } from '../../src/chart/field.ts';
import { Batch } from '../../src/columnar/batch.ts';
import { batchOf } from './fake-frame.ts';

const batch = (t: readonly number[], s?: readonly (string | null)[]): Batch =>
  Batch.of(
    batchOf({
      t: vectorFromArray(t, new Float64()),
      s: vectorFromArray(s ?? t.map(String), new Dictionary(new Utf8(), new Int32())),
    }),
  );

const make = (options: Partial<BacklogOptions>): Backlog =>
  new Backlog({
    rows: 1000,
    milliseconds: undefined,
    fields: batch([0]).schema.fields.map(chartField),
    time: 't',
    ...options,
  });

const drawn = (backlog: Backlog): number[] =>
  [...backlog.rows()].map((row) => backlog.columns[0]!.numbers[row]!);
const names = (backlog: Backlog): unknown[] =>
  [...backlog.rows()].map((row) => backlog.columns[1]!.texts![row]);

describe('Backlog', () => {
  test('keeps the newest rows, oldest first', () => {
    const backlog = make({ rows: 3 });
    backlog.append(batch([1, 2], ['a', null]));
    expect(drawn(backlog)).toEqual([1, 2]);
    backlog.append(batch([]));
    backlog.append(batch([3, 4], ['c', 'd']));
    expect(drawn(backlog)).toEqual([2, 3, 4]);
    expect(names(backlog)).toEqual([null, 'c', 'd']);
    backlog.append(batch([5, 6, 7, 8, 9]));
    expect(drawn(backlog)).toEqual([7, 8, 9]);
    expect(names(backlog)).toEqual(['7', '8', '9']);
  });

  test('is the end of all rows, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 60 })),
        (rows, sizes) => {
          const backlog = make({ rows });
          let next = 0;
          for (const size of sizes) backlog.append(batch(Array.from({ length: size }, () => next++)));
          expect(drawn(backlog)).toEqual(
            Array.from({ length: Math.min(rows, next) }, (_, i) => Math.max(0, next - rows) + i),
          );
          expect(names(backlog)).toEqual(drawn(backlog).map(String));
          expect(backlog.columns[0]!.numbers.length).toBeLessThanOrEqual(2 * rows);
        },
      ),
    );
  });

  test('keeps a span of time behind the newest', () => {
    const backlog = make({ milliseconds: 10 });
    backlog.append(batch([100, 105]));
    backlog.append(batch([110]));
    expect(drawn(backlog)).toEqual([105, 110]); // 100 is not later than 110 - 10
    backlog.append(batch([120.5]));
    expect(drawn(backlog)).toEqual([120.5]);
  });

  test('draws late rows that are in view, and none that are not, by definition', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 20 })), (batches) => {
        const backlog = make({ milliseconds: 20, orderBy: 't' });
        for (const times of batches) backlog.append(batch(times));
        const all = batches.flat();
        const newest = Math.max(...all);
        expect(drawn(backlog)).toEqual(all.filter((time) => time > newest - 20).sort((a, b) => a - b));
        expect(backlog.cut).toBe(0);
      }),
    );
  });

  test('counts rows in view for which there was no room', () => {
    const backlog = make({ milliseconds: 100, rows: 3 });
    for (let t = 0; t < 10; t++) backlog.append(batch([t]));
    expect(drawn(backlog)).toEqual([7, 8, 9]);
    expect(backlog.cut).toBe(7);
    const slow = make({ milliseconds: 2, rows: 3 });
    for (let t = 0; t < 10; t++) slow.append(batch([t]));
    expect(slow.cut).toBe(0);
  });

  test('sorts along a key, rows of one key in order of arrival', () => {
    const backlog = make({ rows: 4, orderBy: 't' });
    backlog.append(batch([3, 1, 2, 1], ['a', 'b', 'c', 'd']));
    expect(names(backlog)).toEqual(['b', 'd', 'c', 'a']);
  });

  test('replaces all rows by a snapshot, up to the limit', () => {
    const backlog = make({ rows: 3 });
    backlog.replace(batch([9, 8]));
    backlog.replace(batch([1]));
    expect(drawn(backlog)).toEqual([1]);
    backlog.replace(batch([1, 2, 3, 4]));
    expect(drawn(backlog)).toEqual([1, 2, 3]);
    expect(backlog.cut).toBe(1);
    backlog.replace(batch([]));
    expect(drawn(backlog)).toEqual([]);
  });

  test('refuses a batch that lacks a column or has another type, and keeps its rows', () => {
    const backlog = make({});
    backlog.append(batch([1]));
    expect(() => backlog.append(Batch.of(batchOf({ t: [1, 2] })))).toThrow(
      'the batch has no column "s", only t',
    );
    expect(() => backlog.append(Batch.of(batchOf({ t: ['x'], s: ['y'] })))).toThrow(
      /column "t" was Float64, the batch has/,
    );
    expect(drawn(backlog)).toEqual([1]);
  });

  test('puts rows without a key behind the others, which stay sorted', () => {
    const backlog = make({ orderBy: 't' });
    const none = Number.NaN;
    backlog.append(batch([9, none, 1, 8, none, 2, 7, none, 3]));
    expect(drawn(backlog)).toEqual([1, 2, 3, 7, 8, 9, none, none, none]);
  });

  test('of a duration lets go of a row without a time, and of those behind it', () => {
    const backlog = make({ milliseconds: 10 });
    backlog.append(batch([Number.NaN, 1, Number.NaN]));
    expect(drawn(backlog)).toEqual([1]);
    for (let t = 2; t < 300; t++) backlog.append(batch([t]));
    expect(drawn(backlog)).toEqual([290, 291, 292, 293, 294, 295, 296, 297, 298, 299]);
    expect([backlog.length, backlog.cut]).toEqual([10, 0]);
  });

  test('takes a batch in which a column is nothing but null', () => {
    const backlog = make({});
    const nulls = vectorFromArray([null, null], new Null());
    backlog.append(Batch.of(batchOf({ t: nulls, s: nulls })));
    expect([drawn(backlog), names(backlog)]).toEqual([
      [Number.NaN, Number.NaN],
      [null, null],
    ]);
  });
});

describe('backlogSize', () => {
  test('is a thousand rows by default', () => {
    expect(backlogSize(undefined)).toEqual({ rows: 1000, milliseconds: undefined });
  });

  test('is rows or a duration', () => {
    expect(backlogSize(5)).toEqual({ rows: 5, milliseconds: undefined });
    expect(backlogSize('2m')).toEqual({ rows: 20_000, milliseconds: 120_000 });
    expect(backlogSize('1s', 50)).toEqual({ rows: 50, milliseconds: 1000 });
  });

  test.each([0, -1, 1.5, Number.NaN, '5', '0s', 'soon'])('refuses %s', (backlog) => {
    expect(() => backlogSize(backlog)).toThrow(/backlog/);
  });
});
