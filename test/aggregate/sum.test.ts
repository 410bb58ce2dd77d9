import {
  Bool,
  DurationMillisecond,
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  TimestampMillisecond,
  Uint8,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mean, sum } from '../../src/aggregate/index.ts';
import { bound, exact, inEachWay, newState, ratio, resultOf, resultsOf } from './run.ts';

const float = new Float64();

describe('sum of floats', () => {
  test('skips null and NaN, and sums nothing to 0', () => {
    expect(resultOf(sum, float, [1, null, Number.NaN, 2.5])).toBe(3.5);
    expect(resultOf(sum, float, [null, Number.NaN])).toBe(0);
    expect(resultOf(sum, float, [])).toBe(0);
  });

  test('is null where fewer values than minCount are there', () => {
    expect(resultOf(sum, float, [1, null], { minCount: 2 })).toBe(null);
    expect(resultOf(sum, float, [1, 2], { minCount: 2 })).toBe(3);
    expect(resultOf(sum, new Int32(), [null], { minCount: 1 })).toBe(null);
    expect(() => bound(sum, float, { minCount: -1 })).toThrow(
      /"minCount" must be a whole number from 0 on, not -1/,
    );
  });

  test('loses nothing to spikes', () => {
    expect(resultOf(sum, float, [1e16, 1, 1, -1e16])).toBe(2);
    expect(resultOf(sum, float, [1e30, 1, 0.25, -1e30])).toBe(1.25);
    const tenths = Array.from({ length: 100_000 }, () => 0.1);
    expect(resultOf(sum, float, tenths)).toBe(10000);
  });

  test('follows IEEE with infinities: not a number is a result, not a missing one', () => {
    expect(resultOf(sum, float, [1, Infinity, null, 2])).toBe(Infinity);
    expect(resultOf(sum, float, [-Infinity, 2])).toBe(-Infinity);
    expect(resultOf(sum, float, [Infinity, 1, -Infinity, 2])).toBe(Number.NaN);
    expect(resultOf(mean, float, [Infinity, 1, -Infinity, 2])).toBe(Number.NaN);
  });

  test('does not overflow on the way to a finite sum', () => {
    const most = Number.MAX_VALUE;
    expect(resultOf(sum, float, [most, most, -most])).toBe(most);
    expect(resultOf(sum, float, [most, most, most, -most, -most, -most, 5])).toBe(5);
    expect(resultOf(sum, float, [most, most])).toBe(Infinity);
    expect(resultOf(sum, float, [most, most, Infinity, -most])).toBe(Infinity);
    expect(resultOf(mean, float, [most, most, null])).toBe(most);
    expect(
      resultOf(
        mean,
        float,
        Array.from({ length: 2000 }, () => -most),
      ),
    ).toBe(-most);
  });

  test('equals the exact sum, to the last place, for values of like size', () => {
    const value = fc.double({ min: -1e15, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 50 }), (values) => {
        const total = values.reduce((sum, x) => sum + exact(x), 0n);
        const wanted = ratio(total, 2n ** 1074n);
        for (const result of Object.values(inEachWay(bound(sum, float), [Float64Array.from(values)]))) {
          expect(Math.abs((result as number) - wanted)).toBeLessThanOrEqual(
            Math.abs(wanted) * 2 ** -52 + 1e15 * 2 ** -95,
          );
        }
      }),
    );
  });

  test('is right to 1e-12 of the largest value for values of any size, in any cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 40 }),
        (values) => {
          const wanted = ratio(
            values.reduce((sum, x) => sum + exact(x), 0n),
            2n ** 1074n,
          );
          const size = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
          for (const result of Object.values(inEachWay(bound(sum, float), [Float64Array.from(values)]))) {
            if (!Number.isFinite(wanted)) expect(result).toBe(wanted);
            else
              expect(Math.abs((result as number) - wanted)).toBeLessThanOrEqual(
                1e-12 * Math.abs(wanted) + 1e-29 * size,
              );
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('is float64 also of float32', () => {
    expect(bound(sum, new Float32()).output).toBeInstanceOf(Float64);
    expect(resultOf(sum, new Float32(), [0.1, 0.2])).toBe(Math.fround(0.1) + Math.fround(0.2));
  });
});

describe('sum of integers', () => {
  test('is exact, and a plain number to the user, for up to 32 bits and booleans', () => {
    expect(resultOf(sum, new Int8(), [-128, null, -128])).toBe(-256n);
    const most = new Float64Array(2 ** 21 - 1).fill(2 ** 32 - 1);
    const total = (2n ** 21n - 1n) * (2n ** 32n - 1n);
    const add = bound(sum, new Uint32());
    const state = newState(add, 2);
    add.onNewAll(state, [most], 0, most.length);
    add.onNew(state, [most], new Int32Array(most.length).fill(1), 0, most.length);
    expect(resultsOf(add, state, 2)).toEqual([total, total]);
    expect(resultOf(sum, new Bool(), [true, null, true, false])).toBe(2n);
    expect(resultOf(sum, new Uint8(), [])).toBe(0n);
    for (const type of [new Int8(), new Uint32(), new Bool()]) {
      const { output, plainNumber } = bound(sum, type);
      expect([output, plainNumber]).toEqual([new Int64(), true]);
    }
  });

  test('refuses to go beyond 2^53 - 1 for up to 32 bits, but may pass there', () => {
    const add = bound(sum, new Uint32());
    const state = newState(add);
    const rows = new Float64Array(2 ** 20).fill(2 ** 32 - 1);
    for (let k = 0; k < 3; k++) add.onNewAll(state, [rows], 0, rows.length);
    expect(() => resultsOf(add, state)).toThrow(
      /sum: 13510798882111488 minus|does not fit the exact integers/,
    );
    const back = bound(sum, new Int32());
    const there = newState(back);
    for (const sign of [1, 1, 1, -1, -1, -1]) {
      const part = new Float64Array(2 ** 21).fill(sign * (2 ** 31 - 1));
      back.onNewAll(there, [part], 0, part.length);
    }
    back.onNewAll(there, [Float64Array.of(7)], 0, 1);
    expect(resultsOf(back, there)).toEqual([7n]);
  });

  test('is exact for 64 bits', () => {
    expect(resultOf(sum, new Int64(), [2n ** 53n, 1n, null, 1n])).toBe(2n ** 53n + 2n);
    expect(resultOf(sum, new Int64(), [-(2n ** 63n), 2n ** 63n - 1n])).toBe(-1n);
    expect(resultOf(sum, new Uint64(), [2n ** 63n, 2n ** 63n - 1n])).toBe(2n ** 64n - 1n);
    expect(bound(sum, new Uint64()).output).toBeInstanceOf(Uint64);
    expect(bound(sum, new Int64()).plainNumber).toBe(false);
  });

  test('agrees with bigint sums', () => {
    const value = fc.bigInt({ min: -(2n ** 57n), max: 2n ** 57n });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 30 }), (values) => {
        expect(resultOf(sum, new Int64(), values)).toBe(values.reduce((a, b) => a + b, 0n));
      }),
    );
  });

  test('throws where 64 bits overflow', () => {
    expect(() => resultOf(sum, new Int64(), [2n ** 63n - 1n, 1n])).toThrow(
      /sum: 9223372036854775808 does not fit Int64/,
    );
    expect(() => resultOf(sum, new Int64(), [-(2n ** 63n), -1n])).toThrow(/does not fit Int64/);
    expect(() => resultOf(sum, new Uint64(), [2n ** 64n - 1n, 1n])).toThrow(/does not fit Uint64/);
    expect(resultOf(sum, new Int64(), [2n ** 63n - 1n, 1n, -1n])).toBe(2n ** 63n - 1n);
  });

  test('keeps the unit of durations', () => {
    const add = bound(sum, new DurationMillisecond());
    expect(add.output).toBeInstanceOf(DurationMillisecond);
    const state = newState(add);
    add.onNewAll(state, [Float64Array.of(0, 0), Float64Array.of(1500, 20)], 0, 2);
    expect(resultsOf(add, state)).toEqual([1520n]);
  });
});

describe('mean', () => {
  test('skips null and NaN, and is null for nothing', () => {
    expect(resultOf(mean, float, [1, null, Number.NaN, 3])).toBe(2);
    expect(resultOf(mean, float, [null, Number.NaN])).toBe(null);
    expect(resultOf(mean, new Int32(), [])).toBe(null);
  });

  test('is a float also of integers and booleans, from the exact sum', () => {
    expect(resultOf(mean, new Int64(), [2n ** 62n, -(2n ** 62n), 1n, 2n])).toBe(0.75);
    expect(resultOf(mean, new Bool(), [true, false, true, null, true])).toBe(0.75);
    expect(resultOf(mean, new Int8(), [-1, -2])).toBe(-1.5);
  });
});

test('sum and mean leave out what has none', () => {
  const types = [new Utf8(), new TimestampMillisecond()];
  expect(types.map((type) => sum.accepts(type))).toEqual([false, false]);
  expect(types.map((type) => mean.accepts(type))).toEqual([false, true]);
  expect([sum, mean].map(({ accepts }) => accepts(new DurationMillisecond()))).toEqual([true, true]);
});
