import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  DurationNanosecond,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Null,
  TimeMicrosecond,
  TimeMillisecond,
  TimestampNanosecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { columnOf, vectorOf } from '../../src/columnar/arrow.ts';
import type { Column } from '../../src/columnar/column.ts';
import { columnOfLanes, laneCount, lanesOf } from '../../src/columnar/lanes.ts';

function column(type: DataType, values: readonly unknown[]): Column {
  return columnOf(vectorFromArray(values, type).data[0]!);
}

/** The same values behind others, so that values start at row 0 and validity bits do not. */
function sliced(type: DataType, values: readonly unknown[]): Column {
  const first = values.find((value) => value !== null) ?? null;
  return columnOf(vectorFromArray([first, null, first, ...values], type).slice(3).data[0]!);
}

const wide = 2n ** 62n + 2n ** 33n + 5n;
const narrow: [string, DataType, unknown[], number[]][] = [
  ['float64', new Float64(), [1.5, null, Number.NaN, -0], [1.5, Number.NaN, Number.NaN, -0]],
  ['float32', new Float32(), [0.1, null, Infinity], [Math.fround(0.1), Number.NaN, Infinity]],
  ['int8', new Int8(), [-128, null, 127], [-128, Number.NaN, 127]],
  ['int16', new Int16(), [-32768, null], [-32768, Number.NaN]],
  ['int32', new Int32(), [-(2 ** 31), null, 7], [-(2 ** 31), Number.NaN, 7]],
  ['uint8', new Uint8(), [255, null], [255, Number.NaN]],
  ['uint16', new Uint16(), [65535, null], [65535, Number.NaN]],
  ['uint32', new Uint32(), [2 ** 32 - 1, null], [2 ** 32 - 1, Number.NaN]],
  ['bool', new Bool(), [true, null, false, true], [1, Number.NaN, 0, 1]],
  ['utf8', new Utf8(), ['', null, 'x'], [0, Number.NaN, 0]],
  ['null', new Null(), [null, null], [Number.NaN, Number.NaN]],
  ['dictionary', new Dictionary(new Utf8(), new Int8()), ['a', null, 'a'], [0, Number.NaN, 0]],
];

describe('lanesOf', () => {
  test.each(narrow)('gives one lane of %s, NaN where a value is missing', (_, type, values, lane) => {
    expect(laneCount(type)).toBe(1);
    for (const of of [column, sliced]) expect(lanesOf(of(type, values))).toEqual([Float64Array.from(lane)]);
  });

  test.each([
    ['int64', new Int64()],
    ['timestamp', new TimestampNanosecond()],
    ['duration', new DurationNanosecond()],
    ['time64', new TimeMicrosecond()],
    ['uint64', new Uint64()],
  ])('gives the words of %s in two lanes, both exact', (_, type) => {
    const values = type instanceof Uint64 ? [wide, 2n ** 64n - 1n] : [wide, -1n, -(2n ** 63n)];
    const raw: Column = {
      kind: 'int64',
      type,
      length: values.length,
      validity: undefined,
      offset: 0,
      values: type instanceof Uint64 ? BigUint64Array.from(values) : BigInt64Array.from(values),
    };
    expect(laneCount(type)).toBe(2);
    const [high, low] = lanesOf(raw) as [Float64Array, Float64Array];
    expect(Array.from(high, (h, i) => BigInt(h) * 2n ** 32n + BigInt(low[i]!))).toEqual(values);
    expect((columnOfLanes(type, [high, low]) as typeof raw).values).toEqual(raw.values);
  });

  test('marks nulls of 64-bit columns in the first lane, in slices too', () => {
    for (const of of [column, sliced]) {
      const [high, low] = lanesOf(of(new Int64(), [wide, null, -1n])) as [Float64Array, Float64Array];
      expect([...high]).toEqual([2 ** 30 + 2, Number.NaN, -1]);
      expect([low[0], low[2]]).toEqual([5, 2 ** 32 - 1]);
    }
  });

  test('does not copy float64 without nulls', () => {
    const values = Float64Array.of(1, 2, 3);
    const plain: Column = {
      kind: 'number',
      type: new Float64(),
      length: 3,
      validity: undefined,
      offset: 0,
      values,
    };
    expect(lanesOf(plain)[0]).toBe(values);
  });

  test('sees nulls of a dictionary', () => {
    const codes: Column = {
      kind: 'dictionary',
      type: new Dictionary(new Utf8(), new Int32()),
      length: 3,
      validity: undefined,
      offset: 0,
      codes: Int32Array.of(1, 0, 1),
      dictionary: column(new Utf8(), ['a', null]),
    };
    expect([...lanesOf(codes)[0]!]).toEqual([Number.NaN, 0, Number.NaN]);
  });

  test('tells valid rows of other types from missing ones', () => {
    const list = vectorFromArray([[1], null, []], new List(new Field('item', new Int32())));
    expect([...lanesOf(columnOf(list.data[0]!))[0]!]).toEqual([0, Number.NaN, 0]);
  });
});

describe('columnOfLanes', () => {
  test.each(narrow.filter(([name]) => !['utf8', 'null', 'dictionary'].includes(name)))(
    'makes a column of %s that has the values again',
    (_, type, values) => {
      const valid = Uint8Array.from(values, (value) => Number(value !== null));
      const again = columnOfLanes(type, lanesOf(column(type, values)), valid);
      expect([...vectorOf(again)]).toEqual([...vectorFromArray(values, type)]);
      expect(vectorOf(again).nullCount).toBe(values.filter((value) => value === null).length);
    },
  );

  test.each([new DateDay(), new DateMillisecond(), new TimeMillisecond()])(
    'knows how %s is stored',
    (type) => {
      const lanes =
        laneCount(type) === 1
          ? [Float64Array.of(3, Number.NaN)]
          : [Float64Array.of(0, Number.NaN), Float64Array.of(3, 0)];
      const made = columnOfLanes(type, lanes);
      expect(lanesOf(made).map((lane) => lane[0])).toEqual(lanes.map((lane) => lane[0]));
      expect(vectorOf(made).get(1)).toBe(null);
    },
  );
});
