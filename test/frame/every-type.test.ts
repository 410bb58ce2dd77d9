import { type Data, Field, Int32, makeData, RecordBatch, Schema, Struct, Vector } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { columnOf, dataOf } from '../../src/columnar/arrow.ts';
import { concat } from '../../src/columnar/concat.ts';
import { nullsOf } from '../../src/columnar/nulls.ts';
import { toIpc } from '../../src/formats/ipc-write.ts';
import { readIpc, StreamingDataFrame, toRows } from '../../src/index.ts';
import { everyType, type Nulls, plain, rowsOfVector, valueInRow } from '../support/every-type.ts';

const rows = 11;

function batchOf(x: Data): RecordBatch {
  const { length } = x;
  const k = makeData({ type: new Int32(), length, data: Int32Array.from({ length }, (_, i) => i) });
  const fields = [new Field('k', new Int32(), true), new Field('x', x.type, true)];
  const struct = makeData({ type: new Struct(fields), length, nullCount: 0, children: [k, x] });
  return new RecordBatch(new Schema(fields), struct);
}

type Frame = StreamingDataFrame;

/** What a plan makes of a batch. */
function through(batch: RecordBatch, plan: (frame: Frame) => Frame): RecordBatch {
  const frame = new StreamingDataFrame({ schema: batch.schema });
  const got: RecordBatch[] = [];
  plan(frame).sink((out: RecordBatch) => got.push(out));
  frame.emit(batch);
  expect(got).toHaveLength(1);
  return got[0]!;
}

const column = (batch: RecordBatch, name: string): Vector => {
  const index = batch.schema.fields.findIndex((own) => own.name === name);
  return new Vector([batch.data.children[index]!]);
};

/** Values and validity of column `name` are those of `expected`. */
function same(batch: RecordBatch, name: string, expected: Vector, picked?: readonly number[]): void {
  const vector = column(batch, name);
  const wanted = picked ?? Array.from({ length: expected.length }, (_, i) => i);
  expect(vector.length).toBe(wanted.length);
  expect(rowsOfVector(vector)).toEqual(wanted.map((row) => valueInRow(expected, row)));
  expect(Array.from({ length: wanted.length }, (_, i) => vector.isValid(i))).toEqual(
    wanted.map((row) => expected.isValid(row)),
  );
  expect(String(vector.type)).toBe(String(expected.type));
}

const keep = (frame: Frame): Frame => frame.filter((r) => r.k!.mod(4).ne(2));
const inputs: Record<string, (data: (length: number) => Data) => Data> = {
  whole: (data) => data(rows),
  'a slice': (data) => data(rows + 5).slice(3, rows),
  'a slice of a slice': (data) =>
    data(rows + 20)
      .slice(9, rows + 4)
      .slice(2, rows),
  'no rows': (data) => data(0),
};

describe.each(Object.entries(everyType))('%s', (name, item) => {
  describe.each(Object.keys(inputs))('of %s', (shape) => {
    test.each(['some', 'none', 'all'] as Nulls[])(
      'with %s nulls comes out of a frame as it went in',
      (nulls) => {
        const data = inputs[shape]!((length) => item.data(length, nulls));
        const batch = batchOf(data);
        const expected = new Vector([data]);
        const k = Array.from({ length: data.length }, (_, i) => i);
        same(
          through(batch, (f) => f),
          'x',
          expected,
        );
        same(
          through(batch, (f) => f.select('x') as unknown as Frame),
          'x',
          expected,
        );
        same(
          through(batch, (f) => f.rename({ x: 'y' }) as unknown as Frame),
          'y',
          expected,
        );
        same(
          through(batch, (f) => f.assign({ z: f.k!.add(1) }) as unknown as Frame),
          'x',
          expected,
        );
        const kept = k.filter((i) => i % 4 !== 2);
        same(through(batch, keep), 'x', expected, kept);
        same(
          through(batch, (f) => f.filter((r) => r.k!.gt(1000))),
          'x',
          expected,
          [],
        );
        same(
          through(batch, (f) => keep(keep(f).filter((r) => r.k!.ne(0)))),
          'x',
          expected,
          kept.filter((i) => i !== 0),
        );
        const objects = toRows(through(batch, keep)) as Record<string, unknown>[];
        expect(objects.map(({ x }) => x === null)).toEqual(
          kept.map((row) => valueInRow(expected, row) === null),
        );
        const all = toRows(through(batch, (f) => f)) as Record<string, unknown>[];
        expect(all.filter((_, i) => i % 4 !== 2).map(({ x }) => plain(x))).toEqual(
          objects.map(({ x }) => plain(x)),
        );
      },
    );
  });

  test('comes back out of rows, or says that rows cannot be made into it', () => {
    const batch = batchOf(item.data(rows, 'some'));
    const objects = toRows(batch);
    const frame = new StreamingDataFrame({ schema: batch.schema });
    const got: RecordBatch[] = [];
    frame.sink((out: RecordBatch) => void got.push(out));
    if (name.includes('union')) {
      expect(() => frame.emit(objects)).toThrow('rows cannot be made into a column of type');
      return;
    }
    frame.emit(objects);
    same(got[0]!, 'x', column(batch, 'x'));
  });

  test('is joined with others of its type, slices too', () => {
    const parts = [
      item.data(5, 'some'),
      item.data(0, 'none'),
      item.data(9, 'none').slice(2, 6),
      item.data(2, 'all'),
    ];
    const joined = new Vector([dataOf(concat(parts.map(columnOf)))]);
    expect(rowsOfVector(joined)).toEqual(parts.flatMap((part) => rowsOfVector(new Vector([part]))));
  });

  test('is joined with nulls', () => {
    const part = item.data(5, 'some');
    const joined = new Vector([
      dataOf(concat([nullsOf(item.type, 2), columnOf(part), nullsOf(item.type, 0)])),
    ]);
    expect(rowsOfVector(joined)).toEqual([null, null, ...rowsOfVector(new Vector([part]))]);
  });

  test.each(Object.keys(inputs))('of %s goes through bytes', async (shape) => {
    const batch = batchOf(inputs[shape]!((length) => item.data(length, 'some')));
    for (const each of [batch, through(batch, keep)]) {
      const got: RecordBatch[] = [];
      for await (const read of readIpc(toIpc([each]))) got.push(read);
      expect(got).toHaveLength(1);
      same(got[0]!, 'x', column(each, 'x'));
    }
  });
});
