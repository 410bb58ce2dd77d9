import {
  Data,
  type DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  Float32,
  Float64,
  Int32,
  Int64,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint64,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { columnOf } from '../../src/columnar/arrow.ts';
import { type PlainText, plainValue, writeNumbers, writeTexts } from '../../src/columnar/plain.ts';

const numbers = (vector: Vector, from = 0, to = vector.length): number[] => {
  const into = new Float64Array(to - from + 2).fill(-1);
  writeNumbers(columnOf(vector.data[0]!), from, to, into, 1);
  expect([into[0], into[into.length - 1]]).toEqual([-1, -1]);
  return [...into.subarray(1, -1)];
};

const texts = (vector: Vector, from = 0, to = vector.length): PlainText[] => {
  const into: PlainText[] = [];
  writeTexts(columnOf(vector.data[0]!), from, to, into, 0);
  return into;
};

const of = (values: readonly unknown[], type: DataType): Vector =>
  vectorFromArray(values as never[], type) as Vector;

/** The values as they are stored, in the unit of the type. */
const raw = (values: readonly bigint[], type: DataType): Vector =>
  new Vector([new Data(type, 0, values.length, 0, [undefined, BigInt64Array.from(values)] as never)]);

describe('writeNumbers', () => {
  test('keeps doubles, and null as NaN', () => {
    expect(numbers(of([1.5, null, Number.POSITIVE_INFINITY], new Float64()))).toEqual([
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
    expect(numbers(of([0.5, null], new Float32()))).toEqual([0.5, Number.NaN]);
  });

  test('reads part of a slice, whose validity starts at its offset', () => {
    const sliced = of([0, 1, null, 3, null, 5], new Int32()).slice(1, 6);
    expect(numbers(sliced, 1, 4)).toEqual([Number.NaN, 3, Number.NaN]);
  });

  test('gives times in milliseconds since 1970, whatever their unit', () => {
    expect(numbers(raw([1n, -1n], new TimestampSecond()))).toEqual([1000, -1000]);
    expect(numbers(raw([1_500n, -1n], new TimestampMicrosecond()))).toEqual([1.5, -0.001]);
    expect(numbers(raw([1_700_000_000_123_456_789n], new TimestampNanosecond()))).toEqual([
      1_700_000_000_123.4568,
    ]);
    expect(numbers(of([new Date('1969-12-31'), new Date('1970-01-02')], new DateDay()))).toEqual([
      -86_400_000, 86_400_000,
    ]);
    expect(numbers(of([new Date(-5)], new DateMillisecond()))).toEqual([-5]);
    expect(numbers(raw([2_500n], new TimeMicrosecond()))).toEqual([2.5]);
  });

  test('gives 64-bit integers as the nearest double', () => {
    const values = [0n, -1n, 2n ** 53n - 1n, -(2n ** 62n), 2n ** 63n - 1n];
    expect(numbers(of(values, new Int64()))).toEqual(values.map(Number));
    expect(numbers(of([2n ** 64n - 1n], new Uint64()))).toEqual([2 ** 64]);
  });

  test('looks a dictionary up', () => {
    const type = new Dictionary(new Float64(), new Int32());
    expect(numbers(of([1.5, 2.5, null, 1.5], type))).toEqual([1.5, 2.5, Number.NaN, 1.5]);
  });

  test('refuses text', () => {
    expect(() => numbers(of(['a'], new Utf8()))).toThrow(/Utf8 cannot be read as a number/);
  });
});

describe('writeTexts', () => {
  test('decodes strings, and keeps null', () => {
    expect(texts(of(['a', null, '', 'grüße 🌍'], new Utf8()))).toEqual(['a', null, '', 'grüße 🌍']);
    expect(texts(of(['a', 'b', null, 'd'], new Utf8()).slice(1, 4), 1, 3)).toEqual([null, 'd']);
  });

  test('decodes a dictionary', () => {
    const type = new Dictionary(new Utf8(), new Int32());
    expect(texts(of(['a', 'b', null, 'a'], type), 1)).toEqual(['b', null, 'a']);
  });

  test('gives booleans', () => {
    expect(texts(vectorFromArray([true, null, false]) as Vector)).toEqual([true, null, false]);
  });

  test('refuses numbers', () => {
    expect(() => texts(of([1], new Float64()))).toThrow(/Float64 cannot be read as text/);
  });
});

describe('plainValue', () => {
  test('makes numbers of bigints and dates', () => {
    expect([
      plainValue(5n),
      plainValue(new Date(7)),
      plainValue(undefined),
      plainValue('a'),
      plainValue(0),
    ]).toEqual([5, 7, null, 'a', 0]);
  });

  test('refuses objects', () => {
    expect(() => plainValue({})).toThrow(/\[object Object\] is not a plain value/);
  });
});
