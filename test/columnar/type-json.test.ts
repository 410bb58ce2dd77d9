import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  DenseUnion,
  Dictionary,
  DurationNanosecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float64,
  Int8,
  Int16,
  Int64,
  IntervalDayTime,
  LargeUtf8,
  List,
  Map_,
  Null,
  Schema,
  Struct,
  TimeMicrosecond,
  TimeSecond,
  TimestampMillisecond,
  TimestampNanosecond,
  Uint32,
  Utf8,
  Utf8View,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { schemaFromJson, schemaToJson, typeFromJson, typeToJson } from '../../src/columnar/type-json.ts';

const item = new Field('item', new Int16(), true);
const types: readonly DataType[] = [
  new Null(),
  new Bool(),
  new Int8(),
  new Uint32(),
  new Int64(),
  new Float16(),
  new Float64(),
  new Decimal(2, 38, 128),
  new Utf8(),
  new LargeUtf8(),
  new Utf8View(),
  new Binary(),
  new FixedSizeBinary(16),
  new DateDay(),
  new DateMillisecond(),
  new TimeSecond(),
  new TimeMicrosecond(),
  new TimestampMillisecond(),
  new TimestampNanosecond('Europe/Berlin'),
  new DurationNanosecond(),
  new IntervalDayTime(),
  new List(item),
  new FixedSizeList(3, item),
  new Struct([item, new Field('name', new Utf8(), false)]),
  new Map_(
    new Field(
      'entries',
      new Struct([new Field('key', new Utf8(), false), new Field('value', new Int16())]),
      false,
    ) as never,
  ),
  new Dictionary(new Utf8(), new Int16(), 7, true),
];

test.each(types.map((type) => [String(type), type] as const))('%s comes back from JSON', (_, type) => {
  const again = typeFromJson(JSON.parse(JSON.stringify(typeToJson(type))));
  expect(typeToJson(again)).toEqual(typeToJson(type));
  expect(again.typeId).toBe(type.typeId);
  expect(String(again)).toBe(String(type));
});

test('fields keep their names, nullability and metadata', () => {
  const schema = new Schema([new Field('a', new Int8(), false, new Map([['unit', 'm']])), item]);
  const again = schemaFromJson(JSON.parse(JSON.stringify(schemaToJson(schema))));
  expect(again.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['a', false],
    ['item', true],
  ]);
  expect(again.fields[0]!.metadata.get('unit')).toBe('m');
});

test('what has no form is refused by name', () => {
  expect(() => typeToJson(new DenseUnion([0], [item]))).toThrow('cannot be written as JSON');
  expect(() => typeFromJson({ type: 'quaternion' })).toThrow('no Arrow type is called "quaternion"');
  expect(() => typeFromJson({ type: 'constructor' })).toThrow('no Arrow type');
});
