import {
  type DataType,
  Dictionary,
  Field,
  Float64,
  Int32,
  LargeUtf8,
  Schema,
  TimestampMillisecond,
  TimestampNanosecond,
  Utf8,
  Utf8View,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { buildBatch } from '../../src/columnar/build.ts';
import { schemaDifference } from '../../src/columnar/schema-diff.ts';

const schemaOf = (types: Record<string, DataType>, nullable = true) =>
  new Schema(Object.entries(types).map(([name, type]) => new Field(name, type, nullable)));

describe('schemaDifference', () => {
  test('takes the physical forms of a string for one type', () => {
    const plain = schemaOf({ s: new Utf8() });
    for (const type of [
      new LargeUtf8(),
      new Utf8View(),
      new Dictionary(new Utf8(), new Int32()),
      new Dictionary(new LargeUtf8(), new Int32()),
    ]) {
      expect(schemaDifference(plain, schemaOf({ s: type }))).toBeUndefined();
      expect(schemaDifference(schemaOf({ s: type }), plain)).toBeUndefined();
    }
  });

  test('names every field that differs', () => {
    const expected = schemaOf({ t: new TimestampMillisecond(), amount: new Float64(), name: new Utf8() });
    const actual = schemaOf({
      t: new TimestampNanosecond(),
      amont: new Float64(),
      name: new Utf8(),
      extra: new Int32(),
    });
    expect(schemaDifference(expected, actual)).toBe(
      'field "t" is timestamp(ns) instead of timestamp(ms); no field "amount"; did you mean "amont"?; unexpected field "amont"; unexpected field "extra"',
    );
  });

  test('does not mind the order of fields, but how often each comes', () => {
    const a = schemaOf({ x: new Int32(), y: new Int32() });
    expect(schemaDifference(a, schemaOf({ y: new Int32(), x: new Int32() }))).toBeUndefined();
    const twice = new Schema([...a.fields, a.fields[0]!]);
    expect(schemaDifference(twice, twice)).toBeUndefined();
    expect(schemaDifference(a, twice)).toBe('field "x" comes more often than it should');
  });

  test('lets a field that is not nullable be called nullable as long as it holds no null', () => {
    const strict = schemaOf({ x: new Int32() }, false);
    const loose = schemaOf({ x: new Int32() });
    const batchOf = (...x: (number | null)[]) => buildBatch(loose, { x }).batch;
    expect(schemaDifference(strict, loose)).toBeUndefined();
    expect(schemaDifference(strict, loose, batchOf(1, 2))).toBeUndefined();
    expect(schemaDifference(strict, loose, batchOf(1, null))).toBe(
      'field "x" has 1 nulls but is not nullable',
    );
    expect(schemaDifference(loose, strict, batchOf(1, null))).toBeUndefined();
  });
});
