import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAggregateState } from '../../src/frame/aggregate-state.ts';
import {
  float64,
  int32,
  int64,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';
import type { Closed, WindowSpec } from '../../src/window/window-spec.ts';
import {
  batches,
  expected,
  expectTable,
  type Grouping,
  inputOf,
  inView,
  keyType,
  type Row,
  specOf,
} from './oracle.ts';

const windows: fc.Arbitrary<WindowSpec> = fc.oneof(
  fc.constantFrom(1, 2, 5, 1000).map((rows) => ({ rows })),
  fc.record({
    width: fc.constantFrom(1n, 3n, 10n),
    closed: fc.constantFrom<Closed>('right', 'left', 'both', 'neither'),
    keyType: fc.constant(keyType),
  }),
);

/** The rows in view of each group by itself. */
function views(history: readonly Row[], grouping: Grouping, window: WindowSpec): readonly Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of history) {
    const id = `${row.g}|${grouping === 'one key' ? '' : row.h === 0 ? 0 : row.h}`;
    groups.set(id, [...(groups.get(id) ?? []), row]);
  }
  return [...groups.values()].flatMap((rows) => inView(rows, window).rows);
}

describe('a window of each group', () => {
  test.each(['one key', 'a composite key'] as const)(
    'gives what the rows in view of each group give, %s',
    (grouping) => {
      fc.assert(
        fc.property(batches, windows, fc.boolean(), (given, window, restarts) => {
          const spec = { ...specOf(grouping, window), perKey: true };
          let state = createAggregateState(spec);
          const history: Row[] = [];
          for (const batch of given) {
            state.update(inputOf(batch, grouping));
            history.push(...batch);
            expectTable(state.result(), expected(views(history, grouping, window), grouping));
            if (!restarts) continue;
            const saved = structuredClone(state.save());
            state = createAggregateState(spec);
            state.restore(saved);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test('is a snapshot of one row per group, once per batch, and groups never leave', () => {
    const df = new StreamingDataFrame({
      schema: schema({ t: timestamp('ms'), k: utf8, x: float64 }),
      time: 't',
    });
    const sums = df.groupby('k').window(2).x.sum();
    const ranges = df
      .groupby('k')
      .window('10ms')
      .agg({ n: 'size', hi: ['x', 'max'] });
    const means = df.groupby('k').window({ n: 2 }).select('x').mean();
    const seen: unknown[] = [];
    sums.sink((batch) => seen.push(toRows(batch)));
    df.emit([
      { t: 1, k: 'a', x: 1 },
      { t: 2, k: 'b', x: 10 },
      { t: 3, k: 'a', x: 2 },
    ]);
    df.emit([
      { t: 50, k: 'a', x: 4 },
      { t: 4, k: 'b', x: 5 },
      { t: 51, k: null, x: 100 },
    ]);
    expect(seen).toEqual([
      [
        { k: 'a', x: 3 },
        { k: 'b', x: 10 },
      ],
      [
        { k: 'a', x: 6 },
        { k: 'b', x: 15 },
      ],
    ]);
    expect(toRows(ranges.current!)).toEqual([
      { k: 'a', n: 1, hi: 4 },
      { k: 'b', n: 2, hi: 10 },
    ]);
    expect(toRows(means.current!)).toEqual([
      { k: 'a', x: 3 },
      { k: 'b', x: 7.5 },
    ]);
    expect(sums.kind).toBe('snapshot');
  });

  test('takes a batch whose total does not fit not at all', () => {
    const df = new StreamingDataFrame({ schema: schema({ k: int32, w: int64 }) });
    const sums = df.groupby('k').window(2).w.sum();
    const most = 2n ** 63n - 1n;
    df.emit([{ k: 1, w: most }]);
    expect(sums.current).toBeDefined();
    expect(() =>
      df.emit([
        { k: 2, w: 1n },
        { k: 1, w: 1n },
      ]),
    ).toThrow('does not fit');
    expect(toRows(sums.current!)).toEqual([{ k: 1, w: most }]);
    df.emit([{ k: 1, w: 0n }]);
    df.emit([{ k: 1, w: 5n }]);
    expect(toRows(sums.current!)).toEqual([{ k: 1, w: 5n }]);
  });

  test('is not put on snapshots and windows, and takes built-in aggregations', () => {
    const df = new StreamingDataFrame({ schema: schema({ k: utf8, x: float64 }) });
    const mine = { initial: () => 0, onNew: (n: number) => n + 1, result: (n: number) => n };
    expect(() => df.groupby('k').x.sum().groupby('k').window(2)).toThrow('snapshot stream');
    expect(() => df.window(3).groupby('k').window(2)).toThrow('through a window already');
    expect(() => df.groupby('k').window(0)).toThrow('at least 1');
    expect(() => df.groupby('k').window({ value: 2, on: 'y' as never })).toThrow('no column "y"');
    expect(() => df.groupby('k').window('2h').x.sum()).toThrow('needs a time key');
    expect(() =>
      df
        .groupby('k')
        .window(2)
        .aggregate(mine as never),
    ).toThrow('takes no window of each group');
  });
});
