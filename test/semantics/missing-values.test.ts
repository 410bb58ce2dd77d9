import { expect, test } from 'vitest';
import { float64, StreamingDataFrame, schema } from '../../src/index.ts';

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

/** Six ways in which values are missing. */
const patterns = {
  none: [4, 1, 3, 2],
  nulls: [4, null, 3, 2],
  nans: [4, nan, 3, 2],
  all: [null, nan, null, nan],
  leading: [null, nan, 1, 2],
  mixed: [-inf, null, inf, nan],
} as const;

type Six = readonly [
  none: unknown,
  nulls: unknown,
  nans: unknown,
  all: unknown,
  leading: unknown,
  mixed: unknown,
];

/** What pandas gives for each; null where pandas has no value or NaN of nothing. */
const wanted: Readonly<Record<string, readonly [item: readonly unknown[], results: Six]>> = {
  sum: [
    ['x', 'sum'],
    [10, 9, 9, 0, 3, nan],
  ],
  'sum of at least three': [
    ['x', 'sum', { minCount: 3 }],
    [10, 9, 9, null, null, null],
  ],
  'sum of what is there or missing': [
    ['x', 'sum', { skipna: false }],
    [10, null, nan, null, null, null],
  ],
  count: [
    ['x', 'count'],
    [4, 3, 3, 0, 2, 2],
  ],
  size: [
    ['x', 'size'],
    [4, 4, 4, 4, 4, 4],
  ],
  mean: [
    ['x', 'mean'],
    [2.5, 3, 3, null, 1.5, nan],
  ],
  min: [
    ['x', 'min'],
    [1, 2, 2, null, 1, -inf],
  ],
  max: [
    ['x', 'max'],
    [4, 4, 4, null, 2, inf],
  ],
  'max of what is there or missing': [
    ['x', 'max', { skipna: false }],
    [4, null, nan, null, null, null],
  ],
  var: [
    ['x', 'var'],
    [5 / 3, 1, 1, null, 0.5, nan],
  ],
  'var of all': [
    ['x', 'var', { ddof: 0 }],
    [1.25, 2 / 3, 2 / 3, null, 0.25, nan],
  ],
  std: [
    ['x', 'std'],
    [Math.sqrt(5 / 3), 1, 1, null, Math.SQRT1_2, nan],
  ],
  median: [
    ['x', 'median'],
    [2.5, 3, 3, null, 1.5, nan],
  ],
  'lower quartile': [
    ['x', 'quantile', { q: 0.25 }],
    [1.75, 2.5, 2.5, null, 1.25, nan],
  ],
  first: [
    ['x', 'first'],
    [4, 4, 4, null, 1, -inf],
  ],
  last: [
    ['x', 'last'],
    [2, 2, 2, null, 2, inf],
  ],
  nunique: [
    ['x', 'nunique'],
    [4, 3, 3, 0, 2, 2],
  ],
  mode: [
    ['x', 'mode'],
    [1, 2, 2, null, 1, -inf],
  ],
  any: [
    ['x', 'any'],
    [true, true, true, false, true, true],
  ],
  all: [
    ['x', 'all'],
    [true, true, true, true, true, true],
  ],
};

const names = Object.keys(patterns) as (keyof typeof patterns)[];

test.each(Object.entries(wanted))('%s of each pattern of missing values', (_, [item, results]) => {
  for (const [i, name] of names.entries()) {
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    const result = df.agg({ r: item } as never);
    df.emit({ x: [...patterns[name]] } as never);
    const { r } = result.current as unknown as { readonly r: unknown };
    const value = results[i];
    const close = typeof value === 'number' && Number.isFinite(value) ? expect.closeTo(value, 14) : value;
    expect(r, name).toEqual(close);
  }
});
