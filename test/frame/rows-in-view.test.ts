import { Float64, Int64 } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  float64,
  int32,
  int64,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
  type WindowArgument,
} from '../../src/index.ts';

const S = schema({ t: timestamp('ms'), g: utf8, x: float64, w: int64, s: utf8, i: int32 });

interface Row {
  readonly t: number | null;
  readonly g: string | null;
  readonly x: number | null;
  readonly w: bigint | null;
  readonly s: string | null;
  readonly i: number;
}

const history: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 0, 1, 3),
      jitter: fc.constantFrom(0, 0, 0, 1, 4, 15),
      keyless: fc.integer({ min: 0, max: 15 }),
      g: fc.constantFrom('a', 'b', 'c', null),
      x: fc.oneof(
        fc.integer({ min: -4, max: 4 }),
        fc.constantFrom(null, Number.NaN, Infinity, -Infinity, 1e16, -1e16, -0),
      ),
      w: fc.option(fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 5n })),
      s: fc.option(fc.constantFrom('', 'a', 'ab', 'b', '😀', '\uE000')),
    }),
    { maxLength: 80 },
  )
  .map((steps) => {
    let now = 1_700_000_000_000;
    return steps.map(({ step, jitter, keyless, ...row }, i) => {
      now += step;
      return { ...row, i, t: keyless === 0 ? null : now - jitter };
    });
  });

const cuts = fc.array(fc.nat(80), { maxLength: 12 });

function batches(rows: readonly Row[], at: readonly number[]): Row[][] {
  const places = [0, ...at.map((place) => Math.min(place, rows.length)).sort((a, b) => a - b), rows.length];
  return places.slice(1).map((end, k) => rows.slice(places[k], end));
}

/** The rows in view after `rows`, in the order in which they arrived, those that waited when they entered. */
function inView(rows: readonly Row[], window: WindowArgument): Row[] {
  if (typeof window === 'number') return rows.slice(-window);
  const { value, closed = 'right' } = window as { value: string; closed?: string };
  const width = Number.parseInt(value, 10);
  const newest = Math.max(...rows.map(({ t }) => t ?? -Infinity));
  const left = closed === 'left' || closed === 'both';
  const right = closed === 'right' || closed === 'both';
  return rows.filter(
    ({ t }) => t !== null && (left ? t >= newest - width : t > newest - width) && (right || t !== newest),
  );
}

const windows: readonly WindowArgument<'t'>[] = [
  1,
  7,
  1000,
  { value: '6ms' },
  { value: '6ms', closed: 'both' },
  { value: '6ms', closed: 'left' },
  { value: '6ms', closed: 'neither' },
];

const sameRows = (a: readonly Row[], b: readonly Row[]): void =>
  expect(a.map(({ i }) => i)).toEqual(b.map(({ i }) => i));

/** Whether the rows are all there, in whatever order. */
const sameSet = (a: readonly Row[], b: readonly Row[]): void =>
  expect(a.map(({ i }) => i).sort((p, q) => p - q)).toEqual(b.map(({ i }) => i).sort((p, q) => p - q));

type Ranked = 'x' | 'w' | 's';

function missing(value: unknown): boolean {
  return value === null || Number.isNaN(value);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

/** Sorted by value and then by place: of equal ones the first. */
function best(rows: readonly Row[], by: Ranked, n: number, sign: number): Row[] {
  return rows
    .filter((row) => !missing(row[by]))
    .sort((a, b) => sign * compare(b[by], a[by]))
    .slice(0, n);
}

function bestOfGroups(rows: readonly Row[], by: Ranked, n: number): Row[] {
  return ['a', 'b', 'c'].flatMap((g) =>
    best(
      rows.filter((row) => row.g === g),
      by,
      n,
      1,
    ),
  );
}

const numRuns = 120;

describe('the rows of a window', () => {
  test.each(windows)('%j are those that recomputing gives, wherever the batches are cut', (window) => {
    fc.assert(
      fc.property(history, cuts, (rows, at) => {
        const df = new StreamingDataFrame({ schema: S, time: 't' });
        const full = df.window(window).full();
        const copied = df.window(window).rows();
        let before: Row[] = [];
        for (const batch of batches(rows, at)) {
          df.emit(batch);
          before = [...before, ...batch];
          const seen = toRows(full.current!) as unknown as Row[];
          // What waits for the newest key to move on enters later than what came after it.
          const isOpen = typeof window === 'object' && 'closed' in window && window.closed !== 'both';
          (isOpen ? sameSet : sameRows)(seen, inView(before, window));
          expect(toRows(copied.current!)).toEqual(seen);
          for (const row of seen) expect(row).toEqual(rows[row.i]);
        }
      }),
      { numRuns },
    );
  });

  test('are the last n of the stream for tail', () => {
    fc.assert(
      fc.property(history, cuts, fc.integer({ min: 1, max: 9 }), (rows, at, n) => {
        const df = new StreamingDataFrame({ schema: S });
        const tail = df.tail(n);
        for (const batch of batches(rows, at)) df.emit(batch);
        expect(toRows(tail.current!)).toEqual(rows.slice(-n));
      }),
      { numRuns },
    );
  });
});

describe('the best rows', () => {
  test.each(['x', 'w', 's'] as const)('by %s, of all time, and of each group', (by) => {
    fc.assert(
      fc.property(history, cuts, fc.integer({ min: 0, max: 4 }), (rows, at, n) => {
        const df = new StreamingDataFrame({ schema: S });
        const largest = df.nlargest(n, by);
        const smallest = df.nsmallest(n, by);
        const groups = df.groupby('g').nlargest(n, by);
        let before: Row[] = [];
        for (const batch of batches(rows, at)) {
          df.emit(batch);
          before = [...before, ...batch];
          sameRows(toRows(largest.current!) as unknown as Row[], best(before, by, n, 1));
          sameRows(toRows(smallest.current!) as unknown as Row[], best(before, by, n, -1));
          sameRows(toRows(groups.current!) as unknown as Row[], bestOfGroups(before, by, n));
        }
        for (const row of toRows(largest.current ?? df.nlargest(0, by).current!) as unknown as Row[])
          expect(row).toEqual(rows[row.i]);
      }),
      { numRuns },
    );
  });

  test.each([1, 7, 1000, { value: '6ms' }, { value: '6ms', closed: 'both' }] as const)(
    'in a window of %j, where rows come back when better ones leave',
    (window) => {
      fc.assert(
        fc.property(history, cuts, fc.integer({ min: 1, max: 4 }), (rows, at, n) => {
          const df = new StreamingDataFrame({ schema: S, time: 't' });
          const largest = df.window(window).nlargest(n, 'x');
          const groups = df
            .window(window)
            .groupby('g')
            .nlargest(n, (r) => r.w);
          let before: Row[] = [];
          for (const batch of batches(rows, at)) {
            df.emit(batch);
            before = [...before, ...batch];
            const view = inView(before, window);
            sameRows(toRows(largest.current!) as unknown as Row[], best(view, 'x', n, 1));
            sameRows(toRows(groups.current!) as unknown as Row[], bestOfGroups(view, 'w', n));
          }
        }),
        { numRuns },
      );
    },
  );

  test('keep few rows of great batches in memory, and come right out of many', () => {
    const df = new StreamingDataFrame({ schema: schema({ x: float64, i: int64 }) });
    const top = df.nlargest(5, 'x');
    const view = df.window(3100).nlargest(5, 'x');
    const xs: number[] = [];
    let seed = 1;
    for (let k = 0; k < 40; k++) {
      const x = Float64Array.from({ length: 500 }, () => {
        seed = (seed * 48271) % 2147483647;
        return seed;
      });
      df.emit({ x, i: BigInt64Array.from(x, (_, i) => BigInt(xs.length + i)) });
      xs.push(...x);
    }
    const order = (from: number): number[] =>
      xs
        .map((_, i) => i)
        .slice(from)
        .sort((a, b) => xs[b]! - xs[a]!)
        .slice(0, 5);
    expect(toRows(top.current!).map(({ i }) => Number(i))).toEqual(order(0));
    expect(toRows(view.current!).map(({ i }) => Number(i))).toEqual(order(xs.length - 3100));
  });

  test('of a snapshot are those of each emission', () => {
    const df = new StreamingDataFrame({ schema: schema({ g: utf8, x: float64 }) });
    const top = df.groupby('g').x.sum().nlargest(1, 'x');
    df.emit([
      { g: 'a', x: 3 },
      { g: 'b', x: 2 },
    ]);
    expect(toRows(top.current!)).toEqual([{ g: 'a', x: 3 }]);
    df.emit([{ g: 'b', x: 2 }]);
    expect(toRows(top.current!)).toEqual([{ g: 'b', x: 4 }]);
    expect(top.schema!.fields[1]!.type).toBeInstanceOf(Float64);
  });

  test('are refused without an order, a column or a number of rows', () => {
    const df = new StreamingDataFrame({ schema: S });
    expect(() => df.nlargest(-1, 'x')).toThrow('nlargest needs a whole number of rows of at least 0, got -1');
    expect(() => df.nsmallest(1, 'y' as never)).toThrow('no column "y"');
    expect(df.nlargest(1, (r) => r.w).schema!.fields[3]!.type).toBeInstanceOf(Int64);
  });
});
