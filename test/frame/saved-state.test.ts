import type { RecordBatch } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import {
  Aggregation,
  type AggregationState,
  type Column as ColumnRows,
  float64,
  int32,
  int64,
  type Live,
  Stream,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

const columns = schema({ t: timestamp('ms'), k: utf8, j: int32, x: float64, i: int32, w: int64 });
const newFrame = () => new StreamingDataFrame({ schema: columns, time: 't' });
type Frame = ReturnType<typeof newFrame>;

/** Takes away as it takes in. */
class Total extends Aggregation<ColumnRows, { total: number; seen: number[] }, number> {
  initial() {
    return { total: 0, seen: [] };
  }
  onNew(state: { total: number; seen: number[] }, rows: ColumnRows): [typeof state, number] {
    const total = state.total + rows.sum();
    return [{ total, seen: [rows.length] }, total];
  }
  override onOld(state: { total: number; seen: number[] }, rows: ColumnRows): [typeof state, number] {
    const total = state.total - rows.sum();
    return [{ total, seen: [...state.seen, rows.length] }, total];
  }
}

/** Merges; a sum that shows in which order it was made. */
class Merged extends Aggregation<ColumnRows, { total: number }, number> {
  initial() {
    return { total: 0 };
  }
  onNew({ total }: { total: number }, rows: ColumnRows): [{ total: number }, number] {
    const next = total + rows.sum() * 1.1;
    return [{ total: next }, next];
  }
  override merge(a: { total: number }, b: { total: number }) {
    return { total: a.total * 1.0000001 + b.total };
  }
}

/** Runs again over all rows in view. */
class Rerun extends Aggregation<ColumnRows, number, number> {
  initial() {
    return 0;
  }
  onNew(state: number, rows: ColumnRows): [number, number] {
    return [state + rows.length, state + rows.length];
  }
}

type Options = { start?: AggregationState; withState?: boolean };
const agg = {
  sum: ['x', 'sum'],
  wide: ['w', 'sum'],
  least: ['x', 'min'],
  n: 'size',
  sd: ['i', 'std'],
} as const;

/** Makes a pipeline of a frame with the options of states. */
type Plan = (frame: Frame, options: Options) => Live<unknown>;
const plan = (make: (frame: Frame, options: never) => unknown): Plan => make as Plan;

const plans: Readonly<Record<string, Plan>> = {
  'one column': plan((df, o) => df.x.sum(o)),
  'an expression of filtered rows': plan((df, o) =>
    df
      .filter((r) => r.i.gt(-3))
      .x.mul(2)
      .mean(o),
  ),
  'all columns': plan((df, o) => df.var(o)),
  'several aggregations': plan((df, o) => df.agg(agg, o)),
  'the number of rows': plan((df, o) => df.numRows(o)),
  'the number of cells': plan((df, o) => df.size(o)),
  'a window of rows': plan((df, o) => df.window(5).agg(agg, o)),
  'a window of rows, by its options': plan((df, o: Options) => df.window({ n: 5, ...o }).w.sum()),
  'a window of a range': plan((df, o) => df.window('20ms').agg(agg, o)),
  'a window of a range open to the right': plan((df, o) =>
    df.window({ value: '20ms', closed: 'left' }).agg(agg, o),
  ),
  'a window of one column': plan((df, o: Options) => df.x.window({ value: '20ms', ...o }).max()),
  groups: plan((df, o) => df.groupby('k').agg(agg, o)),
  'groups without order': plan((df, o) => df.groupby('k', { sort: false, dropna: false }).x.sum(o)),
  'groups of two keys': plan((df, o) => df.groupby('k', 'j').x.mean(o)),
  'groups that are given up': plan((df, o) =>
    df.groupby(['k', 'j'], { maxGroups: 3, ttl: '30ms' }).agg(agg, o),
  ),
  'sizes of groups': plan((df, o) => df.groupby('j').size(o)),
  'groups in a window': plan((df, o) => df.window(7).groupby('k').agg(agg, o)),
  'groups in a window of a range': plan((df, o) =>
    df.window({ value: '20ms', closed: 'neither' }).groupby('k', 'j').sum(o),
  ),
  'groups in a window, by its options': plan((df, o: Options) =>
    df
      .window({ n: 4, ...o })
      .groupby('k')
      .x.count(),
  ),
};
for (const Own of [Total, Merged, Rerun]) {
  const own = new Own() as Total;
  Object.assign(plans, {
    [`${Own.name} over all time`]: plan((df, o) => df.x.aggregate(own, o)),
    [`${Own.name} of all columns`]: plan((df, o) => df.drop('w').aggregate(own, o)),
    [`${Own.name} in a window of rows`]: plan((df, o) => df.window(5).x.aggregate(own, o)),
    [`${Own.name} in a window of a range`]: plan((df, o) =>
      df.window({ value: '20ms', closed: 'left' }).x.aggregate(own, o),
    ),
    [`${Own.name} by groups`]: plan((df, o) => df.groupby('k').x.aggregate(own, o)),
    [`${Own.name} by groups in a window`]: plan((df, o) =>
      df.drop('w').window(6).groupby('k').aggregate(own, o),
    ),
    [`${Own.name} by groups in a window of a range`]: plan((df, o) =>
      df.window('20ms').groupby('k', 'j').x.aggregate(own, o),
    ),
  });
}

interface Row {
  readonly t: number | null;
  readonly k: string | null;
  readonly j: number;
  readonly x: number | null;
  readonly i: number;
  readonly w: bigint;
}

/** Batches of rows, empty ones and late rows among them. */
function batchesOf(seed: number): Row[][] {
  let state = seed;
  const random = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  let time = 1_000_000;
  const row = (): Row => {
    time += random(6);
    return {
      t: random(15) === 0 ? null : time - (random(4) === 0 ? random(30) : 0),
      k: ['a', 'b', 'c', 'é😀', null][random(5)]!,
      j: random(3),
      x: [1.5, -2.25, 1e16, -0, null, Number.NaN, 0.1][random(7)]!,
      i: random(20) - 10,
      w: BigInt(random(1000)) * 10_000_000_000n,
    };
  };
  return Array.from({ length: 9 }, (_, b) => Array.from({ length: [3, 0, 1, 12, 2, 1, 5, 0, 4][b]! }, row));
}

const shown = (value: unknown): unknown => {
  if (typeof value === 'object' && value !== null && 'numRows' in value) return toRows(value as RecordBatch);
  return value;
};

/** Like, but spreads differ in their last digits where states are merged in another order. */
function expectAlike(actual: unknown, wanted: unknown): void {
  if (typeof wanted === 'number' && typeof actual === 'number' && Number.isFinite(wanted)) {
    expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-12 * Math.abs(wanted));
  } else if (typeof wanted === 'object' && wanted !== null) {
    expect(Object.keys(actual as object)).toEqual(Object.keys(wanted));
    for (const [key, part] of Object.entries(wanted))
      expectAlike((actual as Record<string, unknown>)[key], part);
  } else expect(actual).toEqual(wanted);
}

describe.each(Object.entries(plans))('%s', (_, make) => {
  const run = (from: number, options: Options, batches: readonly Row[][]): unknown[] => {
    const frame = newFrame();
    const result = make(frame, options);
    return batches.slice(from).map((batch) => {
      frame.emit(batch);
      return shown(result.current);
    });
  };

  test('goes on from a state that was given away, whatever the cut', () => {
    for (const seed of [1, 2, 3]) {
      const batches = batchesOf(seed);
      const whole = run(0, {}, batches);
      for (let cut = 1; cut < batches.length; cut++) {
        const frame = newFrame();
        const stated = make(frame, { withState: true });
        for (const batch of batches.slice(0, cut)) frame.emit(batch);
        const [state, value] = stated.current as [AggregationState, unknown];
        expectAlike(shown(value), whole[cut - 1]);
        const start = structuredClone(state);
        for (const batch of batches.slice(cut)) frame.emit(batch); // what comes later leaves the state alone
        expect(state).toEqual(start);
        expectAlike(shown(make(newFrame(), { start }).current), whole[cut - 1]);
        expectAlike(run(cut, { start }, batches), whole.slice(cut));
      }
    }
  });

  test('goes on from a snapshot of its graph, whatever the cut', () => {
    const batches = batchesOf(4);
    const whole = run(0, {}, batches);
    for (let cut = 0; cut < batches.length; cut++) {
      const [before, after] = [newFrame(), newFrame()];
      const first = make(before, {});
      for (const batch of batches.slice(0, cut)) before.emit(batch);
      const snapshot = structuredClone(first.stream.graph.snapshot());
      const second = make(after, {});
      second.stream.graph.restore(snapshot);
      expectAlike(shown(second.current), shown(first.current));
      expectAlike(
        batches.slice(cut).map((batch) => {
          after.emit(batch);
          return shown(second.current);
        }),
        whole.slice(cut),
      );
    }
  });
});

describe('a frame whose schema is not known', () => {
  const rows = [
    { x: 1, k: 'a' },
    { x: 2, k: 'b' },
  ];

  test('takes it from a snapshot, so that results are there at once', () => {
    const program = () => {
      const df = new StreamingDataFrame();
      return { df, total: df.groupby('k').x!.sum() };
    };
    const [first, second] = [program(), program()];
    first.df.emit(rows);
    second.total.stream.graph.restore(structuredClone(first.total.stream.graph.snapshot()));
    expect(second.df.columns).toEqual(['x', 'k']);
    expect(toRows(second.total.current!)).toEqual([
      { k: 'a', x: 1 },
      { k: 'b', x: 2 },
    ]);
    second.df.emit(rows);
    expect(toRows(second.total.current!)).toEqual([
      { k: 'a', x: 2 },
      { k: 'b', x: 4 },
    ]);
  });

  test('is saved before the first batch, too', () => {
    const program = () => {
      const df = new StreamingDataFrame();
      return { df, total: df.x!.sum() };
    };
    const [first, second] = [program(), program()];
    second.total.stream.graph.restore(structuredClone(first.total.stream.graph.snapshot()));
    second.df.emit(rows);
    expect(second.total.current).toBe(3);
  });

  test('starts with a state when its first batch comes', () => {
    const first = new StreamingDataFrame();
    const stated = first.x!.sum({ withState: true });
    expect(stated.current).toBeUndefined();
    first.emit(rows);
    const [start] = stated.current!;
    const second = new StreamingDataFrame();
    const total = second.x!.sum({ start });
    const again = second.x!.sum({ withState: true, start });
    second.emit([{ x: 10, k: 'c' }]);
    expect(total.current).toBe(13);
    expect(again.current![1]).toBe(13);
    const third = new StreamingDataFrame();
    const texts = third.x!.sum({ start });
    expect(() => third.emit([{ x: 1n }])).toThrow('of columns of type float64, here they are int64');
    expect(texts.current).toBeUndefined();
  });
});

describe('a state', () => {
  const stateOf = (make: (df: Frame) => { current: unknown }): AggregationState => {
    const df = newFrame();
    const result = make(df);
    df.emit([{ t: 1, k: 'a', j: 1, x: 1, i: 1, w: 1n }]);
    return (result.current as [AggregationState])[0];
  };
  const saved = stateOf((df) => df.x.sum({ withState: true }));

  test('comes with each batch, with the value that belongs to it', () => {
    const df = newFrame();
    const seen: (readonly [AggregationState, number])[] = [];
    df.window({ n: 1, withState: true })
      .i.sum()
      .sink((pair) => seen.push(pair));
    df.emit([{ i: 1 }, { i: 2 }]);
    df.emit([{ i: 7 }]);
    df.emit([]);
    expect(seen.map(([, value]) => value)).toEqual([2, 7, 7]);
    const results = seen.map(([start]) => newFrame().window(1).i.sum({ start }).current);
    expect(results).toEqual([2, 7, 7]);
  });

  test('is refused by another plan, by name', () => {
    expect(saved).toMatchObject({ version: 1, plan: 'sum(x)' });
    const start = saved;
    expect(() => newFrame().i.sum({ start })).toThrow('start is the state of sum(x), not of sum(i)');
    expect(() => newFrame().window(3).x.sum({ start })).toThrow('not of window(3) › sum(x)');
    expect(() => newFrame().x.sum({ start, minCount: 2 })).toThrow('with the options');
    expect(() => newFrame().x.sum({ start: { ...saved, version: 2 as 1 } })).toThrow('of version 2');
    const other = new StreamingDataFrame({ schema: schema({ x: int32 }) });
    expect(() => other.x.sum({ start })).toThrow('of columns of type float64, here they are int32');
    expect(() => newFrame().x.aggregate(new Total(), { start })).toThrow('not of aggregate(Total, x)');
    expect(() => newFrame().x.aggregate(new Total(), { start: 5 as never })).toThrow('got number 5');
    const left = stateOf((df) => df.window({ value: '1s', closed: 'left', withState: true }).x.sum());
    expect(() => newFrame().window('1s').x.sum({ start: left })).toThrow('with the options');
  });

  test('is refused where JSON has taken its arrays', () => {
    const start = JSON.parse(JSON.stringify(saved)) as AggregationState;
    expect(() => newFrame().x.sum({ start })).toThrow('was it kept as JSON?');
  });

  test('is refused in a snapshot of another schema', () => {
    const first = newFrame();
    const snapshot = first.x.sum().stream.graph.snapshot();
    const other = new StreamingDataFrame({ schema: schema({ x: int32 }) });
    expect(() => other.x.sum().stream.graph.restore(snapshot)).toThrow('of another schema');
  });

  test('is not to be had of what begins anew with each emission', () => {
    const totals = newFrame().groupby('k').x.sum();
    expect(() => totals.x.sum({ withState: true })).toThrow('this is a snapshot stream');
    expect(() => totals.x.sum({ start: 1 })).toThrow('this is a snapshot stream');
  });

  test('of an aggregation of your own must be plain data', () => {
    class Box {
      readonly total = 1;
    }
    class Boxed extends Aggregation<ColumnRows, { box: Box }, number> {
      initial() {
        return { box: new Box() };
      }
      onNew(state: { box: Box }): [{ box: Box }, number] {
        return [state, 1];
      }
    }
    class Closed extends Aggregation<ColumnRows, () => number, number> {
      initial() {
        return () => 1;
      }
      onNew(state: () => number): [() => number, number] {
        return [state, 1];
      }
    }
    const df = newFrame();
    const [boxed, closed] = [df.x.aggregate(new Boxed()), df.i.aggregate(new Closed())];
    df.emit([{ x: 1 }]);
    expect(() => boxed.stream.graph.snapshot()).toThrow(
      'the state of aggregate(Boxed, x) cannot be cloned: it holds a Box',
    );
    boxed.dispose();
    expect(() => closed.stream.graph.snapshot()).toThrow(
      'the state of aggregate(Closed, i) cannot be cloned',
    );
  });

  test('knows how near a total is to the end of its type', () => {
    const program = () => {
      const df = newFrame();
      return { df, total: df.window({ value: '10ms', withState: true }).w.sum() };
    };
    const { df, total } = program();
    const far = 2n ** 63n - 1n;
    df.emit([{ t: 0, w: far }]);
    df.emit([{ t: 5, w: -far }]);
    const [start] = total.current!;
    const again = newFrame();
    const sum = again.window({ value: '10ms' }).w.sum({ start });
    expect(sum.current).toBe(0n);
    // The positive one leaves, the negative one stays.
    expect(() => again.emit([{ t: 12, w: -5n }])).toThrow('does not fit');
    expect(sum.current).toBe(0n);
    again.emit([{ t: 12, w: 5n }]);
    expect(sum.current).toBe(5n - far);
  });
});

describe('a plain start', () => {
  test('is what a total, a count or a mean has had before', () => {
    const df = newFrame();
    const results = [
      df.x.sum({ start: 10 }),
      df.i.sum({ start: -3 }),
      df.w.sum({ start: 2n ** 40n }),
      df.x.count({ start: 5 }),
      df.x.size({ start: 5 }),
      df.x.mean({ start: [10, 4] }),
      df.i.mean({ start: [-10, 3] }),
    ];
    expect(results.map(({ current }) => current)).toEqual([10, -3, 2n ** 40n, 5, 5, 2.5, -10 / 3]);
    df.emit([{ x: 2, i: 1, w: 3n }, { x: null }]);
    expect(results.map(({ current }) => current)).toEqual([12, -2, 2n ** 40n + 3n, 6, 7, 12 / 5, -9 / 4]);
  });

  test('counts as no value', () => {
    const df = newFrame();
    const total = df.x.sum({ start: 10, minCount: 1 });
    expect(total.current).toBeNull();
    df.emit([{ x: 1 }]);
    expect(total.current).toBe(11);
  });

  test('must be one', () => {
    const df = newFrame();
    expect(() => df.x.sum({ start: 'ten' as never })).toThrow(
      'start of sum(x) must be a number or a state, got ten',
    );
    expect(() => df.i.sum({ start: 1.5 })).toThrow('must be a number or a state, got 1.5');
    expect(() => df.x.count({ start: -1 })).toThrow('must be a whole number or a state');
    expect(() => df.x.mean({ start: 5 as never })).toThrow('must be [total, count] or a state, got 5');
    expect(() => df.x.max({ start: 5 as never })).toThrow('start of max(x) must be a state');
    expect(() => df.window(3).x.sum({ start: 5 })).toThrow('must be a state');
    expect(() => df.sum({ start: 5 as never })).toThrow('start of sum must be a state');
  });
});

test('options that there are not are refused by name', () => {
  const df = newFrame();
  expect(() => df.x.sum({ strat: 1 } as never)).toThrow('did you mean "start"?');
  expect(() => df.agg(agg, { withStat: true } as never)).toThrow('agg has no option "withStat"');
  expect(() => df.x.aggregate(new Total(), { strat: 1 } as never)).toThrow('aggregate has no option');
  expect(() => df.x.sum({ withState: 1 as never })).toThrow('withState must be true or false');
  expect(() => df.window({ n: 3, withStat: true } as never)).toThrow('window has no option "withStat"');
});

test('a stream of several frames is restored as one graph', () => {
  const program = () => {
    const source = new Stream<readonly object[]>();
    const df = source.toDataFrame({ schema: columns, time: 't' });
    const byKey = df.groupby('k').x.sum();
    return { source, results: [byKey.x.max(), df.window(2).x.aggregate(new Merged()), byKey] };
  };
  const [whole, before, after] = [program(), program(), program()];
  const batches = batchesOf(7);
  for (const batch of batches) whole.source.emit(batch);
  for (const batch of batches.slice(0, 5)) before.source.emit(batch);
  after.source.graph.restore(structuredClone(before.source.graph.snapshot()));
  for (const batch of batches.slice(5)) after.source.emit(batch);
  expect(after.results.map(({ current }) => shown(current))).toEqual(
    whole.results.map(({ current }) => shown(current)),
  );
});
