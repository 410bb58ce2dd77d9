import { Int64 } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sum } from '../../src/aggregate/sum.ts';
import { type AggregateState, createAggregateState } from '../../src/frame/aggregate-state.ts';
import { OverflowGuard } from '../../src/frame/overflow-guard.ts';
import { int32, int64, StreamingDataFrame, schema, timestamp, toRows, utf8 } from '../../src/index.ts';
import { column } from '../support/columns.ts';

const S = schema({ name: utf8, id: int64, small: int32 });
const row = (name: string, id: bigint, small = 1) => ({ name, id, small });
const largest = 2n ** 63n - 1n;

describe('a batch whose total does not fit its type', () => {
  test('is refused and leaves nothing behind, over all time', () => {
    const df = new StreamingDataFrame({ schema: S });
    const total = df.id.sum();
    const count = df.id.count();
    df.emit([row('a', 1n)]);
    expect(() => df.emit([row('a', largest)])).toThrow(/9223372036854775808 does not fit/);
    expect(total.current).toBe(1n);
    df.emit([row('a', 2n)]);
    expect(total.current).toBe(3n);
    // A branch of its own, which had no reason to refuse the batch.
    expect(count.current).toBe(3);
  });

  test('is refused by groups and windows', () => {
    const df = new StreamingDataFrame({ schema: S });
    const groups = df.groupby('name').id.sum();
    const window = df.window(2).id.sum();
    df.emit([row('a', 5n), row('b', 1n)]);
    expect(() => df.emit([row('c', 1n), row('b', largest)])).toThrow(/does not fit/);
    expect(toRows(groups.current!)).toEqual([
      { name: 'a', id: 5n },
      { name: 'b', id: 1n },
    ]);
    expect(window.current).toBe(6n);
    df.emit([row('a', 1n)]);
    expect(toRows(groups.current!)).toEqual([
      { name: 'a', id: 6n },
      { name: 'b', id: 1n },
    ]);
    expect(window.current).toBe(2n);
  });

  test('of small integers is refused beyond 2^53 - 1', () => {
    const df = new StreamingDataFrame({ schema: schema({ small: int32 }) });
    const total = df.small.sum();
    const small = new Int32Array(2 ** 20).fill(2 ** 31 - 1);
    for (let i = 0; i < 4; i++) df.emit({ small });
    expect(total.current).toBe(2 ** 22 * (2 ** 31 - 1));
    expect(() => df.emit({ small })).toThrow(/does not fit the exact integers of a number/);
    expect(total.current).toBe(2 ** 22 * (2 ** 31 - 1));
    df.emit([{ small: 1 }]);
    expect(total.current).toBe(2 ** 22 * (2 ** 31 - 1) + 1);
  });

  test.each([['followed'], ['not followed']])('of a snapshot leaves the one before, %s', (how) => {
    const df = new StreamingDataFrame({ schema: S });
    const total = df
      .groupby('name')
      .agg({ id: ['id', 'max'] })
      .id.sum();
    if (how === 'followed') total.sink(() => {});
    df.emit([row('a', 5n), row('b', 6n)]);
    expect(() => df.emit([row('a', largest)])).toThrow(/does not fit/);
    expect(total.current).toBe(11n);
  });

  test('is refused when a sum that was null for too few values comes out', () => {
    const df = new StreamingDataFrame({ schema: S });
    const total = df.id.sum({ minCount: 65 });
    total.sink(() => {});
    // Their sum is 2^64, of which 64 bits hold nothing.
    for (let i = 0; i < 64; i++) df.emit([row('a', 2n ** 58n)]);
    expect(() => df.emit([row('a', 1n)])).toThrow(/does not fit/);
    expect(total.current).toBeNull();
  });
});

describe('totals that are near what their type holds', () => {
  type Row = { t: number; k: string; x: bigint };
  type Result = { k?: string; total: bigint; middle: number; n: number }[];
  const schemaOf = schema({ t: timestamp('ms'), k: utf8, x: int64 });
  const newFrame = () => new StreamingDataFrame({ schema: schemaOf, time: 't' });
  type Frame = ReturnType<typeof newFrame>;
  const spec = { total: ['x', 'sum'], middle: ['x', 'median'], n: 'size' } as const;

  /** Of rows in the order they came, those that are in view. */
  const last = (n: number) => (rows: Row[]) => rows.slice(-n);
  const newest = (rows: Row[]) => rows.filter(({ t }) => t > Math.max(...rows.map((row) => row.t)) - 40);
  const perKey = (view: (rows: Row[]) => Row[]) => (rows: Row[]) =>
    ['a', 'b'].flatMap((k) => view(rows.filter((row) => row.k === k)));

  const shapes: [string, (df: Frame) => { readonly current: unknown }, (rows: Row[]) => Row[], boolean][] = [
    ['all time', (df) => df.agg(spec), (rows) => rows, false],
    ['groups', (df) => df.groupby('k').agg(spec), (rows) => rows, true],
    ['the last 5 rows', (df) => df.window(5).agg(spec), last(5), false],
    ['the last 5 rows in groups', (df) => df.window(5).groupby('k').agg(spec), last(5), true],
    ['the last 40 ms', (df) => df.window('40ms').groupby('k').agg(spec), newest, true],
    ['the last 3 rows of each group', (df) => df.groupby('k').window(3).agg(spec), perKey(last(3)), true],
  ];

  function wantedOf(rows: Row[], grouped: boolean): Result {
    const groups = grouped ? [...new Set(rows.map(({ k }) => k))].sort() : [undefined];
    return groups.map((k) => {
      const own = rows.filter((row) => k === undefined || row.k === k).map(({ x }) => x);
      const sorted = own.map(Number).sort((a, b) => a - b);
      const [below, above] = [sorted[(own.length - 1) >> 1]!, sorted[own.length >> 1]!];
      const rest = {
        total: own.reduce((sum, x) => sum + x, 0n),
        middle: below === above ? below : below + (above - below) / 2,
        n: own.length,
      };
      return k === undefined ? rest : { k, ...rest };
    });
  }

  test.each(shapes)('are refused batch by batch and never else, %s', (_, make, view, grouped) => {
    let refused = 0;
    let taken = 0;
    const row = fc.record({
      t: fc.nat(30),
      k: fc.constantFrom('a', 'b'),
      x: fc.bigInt({ min: -3n, max: 3n }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(row, { minLength: 1, maxLength: 4 }), { maxLength: 20 }), (batches) => {
        const df = newFrame();
        const result = make(df);
        const current = (): Result => {
          const now = (grouped ? toRows(result.current as never) : [result.current]) as Result;
          return now.map((of) => ({ ...of }));
        };
        let rows: Row[] = [];
        for (const [i, batch] of batches.entries()) {
          const coming = batch.map(({ t, k, x }) => ({ t: 20 * i + t, k, x: x * 2n ** 61n }));
          const after = wantedOf(view([...rows, ...coming]), grouped);
          if (after.every(({ total }) => BigInt.asIntN(64, total) === total)) {
            df.emit(coming);
            rows = [...rows, ...coming];
            taken++;
            expect(current()).toEqual(after);
          } else {
            expect(() => df.emit(coming)).toThrow('does not fit');
            refused++;
          }
        }
        if (rows.length > 0) expect(current()).toEqual(wantedOf(view(rows), grouped));
      }),
      { numRuns: 60, seed: 7 },
    );
    expect([refused > 20, taken > 100]).toEqual([true, true]);
  });

  test('do not make a batch dearer by what else is kept', () => {
    const bound = {
      aggregations: [{ bound: sum.bind(new Int64(), {}), inputs: [0] }],
      inputTypes: [new Int64()],
    };
    const guard = new OverflowGuard({ ...bound, groupTypes: [] });
    const state = createAggregateState({ ...bound, groupTypes: [] });
    let saved = 0;
    const watched: AggregateState = Object.create(state, {
      part: {
        value: (numbers: readonly number[]) => {
          saved++;
          return state.part(numbers);
        },
      },
      rowsInView: { get: () => state.rowsInView },
    });
    for (let i = 0; i < 50; i++) {
      const x = i % 2 === 0 ? 2n ** 62n : -(2n ** 62n);
      const input = { length: 1, keys: [], values: [column(new Int64(), [x])] };
      guard.check(input, watched);
      state.update(input);
      guard.took();
    }
    expect(saved).toBe(1);
  });
});
