import {
  Binary,
  Bool,
  type DataType,
  Decimal,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Null,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnOf, vectorOf } from '../../src/columnar/arrow.ts';
import type { BoolColumn, Column } from '../../src/columnar/column.ts';
import { rowsWhere, slice, take } from '../../src/columnar/take.ts';

const long = 'a string that is copied by the platform, as it is long';
const kinds: [string, DataType, unknown[]][] = [
  ['int8', new Int8(), [1, null, -3, 4, 5]],
  ['int16', new Int16(), [1, null, -3, 4, 5]],
  ['int32', new Int32(), [1, null, -3, 4, 5]],
  ['float32', new Float32(), [1.5, null, Number.NaN, -0, Infinity]],
  ['float64', new Float64(), [1.5, null, Number.NaN, -0, Infinity]],
  ['int64', new Int64(), [1n, null, -(2n ** 63n), 2n ** 60n + 1n, 0n]],
  ['bool', new Bool(), [true, null, false, true, false]],
  ['utf8', new Utf8(), ['', null, 'añ', long, '\u{1F600}']],
  ['dictionary', new Dictionary(new Utf8(), new Int8()), ['b', null, 'a', 'b', 'c']],
  ['null', new Null(), [null, null, null, null, null]],
  ['list', new List(new Field('item', new Int32())), [[1, 2], null, [], [3], [4]]],
  ['binary', new Binary(), [Uint8Array.of(1), null, Uint8Array.of(), Uint8Array.of(2, 3), Uint8Array.of(9)]],
  ['float16', new Float16(), [1.5, null, 2, -3, 0.25]],
  [
    'fixed size binary',
    new FixedSizeBinary(2),
    [Uint8Array.of(1, 2), null, Uint8Array.of(0, 0), Uint8Array.of(2, 3), Uint8Array.of(9, 8)],
  ],
  [
    'decimal',
    new Decimal(2, 10),
    [
      Uint32Array.of(1, 2, 3, 4),
      null,
      Uint32Array.of(5, 0, 0, 0),
      Uint32Array.of(6, 0, 0, 0),
      Uint32Array.of(7, 0, 0, 0),
    ],
  ],
  ['struct', new Struct([new Field('a', new Int32())]), [{ a: 1 }, null, { a: 2 }, { a: 3 }, { a: null }]],
];

function vectorsOf(type: DataType, values: readonly unknown[]) {
  const make = (all: readonly unknown[]) => vectorFromArray(all, type);
  const dense = values.filter((value) => value !== null);
  return [
    make(values),
    make([values[0], null, values[2], ...values]).slice(3),
    make(dense.length > 0 ? dense : values),
  ];
}

const plain = (column: Column): unknown[] => JSON.parse(JSON.stringify([...vectorOf(column)], text));
const text = (_: string, value: unknown) =>
  typeof value === 'bigint' || (typeof value === 'number' && !Number.isInteger(value)) || Object.is(value, -0)
    ? String(value)
    : value;

describe.each(kinds)('%s', (_, type, values) => {
  test('take gives the rows asked for, in that order, nulls and slices included', () => {
    for (const vector of vectorsOf(type, values)) {
      const column = columnOf(vector.data[0]!);
      const all = plain(column);
      for (const rows of [[], [0], [2, 0, 1, 1], all.map((_, i) => all.length - 1 - i)]) {
        const wanted = rows.filter((row) => row < all.length);
        for (const numbers of [Uint32Array.from(wanted), Int32Array.from(wanted)]) {
          const taken = take(column, numbers);
          expect(taken.length).toBe(wanted.length);
          expect(plain(taken)).toEqual(wanted.map((row) => all[row]));
          expect(vectorOf(taken).nullCount).toBe(wanted.filter((row) => all[row] === null).length);
          expect(
            plain(
              take(
                taken,
                numbers.map((_, i) => i),
              ),
            ),
          ).toEqual(plain(taken));
        }
      }
    }
  });

  test('slice gives what take gives', () => {
    for (const vector of vectorsOf(type, values)) {
      const column = columnOf(vector.data[0]!);
      const all = plain(column);
      for (let from = 0; from <= all.length; from++) {
        for (let to = from; to <= all.length; to++) {
          const part = slice(column, from, to);
          expect(part.length).toBe(to - from);
          expect(plain(part)).toEqual(all.slice(from, to));
          if (to - from > 1) expect(plain(slice(part, 1, to - from))).toEqual(all.slice(from + 1, to));
        }
      }
    }
  });
});

describe('take', () => {
  test('keeps the dictionary itself', () => {
    const column = columnOf(vectorFromArray(['a', 'b'], new Dictionary(new Utf8(), new Int32())).data[0]!);
    const taken = take(column, Uint32Array.of(1));
    expect(
      taken.kind === 'dictionary' && column.kind === 'dictionary' && taken.dictionary === column.dictionary,
    ).toBe(true);
  });

  test('has no validity bits where no null was taken', () => {
    const column = columnOf(vectorFromArray([1, null, 3], new Int32()).data[0]!);
    expect(take(column, Uint32Array.of(0, 2)).validity).toBe(undefined);
  });
});

describe('rowsWhere', () => {
  test('gives the rows that are true; null is not', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(true, false, null)), fc.nat(20), (values, skip) => {
        const padding = Array.from({ length: skip }, (_, i) => (i % 3 === 0 ? null : true));
        const vector = vectorFromArray([...padding, ...values, true, null], new Bool());
        const mask = columnOf(vector.slice(skip, skip + values.length).data[0]!) as BoolColumn;
        expect([...rowsWhere(mask)]).toEqual([...values.keys()].filter((i) => values[i] === true));
      }),
    );
  });
});
