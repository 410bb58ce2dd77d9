import { Float64, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backlog } from '../../src/chart/backlog.ts';
import { chartField } from '../../src/chart/field.ts';
import { type Tuple, type TupleChanges, TuplePool } from '../../src/chart/tuple-pool.ts';
import { Batch } from '../../src/columnar/batch.ts';
import { batchOf } from './fake-frame.ts';

type Row = readonly [v: number | null, s: string];

/** A pool fed with snapshots, and the data set that its changes make. */
class Harness {
  readonly data = new Set<Tuple>();
  readonly #pool: TuplePool;

  constructor(groups: readonly string[]) {
    this.#pool = new TuplePool(groups);
  }

  show(rows: readonly Row[]): TupleChanges {
    const batch = Batch.of(
      batchOf({
        v: vectorFromArray(
          rows.map(([v]) => v),
          new Float64(),
        ),
        s: vectorFromArray(rows.length === 0 ? [''] : rows.map(([, s]) => s)).slice(0, rows.length),
      }),
    );
    const fields = batch.schema.fields.map(chartField);
    const backlog = new Backlog({ fields, rows: 1000, milliseconds: undefined });
    backlog.replace(batch);
    const changes = this.#pool.renew(backlog, backlog.rows());
    for (const tuple of changes.removed) expect(this.data.delete(tuple)).toBe(true);
    for (const tuple of changes.inserted) {
      expect(this.data.has(tuple)).toBe(false);
      this.data.add(tuple);
    }
    expect(this.#pool.size).toBe(rows.length);
    return changes;
  }

  rows(): Row[] {
    return [...this.data].map(({ v, s }) => [v as number | null, s as string]);
  }
}

const row = fc.tuple(fc.option(fc.integer()), fc.constantFrom('a', 'b', 'c'));

describe('TuplePool', () => {
  test('makes objects for the first rows, and writes others into them later', () => {
    const harness = new Harness([]);
    harness.show([
      [1, 'a'],
      [2, 'b'],
    ]);
    const before = [...harness.data];
    const changes = harness.show([
      [3, 'a'],
      [null, 'b'],
    ]);
    expect([changes.inserted.length, changes.removed.length]).toEqual([0, 0]);
    expect([...changes.modified]).toEqual(['v']);
    expect([...harness.data]).toEqual(before);
    expect(harness.rows()).toEqual([
      [3, 'a'],
      [null, 'b'],
    ]);
  });

  test('says nothing changed when nothing did', () => {
    const harness = new Harness(['s']);
    harness.show([
      [1, 'a'],
      [null, 'b'],
    ]);
    const { inserted, removed, modified } = harness.show([
      [1, 'a'],
      [null, 'b'],
    ]);
    expect([inserted.length, removed.length, modified.size]).toEqual([0, 0, 0]);
  });

  test('does not call a field modified for a new row alone', () => {
    const harness = new Harness([]);
    harness.show([[1, 'a']]);
    expect(
      harness.show([
        [1, 'a'],
        [2, 'b'],
      ]).modified.size,
    ).toBe(0);
  });

  test('gives null for what is not finite', () => {
    const harness = new Harness([]);
    harness.show([
      [Number.NaN, 'a'],
      [Number.NEGATIVE_INFINITY, 'b'],
    ]);
    expect(harness.rows()).toEqual([
      [null, 'a'],
      [null, 'b'],
    ]);
  });

  test('uses objects that were taken out again', () => {
    const harness = new Harness(['s']);
    const all = new Set<Tuple>();
    for (let n = 0; n < 200; n++) {
      const rows = Array.from({ length: 10 }, (_, i): Row => [n + i, `series ${(n * i) % 7}`]);
      for (const tuple of harness.show(rows).inserted) all.add(tuple);
    }
    expect(all.size).toBeLessThanOrEqual(20);
  });

  test('is at every time the rows it was shown, each series in order', () => {
    fc.assert(
      fc.property(fc.constantFrom([], ['s']), fc.array(fc.array(row, { maxLength: 12 })), (groups, shows) => {
        const harness = new Harness(groups);
        for (const rows of shows) {
          harness.show(rows);
          for (const series of groups.length === 0 ? [undefined] : ['a', 'b', 'c']) {
            const of = (list: readonly Row[]): Row[] =>
              list.filter(([, s]) => series === undefined || s === series);
            expect(of(harness.rows())).toEqual(of(rows));
          }
        }
      }),
    );
  });

  test('never changes the series of an object that stays', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 12 })), (shows) => {
        const harness = new Harness(['s']);
        for (const rows of shows) expect(harness.show(rows).modified.has('s')).toBe(false);
      }),
    );
  });
});
