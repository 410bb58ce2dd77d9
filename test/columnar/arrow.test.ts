import {
  Dictionary,
  Int32,
  LargeUtf8,
  makeData,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { columnOf, vectorOf } from '../../src/columnar/arrow.ts';
import type { Column } from '../../src/columnar/column.ts';
import { plainStrings } from '../../src/columnar/plain-strings.ts';
import { take } from '../../src/columnar/take.ts';
import { column, valuesOf } from '../support/columns.ts';

const words = ['a', 'a string of more than twelve bytes', null, 'ü', ''];
const rows = Int32Array.of(3, 2, 1);
const wanted = ['ü', null, 'a string of more than twelve bytes'];

/** What another reader of Arrow makes of a column. */
function written(of: Column): unknown[] {
  return [...tableFromIPC(tableToIPC(new Table({ x: vectorOf(of) }))).getChild('x')!];
}

function dictionaryData(codes: number[], values: Vector<Utf8>): Column {
  const type = new Dictionary(values.type, new Int32());
  return columnOf(
    makeData({ type, length: codes.length, nullCount: 0, data: Int32Array.from(codes), dictionary: values }),
  );
}

describe('columns of Arrow data', () => {
  for (const type of [new LargeUtf8(), new Utf8View(), new Dictionary(new LargeUtf8(), new Int32())]) {
    test(`rows of ${type} are plain strings to whoever reads them next`, () => {
      const taken = take(column(type, words), rows);
      expect(valuesOf(taken)).toEqual(wanted);
      expect([...vectorOf(taken)]).toEqual(wanted);
      expect(written(taken)).toEqual(wanted);
    });

    test(`a slice of ${type}`, () => {
      expect(
        valuesOf(columnOf(column(type, words).data ?? vectorFromArray(words, type).data[0]!.slice(0, 5))),
      ).toEqual(words);
      expect(valuesOf(columnOf(vectorFromArray(words, type).data[0]!.slice(1, 3)))).toEqual(
        words.slice(1, 4),
      );
    });
  }

  test('a dictionary in pieces keeps its nulls', () => {
    const pieces = [['a', null], ['b']].map((part) => vectorFromArray(part, new Utf8()).data[0]!);
    const whole = dictionaryData([0, 1, 2, 1], new Vector(pieces));
    expect(valuesOf(whole)).toEqual(['a', null, 'b', null]);
  });

  test('a dictionary column as plain strings', () => {
    const whole = dictionaryData([2, 1, 0, 2], vectorFromArray(['a', null, 'b'], new Utf8()));
    expect(valuesOf(plainStrings(whole))).toEqual(['b', null, 'a', 'b']);
    expect(plainStrings(whole).kind).toBe('utf8');
  });
});
