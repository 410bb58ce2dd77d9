import {
  Bool,
  type DataType,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  Null,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { columnOf } from '../../src/columnar/arrow.ts';
import type { OpaqueColumn } from '../../src/columnar/column.ts';
import { restoredCopy, savedCopy } from '../../src/columnar/saved-column.ts';
import { slice } from '../../src/columnar/take.ts';
import { valuesOf } from '../support/columns.ts';

const columns: readonly [DataType, readonly unknown[]][] = [
  [new Float64(), [1.5, null, Number.NaN, -0]],
  [new Int64(), [1n, null, 3n, 2n ** 60n]],
  [new Bool(), [true, null, false, true]],
  [new Utf8(), ['a', null, '', 'é😀']],
  [new Dictionary(new Utf8(), new Int32()), ['a', null, 'b', 'a']],
  [new Null(), [null, null, null, null]],
];

test.each(columns)('a column of %s is the same again, and no longer than its rows', (type, values) => {
  const column = slice(columnOf(vectorFromArray(values, type).data[0]!), 1, 4);
  const saved = structuredClone(savedCopy(column));
  expect('type' in saved || 'data' in saved).toBe(false);
  expect(valuesOf(restoredCopy(saved, type))).toEqual(values.slice(1));
});

test('a column that is only carried along is saved too', () => {
  const list = new List(new Field('item', new Int32(), true));
  const column = columnOf(vectorFromArray([[1]], list).data[0]!);
  const restored = restoredCopy(structuredClone(savedCopy(column)), list) as OpaqueColumn;
  expect([...new Vector([restored.data]).get(0)]).toEqual([1]);
});
