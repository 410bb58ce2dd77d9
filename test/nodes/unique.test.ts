import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sameStructure } from '../../src/nodes/same-structure.ts';
import type { UniqueOptions } from '../../src/nodes/unique.ts';
import { Stream } from '../../src/stream.ts';

function unique<T>(values: readonly T[], options?: UniqueOptions<T>): T[] {
  const source = new Stream<T>();
  const list = source.unique(options).sinkToList();
  for (const value of values) source.emit(value);
  return list;
}

describe('unique', () => {
  test('passes on what has not come before, compared as a map does it', () => {
    expect(unique([1, 2, 1, Number.NaN, Number.NaN, 0, -0, '1'])).toEqual([1, 2, Number.NaN, 0, '1']);
    expect(unique([[1], [1]])).toEqual([[1], [1]]);
  });

  test('with maxsize 1 drops immediate repeats', () => {
    expect(unique([1, 1, 2, 2, 1], { maxsize: 1 })).toEqual([1, 2, 1]);
  });

  test('remembers a repeated key longer', () => {
    expect(unique([1, 2, 1, 3, 1, 2], { maxsize: 2 })).toEqual([1, 2, 3, 2]);
    expect(unique([1, 2, 1, 3, 1, 2], { maxsize: 2, hashable: false })).toEqual([1, 2, 3, 2]);
  });

  test('compares by a function or a field', () => {
    expect(unique([1, 3, 2, 5], { key: (x) => x % 2 })).toEqual([1, 2]);
    const rows = [{ k: 'a' }, { k: 'b' }, { k: 'a' }];
    expect(unique(rows, { key: 'k' })).toEqual(rows.slice(0, 2));
  });

  test('compares by content where keys are not hashable', () => {
    const values = [[1, { a: 2 }], [1, { a: 2 }], [1, { a: 3 }], [1]];
    expect(unique<unknown>(values, { hashable: false })).toEqual([values[0], values[2], values[3]]);
  });

  test('remembers nothing of an element whose key fails', () => {
    const source = new Stream<number>();
    let isBad = true;
    const key = (x: number): number => {
      if (isBad) throw new Error('no key');
      return x;
    };
    const list = source.unique({ key }).sinkToList();
    expect(() => source.emit(1)).toThrow('no key (at stream › unique)');
    isBad = false;
    source.emit(1);
    expect(list).toEqual([1]);
  });

  test('is what remembering the last keys in a list would give, however they are compared', () => {
    const values = fc.array(fc.nat(6));
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 5 }), fc.boolean(), (xs, maxsize, hashable) => {
        let last: number[] = [];
        const expected = xs.filter((x) => {
          const isNew = !last.includes(x);
          last = [...last.filter((y) => y !== x), x].slice(-maxsize);
          return isNew;
        });
        expect(unique(xs, { maxsize, hashable })).toEqual(expected);
      }),
    );
  });

  test.each([0, -1, 1.5])('refuses the maxsize %d', (maxsize) => {
    expect(() => unique([], { maxsize })).toThrow(
      `maxsize of unique must be a whole number from 1, got ${maxsize}`,
    );
  });
});

describe('the same structure', () => {
  class Point {
    x = 1;
  }
  const cyclic = new Point();
  test.each<[unknown, unknown, boolean]>([
    [Number.NaN, Number.NaN, true],
    [0, -0, true],
    ['a', 'a', true],
    [null, undefined, false],
    [[1, [2]], [1, [2]], true],
    [[1], [1, 2], false],
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: undefined }, { b: undefined }, false],
    [{ a: 1 }, [1], false],
    [new Date(5), new Date(5), true],
    [new Date(5), new Date(6), false],
    [new Map([['a', [1]]]), new Map([['a', [1]]]), true],
    [new Map([['a', 1]]), new Map([['b', 1]]), false],
    [new Set([1, 2]), new Set([2, 1]), true],
    [new Set([1]), new Set([2]), false],
    [Float64Array.of(1, 2), Float64Array.of(1, 2), true],
    [Float64Array.of(1), Int8Array.of(1), false],
    [cyclic, cyclic, true],
    [new Point(), new Point(), false],
  ])('%o and %o: %s', (a, b, expected) => {
    expect(sameStructure(a, b)).toBe(expected);
    expect(sameStructure(b, a)).toBe(expected);
  });
});
