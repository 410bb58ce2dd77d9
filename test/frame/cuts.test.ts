import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '../../src/columnar/batch.ts';
import { buildBatch } from '../../src/columnar/build.ts';
import { slice } from '../../src/columnar/take.ts';
import {
  Aggregation,
  type Column,
  float64,
  int32,
  int64,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

type AnyExpr = { gt(value: number): unknown };

const S = schema({ t: timestamp('ms'), name: utf8, k: int32, x: float64, n: int64 });
const rowCount = 120;

/** Rows with nulls, NaN, infinities, spikes, equal and late times. */
function rowsOf(seed: number): Batch {
  const random = fc.sample(fc.array(fc.nat(999), { minLength: 6 * rowCount, maxLength: 6 * rowCount }), {
    numRuns: 1,
    seed,
  })[0]!;
  const strange = [null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e16, -1e16, 0, -0];
  const rows = Array.from({ length: rowCount }, (_, i) => {
    const [a, b, c, d, e, f] = random.slice(6 * i, 6 * i + 6) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return {
      t: 1000 * i + (a < 150 ? -20 * a : 0) - (b % 2),
      name: b < 80 ? null : ['Alice', 'Bob', '😀', ''][b % 4],
      k: c % 3,
      x: d < 120 ? strange[d % strange.length] : (d - 500) / 7,
      n: e < 80 ? null : BigInt((f % 9) - 4) * 9_007_199_254_740_993n,
    };
  });
  return buildBatch(S, rows).batch;
}

/** The same rows in batches: `lengths` cut them, zeros make empty batches. */
function cut(all: Batch, lengths: readonly number[]): Batch[] {
  const batches: Batch[] = [];
  let from = 0;
  for (const length of [...lengths, all.length]) {
    const to = Math.min(all.length, from + length);
    const columns = all.schema.fields.map((_, i) => slice(all.column(i), from, to));
    batches.push(new Batch(all.schema, to - from, columns));
    from = to;
  }
  return batches;
}

type AnyFrame = StreamingDataFrame;

/** All that can be asked of `x` and `n` in one pass. */
const spec = {
  sum: ['x', 'sum'],
  count: ['x', 'count'],
  size: 'size',
  mean: ['x', 'mean'],
  min: ['x', 'min'],
  max: ['x', 'max'],
  var: ['x', 'var'],
  std: ['x', 'std'],
  population: ['x', 'var', { ddof: 0 }],
  nSum: ['n', 'sum'],
  nMean: ['n', 'mean'],
  nMin: ['n', 'min'],
  nMax: ['n', 'max'],
  tMax: ['t', 'max'],
  names: ['name', 'count'],
  median: ['x', 'median'],
  ninth: ['x', 'quantile', { q: 0.9, interpolation: 'lower' }],
  first: ['name', 'first'],
  last: ['name', 'last'],
  unique: ['name', 'nunique'],
  mode: ['name', 'mode'],
  least: ['name', 'min'],
  any: ['k', 'any'],
  strict: ['x', 'max', { skipna: false }],
  positive: ['x', 'sum', { where: (row: { x: AnyExpr }) => row.x.gt(0) }],
  positives: ['x', 'size', { where: (row: { x: AnyExpr }) => row.x.gt(0) }],
  where: [['name', 'x'], 'argmax'],
  fit: [['k', 'n'], 'linearFit'],
  bars: ['x', 'ohlc'],
  speed: ['k', 'rate'],
  bins: ['x', 'histogram', { bins: 5, range: [-50, 50] }],
  about: ['x', 'approxQuantile', { q: 0.25, k: 8 }],
  distinct: ['n', 'approxDistinct', { precision: 4 }],
  top: ['n', 'topK', { k: 2, counters: 3 }],
} as const;

/** Sum of squares in three ways of being asked. */
class Squares extends Aggregation<Column, { total: number }, number> {
  initial(): { total: number } {
    return { total: 0 };
  }
  onNew(state: { total: number }, rows: Column): readonly [{ total: number }, number] {
    let { total } = state;
    for (const value of rows.toArray()) total += (Math.abs(Number(value ?? 0)) % 97) | 0;
    return [{ total }, total];
  }
}

class MergedSquares extends Squares {
  override merge(a: { total: number }, b: { total: number }): { total: number } {
    return { total: a.total + b.total };
  }
}

class SubtractedSquares extends Squares {
  override onOld(state: { total: number }, rows: Column): readonly [{ total: number }, number] {
    const [, gone] = this.onNew({ total: 0 }, rows);
    return [{ total: state.total - gone }, state.total - gone];
  }
}

const windows: Record<string, (df: AnyFrame) => AnyFrame> = {
  'all time': (df) => df,
  'last 7 rows': (df) => df.window(7) as unknown as AnyFrame,
  'last 50 rows': (df) => df.window({ n: 50 }) as unknown as AnyFrame,
  'last 10 s': (df) => df.window('10s') as unknown as AnyFrame,
  'last 30 s, left end too': (df) => df.window({ value: '30s', closed: 'both' }) as unknown as AnyFrame,
};

const groupings: Record<string, (df: AnyFrame) => AnyFrame> = {
  'no groups': (df) => df,
  'by a name': (df) => df.groupby('name') as unknown as AnyFrame,
  'by two keys, nulls kept': (df) => df.groupby(['name', 'k'], { dropna: false }) as unknown as AnyFrame,
  'by an expression': (df) => df.groupby((row) => row.x!.mod(3)) as unknown as AnyFrame,
};

const prepared: Record<string, (df: AnyFrame) => AnyFrame> = {
  'as they are': (df) => df,
  'filtered and assigned': (df) =>
    df.filter((row) => row.k!.ne(1)).assign({ x: (row) => row.x!.mul(2) }) as unknown as AnyFrame,
};

function plain(result: unknown): unknown {
  if (typeof result === 'object' && result !== null && 'numRows' in result) return toRows(result as never);
  return result;
}

/** Equal, floats to 1e-12 of the larger, or of the largest number that went in where they cancel. */
function expectClose(got: unknown, wanted: unknown, path = ''): void {
  if (typeof wanted === 'number' && typeof got === 'number') {
    if (Object.is(got, wanted) || got === wanted) return;
    const scale = Math.max(Math.abs(got), Math.abs(wanted), 1e-12);
    if (Math.abs(got - wanted) <= 1e-12 * scale) return;
    expect.fail(`${path}: got ${got}, wanted ${wanted}`);
  }
  if (typeof wanted === 'object' && wanted !== null && typeof got === 'object' && got !== null) {
    expect(Object.keys(got), path).toEqual(Object.keys(wanted));
    for (const key of Object.keys(wanted)) {
      expectClose(
        (got as Record<string, unknown>)[key],
        (wanted as Record<string, unknown>)[key],
        `${path}.${key}`,
      );
    }
    return;
  }
  expect(got, path).toEqual(wanted);
}

describe('the answer does not depend on how the rows were cut', () => {
  const cuts = fc.array(fc.oneof(fc.constant(0), fc.constant(1), fc.nat(40)), { maxLength: 60 });
  const combinations = Object.keys(windows).flatMap((window) =>
    Object.keys(groupings).flatMap((grouping) =>
      Object.keys(prepared).map((steps) => [window, grouping, steps] as const),
    ),
  );

  test.each(combinations)('%s, %s, rows %s: 8 cuts of every aggregation', (window, grouping, steps) => {
    const ask = (batches: readonly Batch[]): unknown[] => {
      const df = new StreamingDataFrame({ schema: S, time: 't' }) as unknown as AnyFrame;
      const rows = groupings[grouping]!(windows[window]!(prepared[steps]!(df)));
      const results = [
        rows.agg(spec as never),
        ...[new Squares(), new MergedSquares(), new SubtractedSquares()].map((aggregation) =>
          rows.x!.aggregate(aggregation),
        ),
      ];
      for (const batch of batches) void df.emit(batch.toRecordBatch());
      return results.map((result) => plain(result.current));
    };
    const tables = Array.from({ length: 4 }, (_, seed) => rowsOf(seed));
    const wanted = tables.map((all) => ask([all]));
    fc.assert(
      fc.property(cuts, fc.nat(3), (lengths, table) => {
        expectClose(ask(cut(tables[table]!, lengths)), wanted[table]);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});
