import {
  Bool,
  type DataType,
  DateDay,
  Float32,
  Float64,
  Int64,
  TimeMillisecond,
  TimestampNanosecond,
  Uint8,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { max, min } from '../../src/aggregate/index.ts';
import type { Column } from '../../src/columnar/column.ts';
import { lanesOf } from '../../src/columnar/lanes.ts';
import { bound, inEachWay, newState, resultOf } from './run.ts';

describe('min and max', () => {
  test.each([
    ['float64', new Float64(), [2.5, null, Number.NaN, -1], -1, 2.5],
    ['float32', new Float32(), [2.5, null, -1], -1, 2.5],
    ['infinities', new Float64(), [Infinity, null, -Infinity], -Infinity, Infinity],
    ['only infinity', new Float64(), [null, Infinity, Number.NaN], Infinity, Infinity],
    ['uint8', new Uint8(), [200, 3, null], 3, 200],
    ['bool', new Bool(), [true, null, false], false, true],
    ['one bool', new Bool(), [true, null], true, true],
    [
      'int64',
      new Int64(),
      [2n ** 53n + 1n, 2n ** 53n, null, -1n, -(2n ** 33n)],
      -(2n ** 33n),
      2n ** 53n + 1n,
    ],
    ['close int64', new Int64(), [-1n, -2n, -3n], -3n, -1n],
    ['uint64', new Uint64(), [2n ** 64n - 1n, 2n ** 63n, null], 2n ** 63n, 2n ** 64n - 1n],
    ['nothing', new Float64(), [null, Number.NaN], null, null],
    ['no int64', new Int64(), [null], null, null],
    ['no rows', new Bool(), [], null, null],
  ] as [string, DataType, unknown[], unknown, unknown][])('of %s', (_, type, values, least, most) => {
    expect(resultOf(min, type, values)).toBe(least);
    expect(resultOf(max, type, values)).toBe(most);
    expect(bound(min, type).output).toBe(type);
  });

  test('keep times exact, in their own type', () => {
    const values = [1_700_000_000_123_456_789n, 1_700_000_000_123_456_788n, -5n];
    const type = new TimestampNanosecond('Europe/Berlin');
    const raw: Column = {
      kind: 'int64',
      type,
      length: 3,
      validity: undefined,
      offset: 0,
      values: BigInt64Array.from(values),
    };
    const aggregation = bound(max, type);
    const state = newState(aggregation);
    aggregation.onNewAll(state, lanesOf(raw), 0, 3);
    const result = aggregation.result(state, Int32Array.of(0));
    expect(result.type).toBe(type);
    expect((result as typeof raw).values[0]).toBe(values[0]);
    for (const small of [new DateDay(), new TimeMillisecond()]) {
      const { output, result: make } = bound(min, small);
      expect([output, make([Float64Array.of(3)], Int32Array.of(0)).kind]).toEqual([small, 'number']);
    }
  });

  test('take -0 for 0', () => {
    for (const values of [[0, -0], [-0, 0], [-0]]) {
      for (const definition of [min, max]) {
        const results = inEachWay(bound(definition, new Float64()), [Float64Array.from(values)]);
        expect(Object.values(results)).toEqual([0, 0, 0, 0, 0]);
      }
    }
  });

  test('take strings', () => {
    expect([min.accepts(new Utf8()), max.accepts(new Utf8())]).toEqual([true, true]);
  });
});
