import { setImmediate } from 'node:timers/promises';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type RecordBatch, Table, tableFromArrays, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  bool,
  type Column,
  dictionary,
  float64,
  int32,
  literal,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';
import { recordBatch } from '../support/columns.ts';

const types = { name: utf8, x: float64, n: int32 };
const frame = () => new StreamingDataFrame({ schema: schema(types) });

/** The rows of every batch that comes by. */
function rowsOf(df: { sink(fn: (batch: RecordBatch) => unknown): unknown }): Record<string, unknown>[][] {
  const seen: Record<string, unknown>[][] = [];
  df.sink((batch) => seen.push(toRows(batch)));
  return seen;
}

const some = [
  { name: 'a', x: 1, n: 1 },
  { name: null, x: Number.NaN, n: 2 },
  { name: 'b', x: null, n: 3 },
  { name: 'a', x: -0, n: null },
];

/** The memory that a column of a batch lies in. */
const memory = (batch: RecordBatch, name: string) => batch.getChild(name)!.data[0]!.values.buffer;

describe('filter', () => {
  test('keeps the rows for which the condition is true, not those for which it is null', () => {
    const df = frame();
    const positive = rowsOf(df.filter(df.x.gt(0)));
    const other = rowsOf(df.filter(df.x.gt(0).not()));
    const named = rowsOf(df.filter((r) => r.name.ne('a')));
    const missing = rowsOf(df.filter((r) => r.name.eq(null).or(r.x.isNaN())));
    df.emit(some);
    expect(positive).toEqual([[some[0]]]);
    expect(other).toEqual([[some[1], some[3]]]);
    expect(named).toEqual([[some[2]]]);
    expect(missing).toEqual([[some[1]]]);
  });

  test('hands on the columns themselves where it drops nothing', () => {
    const df = frame();
    const batch = recordBatch({
      name: vectorFromArray(['a', 'b'], utf8),
      x: vectorFromArray([1, 2], float64),
      n: vectorFromArray([1, 2], int32),
    });
    let got: RecordBatch | undefined;
    df.filter(df.x.gt(0))
      .filter(df.n.ge(1))
      .sink((value) => {
        got = value;
      });
    df.emit(batch);
    for (const name of ['name', 'x', 'n']) expect(memory(got!, name)).toBe(memory(batch, name));
    const before = memory(got!, 'x');
    df.emit(batch.slice(0, 1));
    expect(memory(got!, 'x')).toBe(before);
    expect(toRows(got!)).toEqual([{ name: 'a', x: 1, n: 1 }]);
  });

  test('drops rows of slices, with their nulls', () => {
    const df = new StreamingDataFrame({ schema: schema({ ...types, ok: bool }) });
    const kept = rowsOf(df.filter(df.n.mod(2).eq(0)));
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const whole = recordBatch({
      name: vectorFromArray(
        numbers.map((i) => (i % 3 === 0 ? null : `s${i}`)),
        utf8,
      ),
      x: vectorFromArray(
        numbers.map((i) => (i % 5 === 0 ? null : i / 2)),
        float64,
      ),
      n: vectorFromArray(numbers, int32),
      ok: vectorFromArray(
        numbers.map((i) => (i % 7 === 0 ? null : i % 4 === 0)),
        bool,
      ),
    });
    for (const [from, to] of [
      [3, 17],
      [9, 40],
      [11, 12],
    ] as const) {
      kept.length = 0;
      df.emit(whole.slice(from, to));
      expect(kept).toEqual([
        toRows(whole)
          .slice(from, to)
          .filter(({ n }) => (n as number) % 2 === 0),
      ]);
    }
  });

  test('keeps the dictionary of a column', () => {
    const df = new StreamingDataFrame({ schema: schema({ name: dictionary(), n: int32 }) });
    const names = vectorFromArray(['a', 'b', 'a', null], dictionary());
    let got: RecordBatch | undefined;
    df.filter(df.name.eq('a').or(df.n.eq(4))).sink((value) => {
      got = value;
    });
    df.emit(recordBatch({ name: names, n: vectorFromArray([1, 2, 3, 4], int32) }));
    expect(toRows(got!)).toEqual([
      { name: 'a', n: 1 },
      { name: 'a', n: 3 },
      { name: null, n: 4 },
    ]);
    expect(got!.getChild('name')!.data[0]!.dictionary!.data[0]!.values).toBe(
      names.data[0]!.dictionary!.data[0]!.values,
    );
  });
});

describe('assign', () => {
  test('computes each column from the columns as they were before', () => {
    const df = frame();
    const swapped = rowsOf(df.assign({ x: df.n, n: df.x, sum: (r) => r.x.add(r.n) }));
    df.emit(some.slice(0, 1));
    df.emit([{ name: 'c', x: 0.5, n: 7 }]);
    expect(swapped).toEqual([[{ name: 'a', x: 1, n: 1, sum: 2 }], [{ name: 'c', x: 7, n: 0.5, sum: 7.5 }]]);
  });

  test('takes one value for every row', () => {
    const df = frame();
    const noon = new Date('2026-01-01T12:00:00Z');
    const assigned = df.assign({ one: 1, big: 2n, yes: true, text: 'é', at: noon, half: literal(0.5) });
    const seen = rowsOf(assigned.select('one', 'big', 'yes', 'text', 'at', 'half'));
    df.emit(some.slice(0, 2));
    const row = { one: 1, big: 2n, yes: true, text: 'é', at: noon.getTime(), half: 0.5 };
    expect(seen).toEqual([[row, row]]);
    expect(assigned.schema!.fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'name: Utf8',
      'x: Float64',
      'n: Int32',
      'one: Float64',
      'big: Int64',
      'yes: Bool',
      'text: Utf8',
      'at: Timestamp<MILLISECOND>',
      'half: Float64',
    ]);
  });

  test('leaves the other columns where they lie, and a replaced one in its place', () => {
    const df = frame();
    const batch = recordBatch({
      name: vectorFromArray(['a'], utf8),
      x: vectorFromArray([1], float64),
      n: vectorFromArray([1], int32),
    });
    let got: RecordBatch | undefined;
    df.assign((r) => ({ x: r.x.mul(2) })).sink((value) => {
      got = value;
    });
    df.emit(batch);
    expect(got!.schema.names).toEqual(['name', 'x', 'n']);
    expect(toRows(got!)).toEqual([{ name: 'a', x: 2, n: 1 }]);
    expect(memory(got!, 'name')).toBe(memory(batch, 'name'));
    expect(memory(got!, 'n')).toBe(memory(batch, 'n'));
    expect(toRows(batch)).toEqual([{ name: 'a', x: 1, n: 1 }]);
  });
});

describe('select, drop and rename', () => {
  test('choose, order and name the columns without copying them', () => {
    const df = frame();
    const batch = recordBatch({
      name: vectorFromArray(['a'], utf8),
      x: vectorFromArray([1], float64),
      n: vectorFromArray([1], int32),
    });
    const results = {
      selected: df.select('n', 'name'),
      dropped: df.drop('name'),
      renamed: df.rename({ x: 'n', n: 'x' }),
    };
    const got = new Map<string, RecordBatch>();
    for (const [what, result] of Object.entries(results)) result.sink((value) => got.set(what, value));
    df.emit(batch);
    expect(got.get('selected')!.schema.names).toEqual(['n', 'name']);
    expect(got.get('dropped')!.schema.names).toEqual(['x', 'n']);
    expect(got.get('renamed')!.schema.names).toEqual(['name', 'n', 'x']);
    expect(memory(got.get('selected')!, 'n')).toBe(memory(batch, 'n'));
    expect(memory(got.get('dropped')!, 'x')).toBe(memory(batch, 'x'));
    expect(memory(got.get('renamed')!, 'n')).toBe(memory(batch, 'x'));
  });

  test('leave the time key in reach of windows', () => {
    const df = new StreamingDataFrame({ schema: schema({ t: timestamp('ms'), x: float64 }), time: 't' });
    const selected = df.select('x').window('1s').x.sum();
    const filtered = df
      .drop('t')
      .filter((r) => r.x.gt(1))
      .window('1s')
      .x.sum();
    df.emit([
      { t: 0, x: 1 },
      { t: 900, x: 2 },
      { t: 1500, x: 4 },
    ]);
    expect(selected.current).toBe(6);
    expect(filtered.current).toBe(6);
    df.emit([{ t: 5000, x: 0.5 }]);
    expect(selected.current).toBe(0.5);
    // The window of the filtered rows ends at the newest of them.
    expect(filtered.current).toBe(6);
  });

  test('a column with the name of a method is reached by col, and said', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const df = new StreamingDataFrame({ schema: schema({ count: int32, x: float64 }) });
    expect(warn.mock.calls).toEqual([
      ['millrace: some columns have the names of methods: count; reach them as df.col.count'],
    ]);
    warn.mockRestore();
    const total = df.col.count.sum();
    const counts = df.count();
    df.emit([{ count: 5, x: 1 }]);
    expect(total.current).toBe(5);
    expect(counts.current).toEqual({ count: 1, x: 1 });
  });
});

describe('emissions', () => {
  test('are one for each batch, empty ones included', () => {
    const df = frame();
    const sums: unknown[] = [];
    const groups: RecordBatch[] = [];
    const rows = rowsOf(df.filter(df.n.gt(1)));
    df.x.sum().sink((value) => sums.push(value));
    df.groupby('name')
      .x.sum()
      .sink((value) => groups.push(value));
    df.emit([]);
    df.emit(some.slice(0, 1));
    df.emit([]);
    df.emit(some.slice(1));
    expect(rows.map((batch) => batch.length)).toEqual([0, 0, 0, 2]);
    expect(sums).toEqual([0, 1, 1, 1]);
    expect(groups.map((batch) => batch.numRows)).toEqual([0, 1, 1, 2]);
    // A sink can tell by the object that nothing has changed.
    expect(groups[2]).toBe(groups[1]);
  });

  test('are one for each batch of a table', () => {
    const df = frame();
    const rows = rowsOf(df);
    const part = (name: string) =>
      recordBatch({
        name: vectorFromArray([name], utf8),
        x: vectorFromArray([1], float64),
        n: vectorFromArray([1], int32),
      });
    df.emit(new Table([part('a'), part('b')]));
    expect(rows.map((batch) => batch.map(({ name }) => name))).toEqual([['a'], ['b']]);
    const inferred = new StreamingDataFrame();
    const inferredRows = rowsOf(inferred);
    inferred.emit(tableFromArrays({ y: Float64Array.of(1, 2) }));
    expect(inferredRows).toEqual([[{ y: 1 }, { y: 2 }]]);
  });

  test('reach every sink, in the order of the sinks, until it is disposed of', () => {
    const df = frame();
    const seen: string[] = [];
    const first = df.select('x').sink((batch) => seen.push(`first ${batch.numRows}`));
    df.sink((batch) => seen.push(`second ${batch.numRows}`));
    const controller = new AbortController();
    df.x.sink((vector) => seen.push(`third ${vector.length}`), { signal: controller.signal });
    df.emit(some);
    first.dispose();
    df.emit(some.slice(0, 1));
    controller.abort();
    df.emit([]);
    expect(seen).toEqual(['first 4', 'second 4', 'third 4', 'second 1', 'third 1', 'second 0']);
  });

  test('go on as a plain stream', () => {
    const df = frame();
    const lengths: number[] = [];
    df.filter(df.x.notNull())
      .stream.map((batch) => batch.numRows)
      .accumulate((total, length) => total + length, { start: 0 })
      .sink((total) => lengths.push(total));
    df.emit(some);
    df.emit(some);
    expect(lengths).toEqual([3, 6]);
  });

  test('can be iterated over, and hold up the source until they are', async () => {
    const df = frame();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const batch of df.select('n')) {
        seen.push(batch.numRows);
        if (seen.length === 2) break;
      }
    })();
    await df.emit(some);
    await Promise.all([df.emit(some.slice(1)), reading]);
    df.emit([]);
    expect(seen).toEqual([4, 3]);
    const sums: number[] = [];
    const summing = (async () => {
      for await (const sum of df.n.sum()) {
        sums.push(sum);
        if (sums.length === 2) break;
      }
    })();
    await df.emit(some);
    await Promise.all([df.emit(some), summing]);
    expect(sums).toEqual([6, 12]);
  });

  test('end with the frame', () => {
    const df = frame();
    const derived = df.filter(df.x.gt(0));
    const seen: string[] = [];
    df.sink(() => seen.push('frame'));
    derived.sink(() => seen.push('derived'));
    df.emit(some);
    derived.dispose();
    derived.dispose();
    df.emit(some);
    expect(seen).toEqual(['frame', 'derived', 'frame']);
    {
      using ended = df;
      expect(ended.kind).toBe('append');
    }
    df.emit(some);
    expect(seen.length).toBe(3);
  });
});

describe('current', () => {
  test('is the newest batch of a frame', () => {
    const df = frame();
    const derived = df.filter(df.n.gt(1)).select('n');
    expect(df.current).toBe(undefined);
    expect(derived.current).toBe(undefined);
    df.sink(() => {});
    df.emit(some);
    expect(toRows(df.current!)).toEqual(some);
    expect(toRows(derived.current!)).toEqual([{ n: 2 }, { n: 3 }]);
    df.emit([]);
    expect(df.current!.numRows).toBe(0);
  });

  test('of results is right without anybody listening, before and after data', () => {
    const df = frame();
    const totals = df.groupby('name').agg({ total: ['x', 'sum'], rows: 'size' });
    const shown = totals.filter(totals.rows.gt(1)).assign((r) => ({ share: r.total.div(r.rows) }));
    const record = df.agg({ low: ['n', 'min'], high: ['n', 'max'], mean: ['n', 'mean'] });
    expect(totals.current!.numRows).toBe(0);
    expect(shown.current!.schema.names).toEqual(['name', 'total', 'rows', 'share']);
    expect(record.current).toEqual({ low: null, high: null, mean: null });
    df.emit(some);
    expect(toRows(totals.current!)).toEqual([
      { name: 'a', total: 1, rows: 2 },
      { name: 'b', total: 0, rows: 1 },
    ]);
    expect(toRows(shown.current!)).toEqual([{ name: 'a', total: 1, rows: 2, share: 0.5 }]);
    expect(record.current).toEqual({ low: 1, high: 3, mean: 2 });
  });

  test('counts are numbers to expressions, keys and aggregations, too', () => {
    const df = frame();
    const counts = df.groupby('name').agg({ rows: 'size', n: ['n', 'sum'] });
    const total = counts.rows.sum();
    const most = counts.agg({
      rows: 'max',
      half: [(r) => r.rows.div(2), 'mean'],
      next: [(r) => r.n.add(1), 'sum'],
    });
    const bySize = counts.groupby('rows').size();
    const renamed = counts.assign({ again: counts.rows });
    df.emit(some);
    expect(total.current).toBe(3);
    expect(most.current).toEqual({ rows: 2, half: 0.75, next: 6 });
    expect(toRows(bySize.current!)).toEqual([
      { rows: 1, size: 1 },
      { rows: 2, size: 1 },
    ]);
    expect(toRows(renamed.current!)[0]).toEqual({ name: 'a', rows: 2, n: 1, again: 2 });
  });

  test('of aggregations of a snapshot is that of its newest rows', () => {
    const df = frame();
    const totals = df.window(2).groupby('name').x.sum();
    const most = totals.x.max();
    const counts = totals.numRows();
    df.emit([
      { name: 'a', x: 5, n: 1 },
      { name: 'b', x: 3, n: 1 },
    ]);
    expect([most.current, counts.current]).toEqual([5, 2]);
    df.emit([
      { name: 'b', x: 1, n: 1 },
      { name: 'b', x: 1, n: 1 },
    ]);
    expect([most.current, counts.current]).toEqual([2, 1]);
  });
});

test('rows do not depend on where the batches are cut', () => {
  const row = fc.record({
    name: fc.option(fc.constantFrom('a', 'b', 'é')),
    x: fc.option(fc.double({ noDefaultInfinity: false })),
    n: fc.option(fc.integer({ min: -100, max: 100 })),
  });
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 12 }), { maxLength: 6 }), (batches) => {
      const df = frame();
      const kept = df
        .filter((r) => r.n.mod(3).ne(1))
        .assign((r) => ({ x: r.x.mul(2), far: r.n.abs().gt(50) }))
        .filter((r) => r.name.ne('b').or(r.far))
        .rename({ far: 'distant' })
        .drop('n');
      const seen = rowsOf(kept);
      for (const batch of batches) df.emit(batch);
      const wanted = batches.map((batch) =>
        batch
          .filter(({ n }) => n !== null && ((n % 3) + 3) % 3 !== 1)
          .map(({ name, x, n }) => ({ name, x: x === null ? null : x * 2, distant: Math.abs(n!) > 50 }))
          .filter(({ name, distant }) => distant || (name !== null && name !== 'b')),
      );
      expect(seen).toEqual(wanted);
    }),
  );
});

describe('a result that nobody refers to', () => {
  v8.setFlagsFromString('--expose-gc');
  const gc = runInNewContext('globalThis.gc') as (() => void) | undefined;

  /** An aggregation that counts how often it is called. */
  const counting = (calls: { count: number }) => ({
    initial: () => 0,
    onNew: (total: number, rows: Column) => {
      calls.count++;
      return [total + (rows.sum() as number), total] as const;
    },
  });

  test('costs nothing after it was collected', async ({ skip }) => {
    skip(gc === undefined, 'this Node has no way to collect garbage on request');
    const df = frame();
    const dropped = { count: 0 };
    const kept = { count: 0 };
    const alive = df.x.aggregate(counting(kept));
    (() => {
      void df.x.aggregate(counting(dropped));
      void df.groupby('name').x.aggregate(counting(dropped));
    })();
    df.emit(some);
    expect(dropped.count).toBeGreaterThan(0);
    for (let i = 0; i < 100; i++) {
      gc!();
      await setImmediate();
      const before = dropped.count;
      df.emit(some);
      if (dropped.count === before) break;
    }
    const before = dropped.count;
    kept.count = 0;
    df.emit(some);
    expect(dropped.count).toBe(before);
    expect(kept.count).toBe(1);
    expect(alive.current).toBeDefined();
  });

  test('goes on for as long as a sink is below it', async ({ skip }) => {
    skip(gc === undefined, 'this Node has no way to collect garbage on request');
    const df = frame();
    const sums: unknown[] = [];
    (() => {
      df.n.sum().sink((sum) => sums.push(sum));
    })();
    for (let i = 0; i < 5; i++) {
      gc!();
      await setImmediate();
    }
    df.emit(some);
    expect(sums).toEqual([6]);
  });
});
