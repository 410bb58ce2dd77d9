import { describe, expect, test } from 'vitest';
import { type Admission, ValueWindow } from '../../src/window/value-window.ts';

const single = (...keys: number[]) => ({ high: Float64Array.from(keys), low: new Float64Array(keys.length) });
const words = (...keys: bigint[]) => ({
  high: Float64Array.from(keys, (key) => Number(key >> 32n)),
  low: Float64Array.from(keys, (key) => Number(BigInt.asUintN(32, key))),
});
const rowsOf = ({ rows }: Admission) => (rows === undefined ? 'all' : [...rows]);

const admit = (window: ValueWindow, ...keys: number[]) => {
  const admission = window.admit(single(...keys), keys.length, false);
  window.move(admission);
  return admission;
};

describe('a value window', () => {
  test('lets ordered rows in without looking for them one by one', () => {
    const window = new ValueWindow(10, 'right', false);
    expect(rowsOf(admit(window, 0, 5, 5, 9))).toBe('all');
    expect(rowsOf(admit(window, 9, 18))).toBe('all');
    expect([window.isOut(8, 0), window.isOut(8.5, 0)]).toEqual([true, false]);
  });

  test('leaves out rows that the newest of their own batch moves out', () => {
    const window = new ValueWindow(10, 'right', false);
    expect(rowsOf(admit(window, 0, 20, 15))).toEqual([1, 2]);
    expect(window.late).toBe(0);
  });

  test('counts a row as late when it was out of view as it came, wherever the batches are cut', () => {
    const together = new ValueWindow(10, 'right', false);
    admit(together, 20, 10, 11, 40, 29);
    const apart = new ValueWindow(10, 'right', false);
    for (const key of [20, 10, 11, 40, 29]) admit(apart, key);
    expect([together.late, apart.late]).toEqual([2, 2]);
  });

  test('rejects keys that are missing or infinite, first and last ones too', () => {
    const window = new ValueWindow(10, 'right', false);
    expect(rowsOf(admit(window, Number.NaN, 1, 2, Infinity))).toEqual([1, 2]);
    expect(rowsOf(admit(window, -Infinity, 3))).toEqual([1]);
    expect(rowsOf(admit(window, Number.NaN))).toEqual([]);
    expect([window.rejected, window.newestHigh]).toEqual([4, 3]);
  });

  test('changes nothing until it is moved', () => {
    const window = new ValueWindow(10, 'right', false);
    window.admit(single(1, Number.NaN, 2), 3, false);
    expect([window.rejected, window.newestHigh]).toEqual([0, -Infinity]);
  });

  for (const [closed, lower, upper] of [
    ['right', false, true],
    ['left', true, false],
    ['both', true, true],
    ['neither', false, false],
  ] as const) {
    test(`closed ${closed}: ${lower ? 'keeps' : 'lets go of'} the lower end, ${upper ? 'takes' : 'keeps waiting'} the upper`, () => {
      const window = new ValueWindow(10, closed, false);
      const { waiting } = admit(window, 0, 10);
      expect(window.isOut(0, 0)).toBe(!lower);
      expect(waiting === undefined ? [] : [...waiting]).toEqual(upper ? [] : [1]);
    });
  }

  test('tells nanoseconds apart that doubles cannot', () => {
    const t = 1_700_000_000_000_000_000n;
    const window = new ValueWindow(10n, 'right', true);
    window.move(window.admit(words(t, t + 1n, t + 10n), 3, false));
    const isOut = (key: bigint) => window.isOut(words(key).high[0]!, words(key).low[0]!);
    expect([isOut(t), isOut(t + 1n)]).toEqual([true, false]);
  });

  test('reckons across the border of the words, before 1970, and with widths beyond 32 bits', () => {
    const width = 2n ** 40n + 3n;
    for (const newest of [0n, 2n ** 32n, -1n, -(2n ** 50n), 2n ** 63n - 1n]) {
      const window = new ValueWindow(width, 'right', true);
      window.move(window.admit(words(newest), 1, false));
      const isOut = (key: bigint) => window.isOut(words(key).high[0]!, words(key).low[0]!);
      expect([isOut(newest - width), isOut(newest - width + 1n)]).toEqual([true, false]);
    }
  });

  test('holds its newest key where the width vanishes beside it', () => {
    const window = new ValueWindow(1, 'right', false);
    expect(rowsOf(admit(window, 1e300))).toBe('all');
    expect(window.isOut(1e300, 0)).toBe(false);
  });
});
