import {
  Binary,
  BinaryView,
  Bool,
  DataType,
  Date_,
  Decimal,
  Dictionary,
  Duration,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float,
  Int,
  type Int32,
  Interval,
  LargeBinary,
  LargeList,
  LargeUtf8,
  List,
  Map_,
  Null,
  Schema,
  Struct,
  Time,
  Timestamp,
  Utf8,
  Utf8View,
} from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { typeName } from './type-name.ts';

/** An Arrow type as plain data: its name in the Arrow format in small letters, and its parameters. */
export interface TypeJson {
  readonly type: string;
  readonly [parameter: string]: unknown;
}

export interface FieldJson {
  readonly name: string;
  readonly type: TypeJson;
  readonly nullable: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** @throws `type-mismatch` for a type that has no form here: unions and those that are not known. */
export function typeToJson(type: DataType): TypeJson {
  if (DataType.isInt(type)) return { type: 'int', bitWidth: type.bitWidth, isSigned: type.isSigned };
  if (DataType.isFloat(type)) return { type: 'float', precision: type.precision };
  if (DataType.isDecimal(type)) {
    return { type: 'decimal', scale: type.scale, precision: type.precision, bitWidth: type.bitWidth };
  }
  if (DataType.isDate(type)) return { type: 'date', unit: type.unit };
  if (DataType.isTime(type)) return { type: 'time', unit: type.unit, bitWidth: type.bitWidth };
  if (DataType.isTimestamp(type)) {
    const { unit, timezone } = type;
    return timezone ? { type: 'timestamp', unit, timezone } : { type: 'timestamp', unit };
  }
  if (DataType.isDuration(type)) return { type: 'duration', unit: type.unit };
  if (DataType.isInterval(type)) return { type: 'interval', unit: type.unit };
  if (DataType.isFixedSizeBinary(type)) return { type: 'fixedsizebinary', byteWidth: type.byteWidth };
  if (DataType.isDictionary(type)) {
    const { indices, dictionary, id, isOrdered } = type;
    return {
      type: 'dictionary',
      indices: typeToJson(indices),
      values: typeToJson(dictionary),
      id,
      isOrdered,
    };
  }
  if (DataType.isFixedSizeList(type)) {
    return { type: 'fixedsizelist', listSize: type.listSize, child: fieldToJson(type.children[0]!) };
  }
  if (DataType.isMap(type)) {
    return { type: 'map', child: fieldToJson(type.children[0]!), keysSorted: type.keysSorted };
  }
  if (DataType.isStruct(type)) return { type: 'struct', children: type.children.map(fieldToJson) };
  if (DataType.isList(type)) return { type: 'list', child: fieldToJson(type.children[0]!) };
  if (DataType.isLargeList(type)) return { type: 'largelist', child: fieldToJson(type.children[0]!) };
  const name = Object.keys(simple).find((key) => simple[key]!().typeId === type.typeId);
  if (name !== undefined) return { type: name };
  throw new SchemaError('type-mismatch', `the type ${typeName(type)} cannot be written as JSON`);
}

const simple: Readonly<Record<string, () => DataType>> = {
  null: () => new Null(),
  bool: () => new Bool(),
  utf8: () => new Utf8(),
  largeutf8: () => new LargeUtf8(),
  utf8view: () => new Utf8View(),
  binary: () => new Binary(),
  largebinary: () => new LargeBinary(),
  binaryview: () => new BinaryView(),
};

/** The parameters of any type; each type reads those that `typeToJson` gave it. */
interface Given {
  readonly isSigned: boolean;
  readonly bitWidth: never;
  readonly precision: number;
  readonly scale: number;
  readonly unit: never;
  readonly timezone?: string;
  readonly byteWidth: number;
  readonly values: TypeJson;
  readonly indices: TypeJson;
  readonly id: number;
  readonly isOrdered: boolean;
  readonly listSize: number;
  readonly keysSorted: boolean;
  readonly child: FieldJson;
  readonly children: readonly FieldJson[];
}

/** @throws `bad-value` for what `typeToJson` has not made. */
export function typeFromJson(json: TypeJson): DataType {
  const given = json as unknown as Given;
  switch (json?.type) {
    case 'int':
      return new Int(given.isSigned, given.bitWidth);
    case 'float':
      return new Float(given.precision);
    case 'decimal':
      return new Decimal(given.scale, given.precision, given.bitWidth);
    case 'date':
      return new Date_(given.unit);
    case 'time':
      return new Time(given.unit, given.bitWidth);
    case 'timestamp':
      return new Timestamp(given.unit, given.timezone);
    case 'duration':
      return new Duration(given.unit);
    case 'interval':
      return new Interval(given.unit);
    case 'fixedsizebinary':
      return new FixedSizeBinary(given.byteWidth);
    case 'dictionary':
      return new Dictionary(
        typeFromJson(given.values),
        typeFromJson(given.indices) as Int32,
        given.id,
        given.isOrdered,
      );
    case 'fixedsizelist':
      return new FixedSizeList(given.listSize, fieldFromJson(given.child));
    case 'map':
      return new Map_(fieldFromJson(given.child), given.keysSorted);
    case 'struct':
      return new Struct(given.children.map(fieldFromJson));
    case 'list':
      return new List(fieldFromJson(given.child));
    case 'largelist':
      return new LargeList(fieldFromJson(given.child));
  }
  const make = Object.hasOwn(simple, String(json?.type)) ? simple[json.type] : undefined;
  if (make !== undefined) return make();
  throw new SchemaError('bad-value', `no Arrow type is called ${JSON.stringify(json?.type)}`);
}

export function fieldToJson({ name, type, nullable, metadata }: Field): FieldJson {
  const json = { name, type: typeToJson(type), nullable };
  return metadata.size === 0 ? json : { ...json, metadata: Object.fromEntries(metadata) };
}

export function fieldFromJson({ name, type, nullable, metadata = {} }: FieldJson): Field {
  return new Field(name, typeFromJson(type), nullable, new Map(Object.entries(metadata)));
}

export function schemaToJson(schema: Schema): FieldJson[] {
  return schema.fields.map(fieldToJson);
}

export function schemaFromJson(fields: readonly FieldJson[]): Schema {
  return new Schema(fields.map(fieldFromJson));
}
