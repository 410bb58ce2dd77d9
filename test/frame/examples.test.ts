import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Float64 } from 'apache-arrow';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  Aggregation,
  type Column,
  type FrameInput,
  float64,
  PeriodicDataFrame,
  Random,
  Stream,
  StreamingDataFrame,
  schema,
  type Tick,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';
import { fromTextFile } from '../../src/node/from-text-file.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';
import { lookOnce, temporaryFolder } from '../node/folder.ts';

const rows = (frame: { readonly current: Parameters<typeof toRows>[0] | undefined }) =>
  toRows(frame.current!);

describe('D5-20 the headline example', () => {
  const S = schema({ name: utf8, amount: float64 });
  const batches = [
    [
      { name: 'Alice', amount: 100 },
      { name: 'Bob', amount: 200 },
    ],
    [
      { name: 'Alice', amount: -50 },
      { name: 'Charlie', amount: 7 },
    ],
    [],
  ];

  test('by hand', () => {
    const stream = new Stream<{ name: string; amount: number }[]>();
    const totals: number[] = [];
    stream
      .map((t) => t.filter((r) => r.name === 'Alice'))
      .accumulate((acc, t) => acc + t.reduce((sum, r) => sum + r.amount, 0), { start: 0 })
      .sink((total) => totals.push(total));
    for (const batch of batches) stream.emit(batch);
    expect(totals).toEqual([100, 50, 50]);
  });

  test('with the frame', () => {
    const stream = new Stream<FrameInput>();
    const sdf = stream.toDataFrame({ schema: S });
    const total = sdf.filter(sdf.name.eq('Alice')).amount.sum();
    const totals: number[] = [];
    const streamed: number[] = [];
    total.sink((value) => totals.push(value));
    total.stream.sink((value) => streamed.push(value));
    expect(total.current).toBe(0);
    for (const batch of batches) stream.emit(batch);
    expect(totals).toEqual([100, 50, 50]);
    expect(streamed).toEqual([100, 50, 50]);
    expect(total.current).toBe(50);
  });
});

const hour = 3_600_000;

const sales = () => {
  const df = new StreamingDataFrame({
    schema: schema({ t: timestamp('ms'), name: utf8, x: float64, y: float64, amount: float64 }),
    time: 't',
  });
  const emit = () => {
    df.emit([
      { t: 0, name: 'Alice', x: 1, y: 10, amount: 1 },
      { t: hour, name: 'Bob', x: 2, y: 20, amount: 2 },
      { t: 2 * hour, name: 'Alice', x: 11, y: 40, amount: 4 },
    ]);
    df.emit([{ t: 3 * hour - 1, name: 'Bob', x: 12, y: null, amount: 8 }]);
  };
  return { df, emit };
};

describe('D5-21 supported operations', () => {
  test('elementwise', () => {
    const { df, emit } = sales();
    const sums: (number | null)[][] = [];
    df.x.add(1).sink((values) => sums.push([...values]));
    emit();
    expect(sums).toEqual([[2, 3, 12], [13]]);
  });

  test('filter', () => {
    const { df, emit } = sales();
    const alices = df.filter(df.name.eq('Alice'));
    const seen: unknown[] = [];
    alices.sink((batch) => seen.push(toRows(batch).map(({ x }) => x)));
    emit();
    expect(seen).toEqual([[1, 11], []]);
  });

  test('assign', () => {
    const { df, emit } = sales();
    const df2 = df.assign({ z: df.x.add(df.y) });
    const seen: unknown[] = [];
    df2.sink((batch) => seen.push(toRows(batch).map(({ z }) => z)));
    emit();
    expect(seen).toEqual([[11, 22, 51], [null]]);
    expect(df2.columns).toEqual(['t', 'name', 'x', 'y', 'amount', 'z']);
    expect(df.columns).toEqual(['t', 'name', 'x', 'y', 'amount']);
  });

  test('reductions, group-by and windows', () => {
    const { df, emit } = sales();
    const mean = df.amount.mean();
    const means = df.groupby(df.name).amount.mean();
    const newest = df.window({ n: 100 }).amount.sum();
    const recent = df.window({ value: '2h' }).amount.sum();
    const recentByName = df.window({ value: '2h' }).groupby('name').amount.sum();
    emit();
    expect(mean.current).toBe(15 / 4);
    expect(rows(means)).toEqual([
      { name: 'Alice', amount: 2.5 },
      { name: 'Bob', amount: 5 },
    ]);
    expect(newest.current).toBe(15);
    // Two hours before the newest row is later than the first row, and earlier than the second.
    expect(recent.current).toBe(14);
    expect(rows(recentByName)).toEqual([
      { name: 'Alice', amount: 4 },
      { name: 'Bob', amount: 10 },
    ]);
  });
});

describe('D5-22 an aggregation of your own', () => {
  type State = { total: number; count: number };
  type Rows = Column<Float64>;

  class Mean extends Aggregation<Rows, State, number | null> {
    initial() {
      return { total: 0, count: 0 };
    }
    onNew(s: State, rows: Rows) {
      const n = { total: s.total + rows.sum(), count: s.count + rows.count() };
      return [n, n.count ? n.total / n.count : null] as const;
    }
    override onOld(s: State, rows: Rows) {
      const n = { total: s.total - rows.sum(), count: s.count - rows.count() };
      return [n, n.count ? n.total / n.count : null] as const;
    }
    override merge(a: State, b: State) {
      return { total: a.total + b.total, count: a.count + b.count };
    }
  }

  test('over all rows, windows, groups and every column', () => {
    const { df, emit } = sales();
    const all = df.amount.aggregate(new Mean());
    const newest = df.amount.window({ n: 2 }).aggregate(new Mean());
    const recent = df.amount.window({ value: '60s' }).aggregate(new Mean());
    const byName = df.groupby('name').amount.aggregate(new Mean());
    const each = df.aggregate(new Mean());
    emit();
    expect(all.current).toBe(15 / 4);
    expect(newest.current).toBe(6);
    expect(recent.current).toBe(8);
    expect(rows(byName)).toEqual([
      { name: 'Alice', amount: 2.5 },
      { name: 'Bob', amount: 5 },
    ]);
    expect(each.current).toEqual({ x: 6.5, y: 70 / 3, amount: 15 / 4 });
  });
});

describe('D5-23 windows, groups, and expressions as keys', () => {
  test('of every column', () => {
    const { df, emit } = sales();
    const sum = df.sum();
    const newest = df.window({ n: 100 }).sum();
    const recent = df.window({ value: '2h' }).sum();
    const spread = df.window({ n: 10 }).std();
    const counts = df.window({ value: '2h' }).count();
    emit();
    expect(sum.current).toEqual({ x: 26, y: 70, amount: 15 });
    expect(newest.current).toEqual({ x: 26, y: 70, amount: 15 });
    expect(recent.current).toEqual({ x: 25, y: 60, amount: 14 });
    expect(spread.current!.y).toBeCloseTo(Math.sqrt(700 / 3), 12);
    expect(counts.current).toEqual({ t: 3, name: 3, x: 3, y: 2, amount: 3 });
  });

  test('by groups of a window', () => {
    const { df, emit } = sales();
    const w = df.window({ n: 100 });
    const byName = w.groupby(w.name).amount.sum();
    const byDigit = w.groupby(w.x.mod(10)).y.var();
    emit();
    expect(rows(byName)).toEqual([
      { name: 'Alice', amount: 5 },
      { name: 'Bob', amount: 10 },
    ]);
    expect(rows(byDigit)).toEqual([
      { key: 1, y: 450 },
      { key: 2, y: null },
    ]);
  });
});

describe('D5-24 rolling, expanding, exponentially weighted, cumulative', () => {
  const ticks = () => {
    const sdf = new StreamingDataFrame({
      schema: schema({ t: timestamp('ms'), x: float64 }),
      time: 't',
    });
    const emit = () => {
      sdf.emit([
        { t: 0, x: 4 },
        { t: 60, x: null },
      ]);
      sdf.emit([]);
      sdf.emit([{ t: 120, x: 1 }]);
    };
    return { sdf, emit };
  };
  const listOf = (series: { sink(fn: (values: Iterable<unknown>) => void): unknown }) => {
    const list: unknown[] = [];
    series.sink((values) => list.push(...values));
    return list;
  };

  test('one result for each row, wherever the batches are cut', () => {
    const { sdf, emit } = ticks();
    const lists = [
      sdf.rolling(10, { minPeriods: 1 }).x.mean(),
      sdf.rolling('100ms').x.mean(),
      sdf.rolling(20).x.quantile(0.9),
      sdf.ewm({ halflife: 5 }).x.mean(),
      sdf.x.cumsum(),
    ].map(listOf);
    const total = sdf.expanding().x.sum();
    emit();
    const old = 0.5 ** (2 / 5);
    expect(lists.slice(0, 3)).toEqual([
      [4, 4, 2.5],
      [4, 4, 1],
      [4, 4, expect.closeTo(3.7, 12)],
    ]);
    expect(lists[3]).toEqual([4, 4, expect.closeTo((4 * old + 1) / (old + 1), 12)]);
    expect(lists[4]).toEqual([4, null, 5]);
    expect(total.current).toBe(5);
  });
});

describe('D5-25 state in and out', () => {
  test('goes on where another run was', () => {
    const first = sales();
    const saving = first.df.window({ n: 100, withState: true }).amount.sum();
    const totals = first.df.amount.sum({ withState: true });
    first.emit();
    const [state, value] = saving.current!;
    const [saved] = totals.current!;
    expect(value).toBe(15);

    const { df: sdf, emit } = sales();
    const sum = sdf.amount.sum({ start: saved });
    const newest = sdf.window({ n: 5, start: undefined }).amount.sum();
    const hundred = sdf.window({ n: 100, start: structuredClone(state) }).amount.sum();
    expect([sum.current, hundred.current, newest.current]).toEqual([15, 15, 0]);
    emit();
    expect([sum.current, hundred.current, newest.current]).toEqual([30, 30, 15]);
  });
});

const start = Date.UTC(2026, 0, 1);

describe('D5-30 rows of a function, periodically', () => {
  test('one row every 300 ms', async () => {
    const clock = new VirtualClock({ now: start });
    let a = 0;
    using df1 = new PeriodicDataFrame(() => [{ t: clock.now(), a: a++ }], {
      interval: '300ms',
      schema: schema({ t: timestamp('ms'), a: float64 }),
      time: 't',
      clock,
    });
    const newest = df1.window('500ms').a.sum();
    const seen: unknown[] = [];
    df1.sink((batch) => seen.push(...toRows(batch)));
    await settle();
    await clock.advance('950ms');
    expect(seen).toEqual([
      { t: start + 300, a: 0 },
      { t: start + 600, a: 1 },
      { t: start + 900, a: 2 },
    ]);
    expect(newest.current).toBe(3);
  });
});

describe('D5-31 blocks of rows between the last call and this one', () => {
  const range = (from: number, to: number, step: number) =>
    Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

  test('tile the time without gaps', async () => {
    const clock = new VirtualClock({ now: start });
    const block = ({ last, now, freq = 50 }: Tick<{ freq?: number }>) => {
      const t = range(last + freq, now, freq);
      return { t, x: t.map((at) => (at - start) / freq) };
    };
    using df3 = new PeriodicDataFrame(block, { interval: '300ms', args: { freq: 100 }, clock });
    const count = df3.x!.count();
    const seen: unknown[] = [];
    df3.sink((batch) => seen.push(toRows(batch).map(({ x }) => x)));
    await settle();
    await clock.advance('900ms');
    expect(seen).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    expect(count.current).toBe(9);
  });

  test('the frame of random rows', async () => {
    const clock = new VirtualClock({ now: start });
    using demo = Random({ freq: '50ms', interval: '200ms', clock });
    const seen: { t: unknown; x: unknown; y: unknown; z: unknown }[] = [];
    demo.sink((batch) => seen.push(...toRows(batch)));
    const recent = demo.window('100ms').x.count();
    await settle();
    await clock.advance('1s');
    expect(seen.map(({ t }) => t)).toEqual(Array.from({ length: 20 }, (_, i) => start + 50 * (i + 1)));
    for (const { x, y, z } of seen) {
      expect(x).toSatisfy((value: number) => value >= 0 && value < 1);
      expect(y).toSatisfy((value: number) => Number.isInteger(value) && value >= 0);
      expect(z).toSatisfy(Number.isFinite);
    }
    expect(recent.current).toBe(2);
    expect(() => Random({ freq: '10us' })).toThrow("freq of Random must be at least '1ms', got 10us");
    // @ts-expect-error: there is no such option
    expect(() => Random({ frequency: '50ms' })).toThrow('Random has no option "frequency" among freq');
  });
});

describe('D5-40 from a file of lines to means by groups', () => {
  /** Keeps what came last. */
  const boundedDeque = <T>(size: number) => {
    const items: T[] = [];
    const push = (item: T) => {
      if (items.push(item) > size) items.shift();
    };
    return { items, push };
  };

  test('the whole example', async () => {
    const file = join(await temporaryFolder(), 'lines.json');
    const people = Array.from({ length: 250 }, (_, i) => ({
      name: i % 3 === 0 ? 'Bob' : 'Alice',
      x: i % 2,
      y: i,
    }));
    await writeFile(file, people.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const clock = new VirtualClock();
    const src = fromTextFile(file, { clock });
    onTestFinished(() => src.dispose());
    const linesB = src.partition(100).toBatch();
    const records = linesB.map((s): { name: string; x: number; y: number } => JSON.parse(s));
    const f = records.toDataFrame({ example: { name: 'Alice', x: 1, y: 2 } });
    const alice = f.filter(f.name.eq('Alice'));
    const means = alice.groupby(alice.x).y.mean();
    const d = boundedDeque<typeof means.current>(10);
    means.stream.sink(d.push);
    await lookOnce(clock);
    const meanOf = (x: number, n: number) => {
      const own = people.slice(0, n).filter((row) => row.name === 'Alice' && row.x === x);
      return { x, y: own.reduce((sum, { y }) => sum + y, 0) / own.length };
    };
    // The last fifty lines wait for a hundred.
    expect(d.items.map((batch) => toRows(batch!))).toEqual([
      [meanOf(0, 100), meanOf(1, 100)],
      [meanOf(0, 200), meanOf(1, 200)],
    ]);
  });
});
