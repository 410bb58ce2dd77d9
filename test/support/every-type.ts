import {
  Binary,
  BinaryView,
  Bool,
  type Data,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  DenseUnion,
  Dictionary,
  DurationMicrosecond,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  IntervalDayTime,
  IntervalMonthDayNano,
  IntervalYearMonth,
  LargeBinary,
  LargeList,
  LargeUtf8,
  List,
  Map_,
  MapRow,
  makeData,
  Null,
  SparseUnion,
  Struct,
  StructRow,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  Utf8View,
  Vector,
} from 'apache-arrow';

/** Which rows are null. */
export type Nulls = 'some' | 'none' | 'all';

/** Data of a type: as many rows as asked for. */
export interface TypeCase {
  readonly type: DataType;
  data(length: number, nulls: Nulls): Data;
}

const isNullRow = (row: number, nulls: Nulls): boolean =>
  nulls === 'all' || (nulls === 'some' && row % 3 === 1);

const bitsOf = (length: number, set: (row: number) => boolean): Uint8Array => {
  const bits = new Uint8Array(((length + 63) >> 6) << 3);
  for (let i = 0; i < length; i++) if (set(i)) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
};

const validityOf = (
  length: number,
  nulls: Nulls,
): { nullCount: number; nullBitmap: Uint8Array | undefined } => {
  let nullCount = 0;
  for (let i = 0; i < length; i++) nullCount += Number(isNullRow(i, nulls));
  const nullBitmap = nullCount === 0 ? undefined : bitsOf(length, (i) => !isNullRow(i, nulls));
  return { nullCount, nullBitmap };
};

type Elements = { readonly length: number };

/** A type of fixed width: `value(row)` gives its elements. */
function fixed(type: DataType, value: (row: number) => readonly (number | bigint)[]): TypeCase {
  return {
    type,
    data(length, nulls) {
      const { ArrayType } = type as unknown as {
        ArrayType: { from(values: readonly (number | bigint)[]): Elements };
      };
      const data = ArrayType.from(Array.from({ length }, (_, i) => value(i)).flat());
      return makeData({ type, length, ...validityOf(length, nulls), data } as never);
    },
  };
}

const encoder = new TextEncoder();
const textOfRow = (row: number): string =>
  ['', 'añ', 'a string too long for a view to hold', '\u{1F600}', 'x'.repeat(40)][row % 5]! + (row % 2);

/** Strings or bytes with offsets. */
function bytesOf(
  type: DataType,
  Offsets: { from(values: readonly (number | bigint)[]): Elements },
): TypeCase {
  return {
    type,
    data(length, nulls) {
      // A null row has bytes of its own, which nobody must see.
      const parts = Array.from({ length }, (_, i) => encoder.encode(textOfRow(i)));
      const offsets = [0];
      for (const part of parts) offsets.push(offsets.at(-1)! + part.length);
      const wide = Offsets === (BigInt64Array as unknown);
      return makeData({
        type,
        length,
        ...validityOf(length, nulls),
        valueOffsets: Offsets.from(wide ? offsets.map(BigInt) : offsets),
        data: Uint8Array.from(parts.flatMap((part) => [...part])),
      } as never);
    },
  };
}

function views(type: DataType): TypeCase {
  return {
    type,
    data(length, nulls) {
      const cells = new Uint8Array(16 * length);
      const view = new DataView(cells.buffer);
      const pieces: number[][] = [[], []];
      for (let i = 0; i < length; i++) {
        const bytes = encoder.encode(textOfRow(i));
        view.setInt32(16 * i, isNullRow(i, nulls) ? 99 : bytes.length, true);
        if (isNullRow(i, nulls)) continue;
        cells.set(bytes.subarray(0, bytes.length <= 12 ? 12 : 4), 16 * i + 4);
        if (bytes.length <= 12) continue;
        const piece = pieces[i % 2]!;
        view.setInt32(16 * i + 8, i % 2, true);
        view.setInt32(16 * i + 12, piece.length, true);
        piece.push(...bytes);
      }
      return makeData({
        type,
        length,
        ...validityOf(length, nulls),
        views: cells,
        variadicBuffers: pieces.map((piece) => Uint8Array.from(piece)),
      } as never);
    },
  };
}

function lists(type: DataType, item: TypeCase, large = false): TypeCase {
  return {
    type,
    data(length, nulls) {
      const sizes = Array.from({ length }, (_, i) => i % 4);
      const offsets = [2];
      for (const size of sizes) offsets.push(offsets.at(-1)! + size);
      const child = item.data(offsets.at(-1)! + 1, 'some');
      const valueOffsets = large ? BigInt64Array.from(offsets, BigInt) : Int32Array.from(offsets);
      return makeData({ type, length, ...validityOf(length, nulls), valueOffsets, child } as never);
    },
  };
}

function nested(type: DataType, childrenOf: (length: number) => Data[]): TypeCase {
  return {
    type,
    data: (length, nulls) =>
      makeData({
        type,
        length,
        ...validityOf(length, nulls),
        children: childrenOf(length),
        child: childrenOf(length)[0],
      } as never),
  };
}

function dictionaryOf(indices: DataType, values: TypeCase): TypeCase {
  const type = new Dictionary(values.type, indices as Int32);
  return {
    type,
    data(length, nulls) {
      const { ArrayType } = type.indices as unknown as {
        ArrayType: { from(values: readonly (number | bigint)[]): Elements };
      };
      const wide = (type.indices as { bitWidth: number }).bitWidth === 64;
      const codes = Array.from({ length }, (_, i) => (i * 3) % 5);
      return makeData({
        type,
        length,
        ...validityOf(length, nulls),
        data: ArrayType.from(wide ? codes.map(BigInt) : codes),
        dictionary: new Vector([values.data(5, 'none')]),
      } as never);
    },
  };
}

const int32Case = fixed(new Int32(), (i) => [i * 7 - 3]);
const utf8Case = bytesOf(new Utf8(), Int32Array as never);
const boolCase: TypeCase = {
  type: new Bool(),
  data: (length, nulls) =>
    makeData({
      type: new Bool(),
      length,
      ...validityOf(length, nulls),
      data: bitsOf(length, (i) => i % 2 === 0),
    }),
};

const field = (name: string, { type }: TypeCase): Field => new Field(name, type, true);
const viewCase = views(new Utf8View());
const structType = new Struct([
  field('a', int32Case),
  field('s', utf8Case),
  field('v', viewCase),
  field('b', boolCase),
]);
const structCase = nested(structType, (length) =>
  [int32Case, utf8Case, viewCase, boolCase].map((item) => item.data(length, 'some')),
);
const entries = nested(
  new Struct([new Field('key', new Utf8(), false), field('value', int32Case)]),
  (length) => [utf8Case.data(length, 'none'), int32Case.data(length, 'some')],
);

const unionFields = [field('i', int32Case), field('s', utf8Case)];
const unionIds = (length: number): Int8Array => Int8Array.from({ length }, (_, i) => (i % 3 === 0 ? 5 : 7));
const unionNulls = (nulls: Nulls): Nulls => nulls;

const sparse: TypeCase = {
  type: new SparseUnion([5, 7], unionFields),
  data(length, nulls) {
    const children = [int32Case.data(length, unionNulls(nulls)), utf8Case.data(length, nulls)];
    return makeData({ type: sparse.type, length, typeIds: unionIds(length), children } as never);
  },
};
const dense: TypeCase = {
  type: new DenseUnion([5, 7], unionFields),
  data(length, nulls) {
    const typeIds = unionIds(length);
    const counts = [0, 0];
    const valueOffsets = Int32Array.from(typeIds, (id) => counts[id === 5 ? 0 : 1]!++);
    const children = [int32Case.data(counts[0]!, nulls), utf8Case.data(counts[1]!, nulls)];
    return makeData({ type: dense.type, length, typeIds, valueOffsets, children } as never);
  },
};

const words = (row: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => ((row % 2 ? 0xffff_fff0 : 0x10) + row * (k + 1)) >>> 0);
const at64 = (row: number): bigint => (row % 2 === 0 ? 1n : -1n) * (2n ** 62n + BigInt(row));

/** All Arrow types that apache-arrow can hold. */
export const everyType: Readonly<Record<string, TypeCase>> = {
  null: { type: new Null(), data: (length) => makeData({ type: new Null(), length }) },
  bool: boolCase,
  int8: fixed(new Int8(), (i) => [i - 3]),
  int16: fixed(new Int16(), (i) => [i * 1000 - 3]),
  int32: int32Case,
  int64: fixed(new Int64(), (i) => [at64(i)]),
  uint8: fixed(new Uint8(), (i) => [250 + (i % 5)]),
  uint16: fixed(new Uint16(), (i) => [65_000 + i]),
  uint32: fixed(new Uint32(), (i) => [4_294_967_000 + i]),
  uint64: fixed(new Uint64(), (i) => [2n ** 64n - 9n + BigInt(i % 8)]),
  float16: fixed(new Float16(), (i) => [[0x3c00, 0xc200, 0x7c00, 0x8000, 0x0001, 0x7bff, 0x7e00][i % 7]!]),
  float32: fixed(new Float32(), (i) => [i % 4 === 3 ? Number.NaN : i * 1.5]),
  float64: fixed(new Float64(), (i) => [i % 4 === 3 ? -0 : i * 1e300]),
  'decimal 32': fixed(new Decimal(2, 9, 32), (i) => words(i, 1)),
  'decimal 64': fixed(new Decimal(2, 18, 64), (i) => words(i, 2)),
  'decimal 128': fixed(new Decimal(2, 38, 128), (i) => words(i, 4)),
  'decimal 256': fixed(new Decimal(2, 76, 256), (i) => words(i, 8)),
  utf8: utf8Case,
  'large utf8': bytesOf(new LargeUtf8(), BigInt64Array as never),
  'utf8 view': viewCase,
  binary: bytesOf(new Binary(), Int32Array as never),
  'large binary': bytesOf(new LargeBinary(), BigInt64Array as never),
  'binary view': views(new BinaryView()),
  'fixed size binary': fixed(new FixedSizeBinary(3), (i) => [i, 255 - i, 7]),
  'date day': fixed(new DateDay(), (i) => [i - 3]),
  'date ms': fixed(new DateMillisecond(), (i) => [BigInt(i - 3) * 86_400_000n]),
  'time s': fixed(new TimeSecond(), (i) => [i]),
  'time ms': fixed(new TimeMillisecond(), (i) => [i * 1001]),
  'time us': fixed(new TimeMicrosecond(), (i) => [BigInt(i) * 1_000_001n]),
  'time ns': fixed(new TimeNanosecond(), (i) => [BigInt(i) * 1_000_000_001n]),
  'timestamp s': fixed(new TimestampSecond(), (i) => [BigInt(i - 3)]),
  'timestamp ms': fixed(new TimestampMillisecond('UTC'), (i) => [BigInt(i - 3) * 1001n]),
  'timestamp us': fixed(new TimestampMicrosecond('Europe/Berlin'), (i) => [BigInt(i - 3) * 1_000_001n]),
  'timestamp ns': fixed(new TimestampNanosecond(), (i) => [1_700_000_000_123_456_789n + BigInt(i)]),
  'duration s': fixed(new DurationSecond(), (i) => [BigInt(i - 3)]),
  'duration ms': fixed(new DurationMillisecond(), (i) => [BigInt(i - 3)]),
  'duration us': fixed(new DurationMicrosecond(), (i) => [at64(i)]),
  'duration ns': fixed(new DurationNanosecond(), (i) => [at64(i)]),
  'interval year-month': fixed(new IntervalYearMonth(), (i) => [i * 5 - 7]),
  'interval day-time': fixed(new IntervalDayTime(), (i) => [i, -i * 1000]),
  'interval month-day-nano': fixed(new IntervalMonthDayNano(), (i) => [i, -i, i * 77, -1]),
  list: lists(new List(field('item', int32Case)), int32Case),
  'list of lists': lists(
    new List(field('item', lists(new List(field('item', utf8Case)), utf8Case))),
    lists(new List(field('item', utf8Case)), utf8Case),
  ),
  'large list': lists(new LargeList(field('item', utf8Case)), utf8Case, true),
  'list of structs': lists(new List(field('item', structCase)), structCase),
  'fixed size list': nested(new FixedSizeList(2, field('item', boolCase)), (length) => [
    boolCase.data(2 * length, 'some'),
  ]),
  struct: structCase,
  map: {
    ...lists(new Map_(field('entries', entries) as never), {
      type: entries.type,
      data: (length) => entries.data(length, 'none'),
    }),
  },
  'sparse union': sparse,
  'dense union': dense,
  ...Object.fromEntries(
    [
      new Int8(),
      new Int16(),
      new Int32(),
      new Int64(),
      new Uint8(),
      new Uint16(),
      new Uint32(),
      new Uint64(),
    ].map((indices) => [`dictionary of utf8 by ${indices}`, dictionaryOf(indices, utf8Case)]),
  ),
  'dictionary of int32': dictionaryOf(new Int32(), int32Case),
  'dictionary of large utf8': dictionaryOf(new Int32(), bytesOf(new LargeUtf8(), BigInt64Array as never)),
  'dictionary of utf8 view': dictionaryOf(new Int8(), viewCase),
  'dictionary of decimal': dictionaryOf(
    new Int32(),
    fixed(new Decimal(2, 38, 128), (i) => words(i, 4)),
  ),
  'dictionary of struct': dictionaryOf(new Int16(), structCase),
  'dictionary of binary': dictionaryOf(new Int16(), bytesOf(new Binary(), Int32Array as never)),
  'struct of dictionary': nested(new Struct([field('d', dictionaryOf(new Int8(), utf8Case))]), (length) => [
    dictionaryOf(new Int8(), utf8Case).data(length, 'some'),
  ]),
};

/** A value that apache-arrow gave, as plain arrays, objects and primitives. */
export function plain(value: unknown): unknown {
  if (value instanceof Vector) return Array.from({ length: value.length }, (_, i) => plain(value.get(i)));
  if (value instanceof MapRow) return [...(value as MapRow)].map(([key, own]) => [key, plain(own)]);
  if (value instanceof StructRow) {
    return Object.fromEntries([...(value as StructRow)].map(([key, own]) => [key, plain(own)]));
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  return value;
}

/** Row `row` of a vector of one piece. apache-arrow itself does not look up 64-bit codes. */
export function valueInRow(vector: Vector, row: number): unknown {
  const code: unknown = vector.type instanceof Dictionary ? vector.data[0]!.values[row] : undefined;
  if (typeof code !== 'bigint') return plain(vector.get(row));
  return vector.isValid(row) ? plain(vector.data[0]!.dictionary!.get(Number(code))) : null;
}

/** All rows of a vector, one by one. */
export function rowsOfVector(vector: Vector): unknown[] {
  return Array.from({ length: vector.length }, (_, i) => valueInRow(vector, i));
}
