import { Bool, Float64, Int32, Int64, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as aggregations from '../../src/aggregate/index.ts';
import { bound, exact, inEachWay, ratio, resultOf } from './run.ts';

const { var: variance, std } = aggregations;
const float = new Float64();

/** The sample variance, by exact arithmetic. */
function exactVariance(values: readonly number[]): number {
  const n = BigInt(values.length);
  const units = values.map(exact);
  const total = units.reduce((a, b) => a + b, 0n);
  const squares = units.reduce((sum, x) => sum + (n * x - total) ** 2n, 0n);
  return ratio(squares, n * n * (n - 1n) * 2n ** 2148n);
}

function expectRelative(results: Record<string, unknown>, wanted: number, tolerance: number): void {
  for (const result of Object.values(results)) {
    expect(Math.abs((result as number) - wanted) / wanted).toBeLessThanOrEqual(tolerance);
  }
}

describe('var', () => {
  test('divides by count - ddof, and is null for fewer than ddof + 1 values', () => {
    expect(resultOf(variance, float, [1, null, 2, Number.NaN, 3])).toBe(1);
    expect(resultOf(variance, float, [1, 3], { ddof: 0 })).toBe(1);
    expect(resultOf(variance, float, [5])).toBe(null);
    expect(resultOf(variance, float, [5], { ddof: 0 })).toBe(0);
    expect(resultOf(variance, float, [1, 2, null], { ddof: 2 })).toBe(null);
    expect(resultOf(variance, float, [], { ddof: 0 })).toBe(null);
    expect(() => bound(variance, float, { ddof: 0.5 })).toThrow(/var: option "ddof" must be a whole number/);
  });

  test('is right where the mean is large', () => {
    expect(resultOf(variance, float, [1e9 + 1, 1e9 + 2, 1e9 + 3])).toBe(1);
  });

  test('is good to 1e-12 where the mean is 1e9 deviations, in every cut', () => {
    let seed = 1;
    const uniform = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    const values = Array.from({ length: 20_000 }, () => 1e9 + uniform() + uniform() + uniform() + uniform());
    expectRelative(
      inEachWay(bound(variance, float), [Float64Array.from(values)]),
      exactVariance(values),
      1e-12,
    );
    const sorted = values.sort((a, b) => a - b);
    expectRelative(
      inEachWay(bound(variance, float), [Float64Array.from(sorted)]),
      exactVariance(values),
      1e-12,
    );
  });

  test('agrees with exact arithmetic', () => {
    const value = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-6 ? 0 : x)),
      fc.integer({ min: -3, max: 3 }).map((x) => 1e9 + x),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 40 }), (values) => {
        const wanted = exactVariance(values);
        const results = inEachWay(bound(variance, float), [Float64Array.from(values)]);
        if (wanted === 0) expect(new Set(Object.values(results))).toEqual(new Set([0]));
        else expectRelative(results, wanted, 1e-12);
      }),
      { numRuns: 500 },
    );
  });

  test('is exactly 0 for equal values', () => {
    for (const x of [0.1, 1e9 + 0.3, -1e-300, Number.MAX_VALUE, 1 / 3]) {
      expect(
        resultOf(
          variance,
          float,
          Array.from({ length: 2500 }, (_, i) => (i % 7 === 3 ? null : x)),
        ),
      ).toBe(0);
    }
  });

  test('is NaN with an infinity, and infinite where squares are beyond doubles', () => {
    expect(resultOf(variance, float, [1, Infinity, 2])).toBe(Number.NaN);
    expect(resultOf(variance, float, [Infinity, 1, null, 2])).toBe(Number.NaN);
    expect(resultOf(variance, float, [Infinity])).toBe(null);
    expect(resultOf(variance, float, [1e308, -1e308, 5, 5, 5])).toBe(Infinity);
    expect(resultOf(variance, float, [1e200, 0, 0])).toBe(Infinity);
    expect(resultOf(variance, float, [1e308, -1e308, Infinity])).toBe(Number.NaN);
  });

  test('takes integers and booleans', () => {
    expect(resultOf(variance, new Int32(), [1, null, 2, 3])).toBe(1);
    expect(resultOf(variance, new Int64(), [-1n, null, 1n])).toBe(2);
    expect(resultOf(variance, new Bool(), [true, false], { ddof: 0 })).toBe(0.25);
    expect(variance.accepts(new Utf8())).toBe(false);
  });
});

test('std is the square root of var', () => {
  expect(resultOf(std, float, [1, 3, null, 5])).toBe(2);
  expect(resultOf(std, float, [2, 6], { ddof: 0 })).toBe(2);
  expect(resultOf(std, float, [2])).toBe(null);
  expect(resultOf(std, float, [1, Infinity])).toBe(Number.NaN);
});
