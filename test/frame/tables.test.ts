import { Dictionary, Field, Float64, Int32, Schema, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { expect, test } from 'vitest';
import { StreamingDataFrame } from '../../src/index.ts';

const S = new Schema([
  new Field('x', new Float64(), true),
  new Field('name', new Dictionary(new Utf8(), new Int32()), true),
]);

test('a table emits once per batch, one without batches once without rows', () => {
  const df = new StreamingDataFrame({ schema: S });
  const seen: unknown[] = [];
  df.agg({ sum: ['x', 'sum'], names: ['name', 'count'] } as never).sink((value) => seen.push(value));
  const part = new Table({
    x: vectorFromArray([1, 2], new Float64()),
    name: vectorFromArray(['a', null], S.fields[1]!.type as Dictionary<Utf8, Int32>),
  });
  df.emit(new Table(S));
  df.emit(part.concat(part));
  expect(seen).toEqual([
    { sum: 0, names: 0 },
    { sum: 3, names: 1 },
    { sum: 6, names: 2 },
  ]);
});
