import {
  Bool,
  type DataType,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int16,
  Int32,
  Int64,
  List,
  Null,
  Struct,
  Utf8,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { columnOf, vectorOf } from '../../src/columnar/arrow.ts';
import { concat } from '../../src/columnar/concat.ts';
import { slice } from '../../src/columnar/take.ts';
import { column, valuesOf } from '../support/columns.ts';

const cases: [DataType, unknown[][]][] = [
  [new Float64(), [[1, null, 3], [], [Number.NaN, 5]]],
  [new Int16(), [[1], [2, 3]]],
  [new Int64(), [[1n, null], [2n ** 62n]]],
  [new Bool(), [[true, null, false], [true]]],
  [
    new Utf8(),
    [
      ['a', null, 'é'],
      ['', 'b'],
    ],
  ],
  [
    new Dictionary(new Utf8(), new Int32()),
    [
      ['a', null, 'b'],
      ['c', 'a'],
    ],
  ],
  [new Null(), [[null], [null, null]]],
];

describe('columns one after the other', () => {
  for (const [type, parts] of cases) {
    test(`${type}`, () => {
      const whole = concat(parts.map((part) => column(type, part)));
      expect(valuesOf(whole)).toEqual(parts.flat());
      expect([...vectorOf(whole)]).toEqual(parts.flat());
    });

    test(`slices of ${type}`, () => {
      const sliced = parts.map((part) =>
        columnOf(column(type, part).data!.slice(1, Math.max(0, part.length - 1))),
      );
      expect(valuesOf(concat(sliced))).toEqual(parts.flatMap((part) => part.slice(1)));
    });
  }

  test('plain values and dictionaries of them are joined as plain values, other types are not', () => {
    const plain = column(new Utf8(), ['a', null]);
    const coded = column(new Dictionary(new Utf8(), new Int32()), ['b', null, 'a']);
    const joined = concat([coded, plain]);
    expect(joined.kind).toBe('utf8');
    expect(valuesOf(joined)).toEqual(['b', null, 'a', 'a', null]);
    expect(() => concat([plain, column(new Int32(), [1])])).toThrow(
      'cannot join columns of type utf8 and int32',
    );
  });

  test('types that are only carried along come with what is in them', () => {
    const lists = column(new List(new Field('item', new Int32())), [[1], null, [2, 3], []]);
    expect(concat([lists])).toBe(lists);
    const both = concat([lists, slice(lists, 1, 3)]);
    const plain = valuesOf(both).map((list) => (list === null ? null : [...(list as Iterable<number>)]));
    expect(plain).toEqual([[1], null, [2, 3], [], null, [2, 3]]);
    const structs = column(new Struct([new Field('a', new Int32()), new Field('s', new Utf8())]), [
      { a: 1, s: 'x' },
      null,
      { a: null, s: 'yz' },
    ]);
    const rows = valuesOf(concat([slice(structs, 1, 3), structs])).map((row) => JSON.stringify(row));
    expect(rows).toEqual(['null', '{"a":null,"s":"yz"}', '{"a":1,"s":"x"}', 'null', '{"a":null,"s":"yz"}']);
    const bytes = column(new FixedSizeBinary(2), [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
    expect(valuesOf(concat([slice(bytes, 1, 2), bytes])).map((cell) => [...(cell as Uint8Array)])).toEqual([
      [3, 4],
      [1, 2],
      [3, 4],
    ]);
  });
});
