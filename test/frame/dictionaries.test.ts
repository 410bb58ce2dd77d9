import {
  type DataType,
  Dictionary,
  Field,
  Int8,
  Int16,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Uint16,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { columnOf } from '../../src/columnar/arrow.ts';
import { concat } from '../../src/columnar/concat.ts';
import { readIpc, StreamingDataFrame, toRows } from '../../src/index.ts';
import { column, recordBatch, valuesOf } from '../support/columns.ts';

type Index = Int8 | Int16 | Int32 | Uint16;
const dictionaryType = (indices: Index): Dictionary => new Dictionary(new Utf8(), indices as Int32, 7);

/** A batch whose column `s` has these codes into this dictionary, -1 for null, and a column `n` of ones. */
function coded(dictionary: Vector, codes: readonly number[], indices: Index = new Int32()): RecordBatch {
  const type = dictionaryType(indices);
  const length = codes.length;
  const bits = new Uint8Array(8);
  for (const [i, code] of codes.entries()) if (code >= 0) bits[i >> 3]! |= 1 << (i & 7);
  const data = (indices.ArrayType as { from(values: readonly number[]): Int32Array }).from(
    codes.map((code) => Math.max(code, 0)),
  );
  const nullBitmap = codes.includes(-1) ? bits : undefined;
  const s = makeData({
    type,
    length,
    nullCount: codes.filter((code) => code < 0).length,
    nullBitmap,
    data,
    dictionary,
  } as never);
  const n = makeData({ type: new Int32(), length, data: new Int32Array(length).fill(1) });
  const fields = [new Field('s', type as DataType, true), new Field('n', new Int32(), true)];
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length, nullCount: 0, children: [s, n] as never }),
  );
}

const words = (...texts: (string | null)[]): Vector => vectorFromArray(texts, new Utf8());

/** The batches as one stream of bytes, read again. */
async function throughBytes(batches: readonly RecordBatch[]): Promise<RecordBatch[]> {
  const writer = new RecordBatchStreamWriter();
  for (const batch of batches) writer.write(batch);
  writer.finish();
  const got: RecordBatch[] = [];
  for await (const batch of readIpc(writer.toUint8Array(true))) got.push(batch);
  return got;
}

/** What groups, comparisons and joins of the batches see. */
function seen(batches: readonly RecordBatch[]): {
  counts: unknown;
  isB: unknown;
  afterA: unknown;
  same: unknown;
  all: unknown;
} {
  const df = new StreamingDataFrame();
  const groups = df.groupby('s').n!.sum();
  const rows: Record<string, unknown>[] = [];
  const out = df.assign({
    isB: (df.s as never as { eq(text: string): never }).eq('b'),
    afterA: (df.s as never as { gt(text: string): never }).gt('a'),
    same: (df.s as never as { eq(other: unknown): never }).eq(df.s),
  }) as unknown as StreamingDataFrame;
  out.sink((batch) => rows.push(...toRows(batch)));
  for (const batch of batches) df.emit(batch);
  const joined = concat(batches.map((batch) => columnOf(batch.data.children[0]!)));
  return {
    counts: Object.fromEntries(toRows(groups.current!).map((row) => [row.s, row.n])),
    isB: rows.map((row) => row.isB),
    afterA: rows.map((row) => row.afterA),
    same: rows.map((row) => row.same),
    all: valuesOf(joined),
  };
}

const expected = {
  counts: { a: 2, b: 3, c: 1, z: 1 },
  isB: [false, true, null, true, false, false, false, true],
  afterA: [false, true, null, true, true, true, false, true],
  same: [true, true, null, true, true, true, true, true],
  all: ['a', 'b', null, 'b', 'z', 'c', 'a', 'b'],
};

const first = coded(words('a', 'b'), [0, 1, -1]);
const second = (indices?: Index) => coded(words('z', 'c', 'b', 'a'), [2, 0, 1, 3, 2], indices);

describe('a dictionary', () => {
  test('that is replaced by another with each batch stands for its own strings', async () => {
    expect(seen([first, second()])).toEqual(expected);
    expect(seen(await throughBytes([first, second()]))).toEqual(expected);
  });

  test('that grows by deltas stands for the same strings', async () => {
    const dictionary = words('a', 'b');
    const grown = dictionary.concat(words('z', 'c'));
    const batches = [coded(dictionary, [0, 1, -1]), coded(grown, [1, 2, 3, 0, 1])];
    expect(seen(batches)).toEqual(expected);
    const read = await throughBytes(batches);
    expect(read[1]!.data.children[0]!.dictionary!.length).toBe(4);
    expect(seen(read)).toEqual(expected);
  });

  test.each([new Int8(), new Int16(), new Uint16()])(
    'may have codes of another width, %s',
    async (indices) => {
      expect(seen([first, second(indices)])).toEqual(expected);
      const read = [...(await throughBytes([first])), ...(await throughBytes([second(indices)]))];
      expect(seen(read)).toEqual(expected);
    },
  );

  test('may come after plain strings, and plain strings after it', async () => {
    const n = (length: number) => vectorFromArray(new Array<number>(length).fill(1), new Int32());
    const plain1 = recordBatch({ s: words('a', 'b', null), n: n(3) });
    const plain2 = recordBatch({ s: words('b', 'z', 'c', 'a', 'b'), n: n(5) });
    const read = async (batch: RecordBatch) => (await throughBytes([batch]))[0]!;
    expect(seen([await read(first), await read(plain2)])).toEqual(expected);
    expect(seen([await read(plain1), await read(second())])).toEqual(expected);
    expect(seen([plain1, second()])).toEqual(expected);
  });

  test('may say a string twice, and hold a null', () => {
    const twice = coded(words('a', 'b', 'a', null), [0, 2, 1, 3, -1]);
    const df = new StreamingDataFrame();
    const groups = df.groupby('s').n!.sum();
    const missing = df.filter(df.s!.isNull()).numRows();
    df.emit(twice);
    expect(toRows(groups.current!)).toEqual([
      { s: 'a', n: 2 },
      { s: 'b', n: 1 },
    ]);
    expect(missing.current).toBe(2);
  });

  test.each([
    ['all groups', {}],
    ['groups that are given up', { maxGroups: 3 }],
  ])('with a code that is not in it changes nothing, of %s', (_, options) => {
    const good = coded(words('a', 'b'), [0, 1]);
    const df = new StreamingDataFrame({ schema: good.schema });
    const groups = df.groupby('n', options).agg({ last: ['s', 'last'], size: 'size' });
    expect(() => df.emit(coded(words('a', 'b'), [1, 2]) as never)).toThrow('not in its dictionary');
    expect(toRows(groups.current!)).toEqual([]);
    df.emit(good as never);
    expect(toRows(groups.current!)).toEqual([{ n: 1, last: 'b', size: 2 }]);
  });

  test('of numbers is computed with as numbers', () => {
    const numbers = column(new Dictionary(new Int32(), new Int8()), [5, null, 7, 5]).data!;
    const batch = new RecordBatch(
      new Schema([new Field('d', numbers.type, true)]),
      makeData({
        type: new Struct([new Field('d', numbers.type, true)]),
        length: 4,
        nullCount: 0,
        children: [numbers],
      }),
    );
    const df = new StreamingDataFrame();
    const rows: Record<string, unknown>[] = [];
    const out = df.assign({ twice: df.d!.mul(2), big: df.d!.gt(5) }) as unknown as StreamingDataFrame;
    out.sink((each) => rows.push(...toRows(each)));
    const groups = df.groupby('d').size();
    df.emit(batch);
    expect(rows).toEqual([
      { d: 5, twice: 10, big: false },
      { d: null, twice: null, big: null },
      { d: 7, twice: 14, big: true },
      { d: 5, twice: 10, big: false },
    ]);
    expect(toRows(groups.current!).map((row) => Object.values(row))).toEqual([
      [5, 2],
      [7, 1],
    ]);
  });
});
