import { describe, expect, test } from 'vitest';
import { inferSchema } from '../../src/columnar/infer-schema.ts';
import { typeName } from '../../src/columnar/type-name.ts';

const inferred = (input: Parameters<typeof inferSchema>[0]) =>
  inferSchema(input)?.fields.map((field) => `${field.name}: ${typeName(field.type)}`);

describe('inferSchema', () => {
  test('takes the type of the first value that is not null', () => {
    expect(inferred([{ a: null, b: 1n, c: true }, { a: 1, d: 'x', e: new Date(0) }, { a: 'x' }])).toEqual([
      'a: float64',
      'b: int64',
      'c: bool',
      'd: utf8',
      'e: timestamp(ms)',
    ]);
  });

  test('gives a column of nothing but nulls the type null', () => {
    expect(inferred([{ a: null }, { a: undefined }])).toEqual(['a: null']);
  });

  test('leaves out objects and arrays', () => {
    expect(inferred([{ a: 1, where: { x: 1 }, tags: ['x'] }, { where: 3 }])).toEqual(['a: float64']);
  });

  test('takes the type of a typed array', () => {
    expect(
      inferred({ a: Int32Array.of(1), b: BigInt64Array.of(1n), c: new Float32Array(0), d: ['x'], e: [] }),
    ).toEqual(['a: int32', 'b: int64', 'c: float32', 'd: utf8', 'e: null']);
  });

  test('knows nothing of no rows', () => {
    expect(inferSchema([])).toBeUndefined();
    expect(inferSchema([3, null, []])).toBeUndefined();
  });
});
