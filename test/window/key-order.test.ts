import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOrdered, keyOrder } from '../../src/window/key-order.ts';

const keys = fc.array(fc.tuple(fc.integer({ min: -2, max: 2 }), fc.nat(2)), { maxLength: 40 });

describe('rows in order of their keys', () => {
  test('go up, equal keys in the order given', () => {
    fc.assert(
      fc.property(keys, (given) => {
        const high = Float64Array.from(given, ([h]) => h);
        const low = Float64Array.from(given, ([, l]) => l);
        const rows = given.map((_, i) => i);
        const sorted = rows.toSorted((a, b) => given[a]![0] - given[b]![0] || given[a]![1] - given[b]![1]);
        expect([...keyOrder(high, low, given.length)]).toEqual(sorted);
        expect(isOrdered(high, low, 0, given.length)).toBe(String(sorted) === String(rows));
      }),
    );
  });
});
