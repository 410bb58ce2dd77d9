import { Dictionary, Field, Float64, Int32, Int64, List, Utf8 } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { count, size } from '../../src/aggregate/index.ts';
import { bound, newState, resultOf, resultsOf } from './run.ts';

const types = [
  [new Float64(), [1, null, Number.NaN, 0], 2n],
  [new Int64(), [0n, null, 1n, null], 2n],
  [new Utf8(), ['', null, 'x', 'y'], 3n],
  [new Dictionary(new Utf8(), new Int32()), ['a', null, 'a', 'b'], 3n],
  [new List(new Field('item', new Int32())), [[1], null, [], [2]], 3n],
] as const;

describe.each(types)('of %s', (type, values, valid) => {
  test('count counts what is neither null nor NaN', () => {
    expect(resultOf(count, type, values)).toBe(valid);
  });

  test('size counts rows', () => {
    expect(resultOf(size, type, values)).toBe(4n);
  });

  test('both are plain numbers, written as int64', () => {
    for (const definition of [count, size]) {
      expect(definition.accepts(type)).toBe(true);
      expect(bound(definition, type)).toMatchObject({ output: new Int64(), plainNumber: true });
    }
  });
});

test('both are 0 of nothing, and exact beyond 32 bits', () => {
  for (const definition of [count, size]) {
    const aggregation = bound(definition, new Float64());
    const state = newState(aggregation);
    expect(resultsOf(aggregation, state)).toEqual([0n]);
    state[0]![0] = 2 ** 40 + 5;
    expect(resultsOf(aggregation, state)).toEqual([2n ** 40n + 5n]);
  }
});

test('rows of no group count nowhere', () => {
  for (const definition of [count, size]) {
    const aggregation = bound(definition, new Float64());
    const state = newState(aggregation, 2);
    aggregation.onNew(state, [Float64Array.of(1, 2, 3)], Int32Array.of(-1, 1, 1), 0, 3);
    expect(resultsOf(aggregation, state, 2)).toEqual([0n, 2n]);
  }
});
