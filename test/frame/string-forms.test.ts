import {
  Dictionary,
  Int32,
  LargeUtf8,
  makeData,
  makeVector,
  type RecordBatch,
  Table,
  Utf8,
  Utf8View,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import {
  Aggregation,
  type Column,
  int32,
  StreamingDataFrame,
  schema,
  toRows,
  utf8,
} from '../../src/index.ts';

const S = schema({ name: utf8 });
const long = 'a name of more than twelve bytes';

/** Strings, joined: it runs again over all rows of a window. */
class Joined extends Aggregation<Column, string, string> {
  initial(): string {
    return '';
  }
  onNew(state: string, rows: Column): readonly [string, string] {
    const joined =
      state +
      rows
        .toArray()
        .map((value) => value ?? '-')
        .join('');
    return [joined, joined];
  }
}

function batch(name: Vector): RecordBatch {
  return new Table({ name }).batches[0]!;
}

/** Dictionary-encoded, with the dictionary in the order given. */
function encoded(values: (string | null)[], words: (string | null)[]): RecordBatch {
  const dictionary = vectorFromArray(words, new Utf8());
  const data = Int32Array.from(values, (value) => words.indexOf(value));
  const type = new Dictionary(new Utf8(), new Int32());
  return batch(makeVector(makeData({ type, length: values.length, nullCount: 0, data, dictionary })));
}

/** The same column in every form it may come in. */
const forms: (RecordBatch | { name: string | null }[])[] = [
  [{ name: 'a' }, { name: 'b' }, { name: null }],
  encoded(['b', 'c', null], ['a', 'b', 'c', null]),
  encoded(['c', 'c', 'a'], ['c', 'a']),
  batch(vectorFromArray(['a', long, null], new Utf8View())),
  batch(vectorFromArray(['x', long, null, 'ü'], new LargeUtf8())).slice(1, 4),
];
const all = ['a', 'b', null, 'b', 'c', null, 'c', 'c', 'a', 'a', long, null, long, null, 'ü'];

describe('a column declared as utf8', () => {
  test('comes in any form, from batch to batch', () => {
    const df = new StreamingDataFrame({ schema: S });
    const sizes = df.groupby(['name'], { dropna: false }).size();
    const count = df.name.count();
    const lastFour = df.window(4).groupby('name').size();
    const joined = df.window(100).name.aggregate(new Joined());
    const kept: unknown[] = [];
    df.filter(df.name.ne('b')).sink((part) => kept.push(...toRows(part).map(({ name }) => name)));
    for (const form of forms) df.emit(form);

    const expected = [...new Set(all)].map((name) => ({
      name,
      size: all.filter((one) => one === name).length,
    }));
    expect(new Set(toRows(sizes.current!))).toEqual(new Set(expected));
    expect(count.current).toBe(all.filter((name) => name !== null).length);
    expect(toRows(lastFour.current!)).toEqual([
      { name: long, size: 1 },
      { name: 'ü', size: 1 },
    ]);
    expect(joined.current).toBe(all.map((name) => name ?? '-').join(''));
    expect(kept).toEqual(all.filter((name) => name !== null && name !== 'b'));
  });

  test('numbers in a dictionary are refused where plain ones were declared', () => {
    const df = new StreamingDataFrame({ schema: schema({ x: int32 }) });
    const type = new Dictionary(new Int32(), new Int32());
    const dictionary = vectorFromArray([1, 5], new Int32());
    const x = makeVector(makeData({ type, length: 2, nullCount: 0, data: Int32Array.of(0, 1), dictionary }));
    expect(() => {
      df.filter(df.x.gt(1)).sink(() => {});
      df.emit(new Table({ x }).batches[0]!);
    }).toThrow('field "x" is dictionary(int32) instead of int32');
  });
});
