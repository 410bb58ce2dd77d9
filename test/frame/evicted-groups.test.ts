import type { RecordBatch } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float64, int64, StreamingDataFrame, schema, timestamp, toRows, utf8 } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const columns = schema({ t: timestamp('ms'), k: utf8, x: float64 });
type Row = { t: number | null; k: string | null; x: number };

/** The groups as a plain map in order of their last row, and what has left it. */
class Plain {
  readonly groups = new Map<string, { sum: number; n: number; stamp: number; born: number }>();
  readonly evicted: { k: string; sum: number; n: number }[] = [];
  newest = -Infinity;
  births = 0;

  take({ k, x }: Row): void {
    if (k === null) return;
    const { sum, n, born } = this.groups.get(k) ?? { sum: 0, n: 0, born: this.births++ };
    this.groups.delete(k);
    this.groups.set(k, { sum: sum + x, n: n + 1, stamp: this.newest, born });
  }

  evictWhile(isDue: (stamp: number, size: number) => boolean): void {
    for (const [k, { sum, n, stamp }] of [...this.groups]) {
      if (!isDue(stamp, this.groups.size)) break;
      this.groups.delete(k);
      this.evicted.push({ k, sum, n });
    }
  }

  rows(sort: boolean): { k: string; sum: number; n: number }[] {
    const groups = [...this.groups].sort(([a, x], [b, y]) => (sort ? (a < b ? -1 : 1) : x.born - y.born));
    return groups.map(([k, { sum, n }]) => ({ k, sum, n }));
  }
}

const rows = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 0, 1, 2, 9),
      late: fc.constantFrom(0, 0, 0, 4, 30),
      timeless: fc.integer({ min: 0, max: 9 }),
      k: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', null),
      x: fc.integer({ min: -50, max: 50 }),
    }),
    { maxLength: 60 },
  )
  .map((all) => {
    let t = 1000;
    return all.map(({ step, late, timeless, k, x }): Row => {
      t += step;
      return { t: timeless === 0 ? null : t - late, k, x };
    });
  });

/** Cuts rows into batches, empty ones among them. */
const batches = fc
  .tuple(rows, fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1 }))
  .map(([all, sizes]) => {
    const cut: Row[][] = [];
    for (let from = 0, i = 0; from < all.length; i++) {
      const size = i > 200 ? all.length : sizes[i % sizes.length]!;
      cut.push(all.slice(from, from + size));
      from += size;
    }
    return cut;
  });

const spec = { sum: ['x', 'sum'], n: 'size' } as const;
const shown = (batch: RecordBatch | undefined) => toRows(batch!).map((row) => ({ ...row }));

describe('groups beyond maxGroups', () => {
  test('leave after a batch, the least recently updated first', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 5 }), fc.boolean(), (all, maxGroups, sort) => {
        const df = new StreamingDataFrame({ schema: columns });
        const groups = df.groupby('k', { maxGroups, sort }).agg(spec);
        const evicted: unknown[] = [];
        groups.evicted.sink((batch) => evicted.push(...shown(batch)));
        const plain = new Plain();
        for (const batch of all) {
          df.emit(batch);
          for (const row of batch) plain.take(row);
          plain.evictWhile((_, size) => size > maxGroups);
          expect(shown(groups.current)).toEqual(plain.rows(sort));
          expect(evicted).toEqual(plain.evicted);
          expect(groups.evictedGroups).toBe(plain.evicted.length);
        }
      }),
    );
  });

  test('leave in the middle of a large batch, too', () => {
    const df = new StreamingDataFrame({ schema: schema({ k: int64, x: float64 }) });
    const groups = df.groupby('k', { maxGroups: 100 }).x.sum();
    const n = 10_000;
    df.emit({ k: BigInt64Array.from({ length: n }, (_, i) => BigInt(i)), x: new Float64Array(n).fill(1) });
    expect(groups.current!.numRows).toBe(100);
    expect(toRows(groups.current!)[0]).toEqual({ k: 9900n, x: 1 });
    expect(groups.evictedGroups).toBe(n - 100);
  });
});

test('both limits hold together, wherever runs of rows end', () => {
  fc.assert(
    fc.property(
      batches,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 4 }),
      (all, ttl, maxGroups) => {
        const df = new StreamingDataFrame({ schema: columns, time: 't' });
        const groups = df.groupby('k', { ttl: `${ttl}ms`, maxGroups }).agg(spec);
        const plain = new Plain();
        for (const batch of all) {
          df.emit(batch);
          for (const row of batch) {
            plain.newest = Math.max(plain.newest, row.t ?? -Infinity);
            plain.evictWhile((stamp) => plain.newest - stamp > ttl);
            plain.take(row);
          }
          plain.evictWhile((_, size) => size > maxGroups);
          expect(shown(groups.current)).toEqual(plain.rows(true));
          expect(groups.evictedGroups).toBe(plain.evicted.length);
        }
      },
    ),
  );
});

describe('groups older than ttl', () => {
  test('are told apart to the nanosecond, far from 1970', () => {
    const df = new StreamingDataFrame({
      schema: schema({ t: timestamp('ns'), k: utf8, x: float64 }),
      time: 't',
    });
    const groups = df.groupby('k', { ttl: '100ns' }).x.sum();
    const t = 1_700_000_000_000_000_001n;
    const seen = (): unknown[] => toRows(groups.current!).map(({ k }) => k);
    df.emit([
      { t, k: 'a', x: 1 },
      { t: t + 50n, k: 'b', x: 1 },
      { t: t + 100n, k: 'c', x: 1 },
    ]);
    expect(seen()).toEqual(['a', 'b', 'c']);
    df.emit([{ t: t + 101n, k: 'c', x: 1 }]);
    expect(seen()).toEqual(['b', 'c']);
  });

  test('leave by the time key, row by row, wherever the batches are cut', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 20 }), fc.boolean(), (all, ttl, sort) => {
        const df = new StreamingDataFrame({ schema: columns, time: 't' });
        const groups = df
          .filter((r) => r.x.gt(-40))
          .groupby('k', { ttl: `${ttl}ms`, sort })
          .agg(spec);
        const evicted: unknown[] = [];
        groups.evicted.sink((batch) => evicted.push(...shown(batch)));
        const plain = new Plain();
        for (const batch of all) {
          df.emit(batch);
          for (const row of batch.filter(({ x }) => x > -40)) {
            plain.newest = Math.max(plain.newest, row.t ?? -Infinity);
            plain.evictWhile((stamp) => plain.newest - stamp > ttl);
            plain.take(row);
          }
          expect(shown(groups.current)).toEqual(plain.rows(sort));
          expect(evicted).toEqual(plain.evicted);
        }
      }),
    );
  });

  test('leave in large batches as in small ones', () => {
    const n = 5000;
    const all = Array.from({ length: n }, (_, i) => ({ t: i, k: `${(i * 7919) % 300}`, x: i }));
    const run = (size: number) => {
      const df = new StreamingDataFrame({ schema: columns, time: 't' });
      const groups = df.groupby('k', { ttl: '280ms', sort: false }).agg(spec);
      const evicted: unknown[] = [];
      groups.evicted.sink((batch) => evicted.push(...shown(batch)));
      for (let from = 0; from < n; from += size) df.emit(all.slice(from, from + size));
      return [evicted, shown(groups.current)];
    };
    expect(run(n)).toEqual(run(1));
    expect(run(333)).toEqual(run(1));
  });

  test('leave by the clock where no time key is declared', async () => {
    const clock = new VirtualClock();
    const df = new StreamingDataFrame({ schema: columns, clock });
    const groups = df.groupby('k', { ttl: '1s' }).agg(spec);
    df.emit([{ k: 'a', x: 1 }]);
    await clock.advance('600ms');
    df.emit([{ k: 'b', x: 2 }]);
    await clock.advance('600ms');
    expect(shown(groups.current)).toHaveLength(2); // time is looked at when rows come
    df.emit([{ k: 'b', x: 3 }]);
    expect(shown(groups.current)).toEqual([{ k: 'b', sum: 5, n: 2 }]);
    await clock.advance('1000ms');
    df.emit([{ k: 'b', x: 4 }]);
    expect(shown(groups.current)).toEqual([{ k: 'b', sum: 9, n: 3 }]);
    await clock.advance('1001ms');
    df.emit([{ k: 'b', x: 5 }]);
    expect(shown(groups.current)).toEqual([{ k: 'b', sum: 5, n: 1 }]);
    expect(groups.evictedGroups).toBe(2);
  });

  test('leave by a time key of nanoseconds that a selection has left out', () => {
    const df = new StreamingDataFrame({
      schema: schema({ t: timestamp('ns'), k: utf8, x: float64 }),
      time: 't',
    });
    const groups = df.select('k', 'x').groupby('k', { ttl: '2us' }).agg(spec);
    const t = 1_700_000_000_000_000_000n;
    df.emit([
      { t, k: 'a', x: 1 },
      { t: t + 1500n, k: 'b', x: 1 },
      { t: t + 3000n, k: 'b', x: 1 },
    ]);
    expect(shown(groups.current)).toEqual([{ k: 'b', sum: 2, n: 2 }]);
  });
});

test('a key that comes back begins afresh', () => {
  const df = new StreamingDataFrame({ schema: columns });
  const groups = df.groupby('k', { maxGroups: 1 }).agg(spec);
  for (const k of ['a', 'a', 'b', 'a']) df.emit([{ k, x: 1 }]);
  expect(shown(groups.current)).toEqual([{ k: 'a', sum: 1, n: 1 }]);
  expect(groups.evictedGroups).toBe(2);
});

test('evicted groups are a frame of new rows', () => {
  const df = new StreamingDataFrame({ schema: columns });
  const groups = df.groupby('k', { maxGroups: 1 }).agg(spec);
  const large = groups.evicted.filter((r) => r.sum.gt(1));
  expect(large.kind).toBe('append');
  expect(groups.evicted.columns).toEqual(['k', 'sum', 'n']);
  const total = groups.evicted.col.sum.sum();
  const seen: unknown[] = [];
  large.sink((batch) => seen.push(shown(batch)));
  df.emit([{ k: 'a', x: 1 }]);
  df.emit([]);
  df.emit([{ k: 'b', x: 2 }]);
  df.emit([]);
  df.emit([{ k: 'b', x: 3 }]);
  df.emit([{ k: 'c', x: 4 }]);
  expect(seen).toEqual([[], [{ k: 'b', sum: 5, n: 2 }]]);
  expect(total.current).toBe(6);
});

test('a batch that fails leaves groups and their order as they were', () => {
  const df = new StreamingDataFrame({ schema: schema({ k: utf8, w: int64 }) });
  const groups = df.groupby('k', { maxGroups: 2 }).w.sum();
  const evicted: unknown[] = [];
  groups.evicted.sink((batch) => evicted.push(shown(batch)));
  const far = 2n ** 63n - 1n;
  df.emit([
    { k: 'a', w: 1n },
    { k: 'b', w: far },
  ]);
  expect(() =>
    df.emit([
      { k: 'c', w: 1n },
      { k: 'b', w: 1n },
    ]),
  ).toThrow('does not fit');
  expect(shown(groups.current)).toEqual([
    { k: 'a', w: 1n },
    { k: 'b', w: far },
  ]);
  expect(groups.evictedGroups).toBe(0);
  df.emit([{ k: 'c', w: 1n }]);
  expect(shown(groups.current)).toEqual([
    { k: 'b', w: far },
    { k: 'c', w: 1n },
  ]);
  expect(evicted).toEqual([[{ k: 'a', w: 1n }]]);
});

test('limits are for groups over all time, and checked', () => {
  const df = new StreamingDataFrame({ schema: columns, time: 't' });
  expect(() => df.window(5).groupby('k', { maxGroups: 2 })).toThrow(
    'in a window, groups leave with their last row',
  );
  expect(() => df.groupby('k').x.sum().groupby('k', { ttl: '5m' })).toThrow('a snapshot stream');
  expect(() => df.groupby('k', { maxGroups: 0 })).toThrow(
    'maxGroups must be a whole number of at least 1, got 0',
  );
  expect(() => df.groupby('k', { ttl: 5 as never })).toThrow('ttl must be a string with a unit');
  expect(() => df.groupby('k', { ttl: '0s' })).toThrow('longer than nothing');
  expect(() => df.groupby('k', { maxGroup: 5 } as never)).toThrow('did you mean "maxGroups"?');
  expect(() => df.groupby('k').x.sum().evicted).toThrow('no groups are evicted here');
  expect(df.groupby('k').x.sum().evictedGroups).toBe(0);
});

test('a million keys through a window of 10,000 rows are never more than 10,000 groups', () => {
  const df = new StreamingDataFrame({ schema: schema({ k: int64, x: float64 }) });
  const groups = df.window(10_000).groupby('k').agg(spec);
  const size = 25_000;
  const k = new BigInt64Array(size);
  const x = new Float64Array(size).fill(1);
  for (let from = 0; from < 1_000_000; from += size) {
    for (let i = 0; i < size; i++) k[i] = BigInt(from + i) * 2_654_435_761n;
    df.emit({ k: k.slice(), x });
    expect(groups.current!.numRows).toBe(10_000);
  }
});
