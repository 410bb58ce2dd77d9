import {
  Bool,
  DateMillisecond,
  Dictionary,
  Float64,
  Int32,
  Int64,
  Null,
  RecordBatch,
  Struct,
  Table,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { toRows } from '../../src/columnar/rows.ts';
import { schema as declare, dictionary, float64, utf8 } from '../../src/columnar/schema.ts';
import { StreamingDataFrame } from '../../src/frame/dataframe.ts';

const types = {
  x: new Float64(),
  n: new Int32(),
  i: new Int64(),
  s: new Utf8(),
  d: new Dictionary(new Utf8(), new Int32()),
  b: new Bool(),
  t: new TimestampMillisecond(),
  day: new DateMillisecond(),
  nothing: new Null(),
  pair: new Struct([]),
};

const filled = new Table({
  x: vectorFromArray([1, 2], new Float64()),
  s: vectorFromArray(['a', 'b'], new Utf8()),
  d: vectorFromArray(['u', 'v'], new Dictionary(new Utf8(), new Int32())),
});
const { schema } = filled;
const ofEmptyVectors = (): RecordBatch =>
  new Table({
    x: vectorFromArray([], new Float64()),
    s: vectorFromArray([], new Utf8()),
    d: vectorFromArray([], new Dictionary(new Utf8(), new Int32())),
  }).batches[0]!;

test.each([
  ['a batch of vectors without values', ofEmptyVectors],
  ['a batch of a schema', () => new RecordBatch(schema, undefined as never)],
  ['a table of a schema', () => new Table(schema)],
  ['an empty slice', () => filled.batches[0]!.slice(0, 0)],
])('%s is an empty batch to every operation', (_, make) => {
  const df = new StreamingDataFrame({ schema: declare({ x: float64, s: utf8, d: dictionary() }) });
  const changed = df.filter((r) => r.x.gt(1)).assign({ y: (r) => r.x.add(1) });
  const emitted: number[] = [];
  changed.sink((batch) => emitted.push(batch.numRows));
  const results = {
    sum: df.x.sum(),
    window: df.window(3).x.mean(),
    max: df.x.max(),
  };
  const groups = [
    df.groupby('s').x.sum(),
    df.groupby('d').x.mean(),
    df.window(3).groupby('x').agg({ n: 'size' }),
  ];
  for (const input of [make(), filled, make()]) df.emit(input as never);
  expect(emitted).toEqual([0, 1, 0]);
  expect([results.sum.current, results.window.current, results.max.current]).toEqual([3, 1.5, 2]);
  for (const group of groups) expect(toRows(group.current!)).toHaveLength(2);
});

test('an empty vector of any type can be looked at as a column', () => {
  for (const [name, type] of Object.entries(types)) {
    const batch = new Table({ [name]: vectorFromArray([], type as never) }).batches[0]!;
    const df = new StreamingDataFrame();
    const seen: unknown[] = [];
    df.sink((rows) => seen.push(...toRows(rows)));
    df.emit(batch);
    expect(seen).toEqual([]);
  }
});
