import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  DurationMillisecond,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  Null,
  Schema,
  SparseUnion,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchBuilder, buildBatch, isColumnValues } from '../../src/columnar/build.ts';

const schemaOf = (types: Record<string, DataType>, nullable = true) =>
  new Schema(Object.entries(types).map(([name, type]) => new Field(name, type, nullable)));

/** Values as apache-arrow reads them. */
const read = (result: ReturnType<typeof buildBatch>, name: string) => {
  const vector = result.batch.toRecordBatch().getChild(name)!;
  return Array.from({ length: vector.length }, (_, i) => vector.get(i));
};

const one = (type: DataType, values: unknown[]) => {
  const result = buildBatch(
    schemaOf({ x: type }),
    values.map((x) => ({ x })),
  );
  return { values: read(result, 'x'), rejected: result.rejected.map((r) => [r.row, r.reason]), result };
};

describe('buildBatch of rows', () => {
  test('keeps each type', () => {
    const result = buildBatch(
      schemaOf({
        b: new Bool(),
        i: new Int32(),
        f: new Float64(),
        s: new Utf8(),
        t: new TimestampMillisecond(),
        d: new Dictionary(new Utf8(), new Int32()),
        n: new Null(),
      }),
      [
        { b: true, i: 1, f: 0.5, s: 'grün', t: 1_700_000_000_123, d: 'a', n: null },
        { b: false, i: -2, f: Number.NaN, s: '', t: new Date(5), d: 'b' },
        {
          b: true,
          i: 0,
          f: -0,
          s: '日本語 and some more text than fits inline',
          t: '1969-12-31T23:59:59.999Z',
          d: 'a',
        },
      ],
    );
    expect(result.rejected).toEqual([]);
    expect(read(result, 'b')).toEqual([true, false, true]);
    expect(read(result, 'i')).toEqual([1, -2, 0]);
    expect(read(result, 'f')).toEqual([0.5, Number.NaN, -0]);
    expect(read(result, 's')).toEqual(['grün', '', '日本語 and some more text than fits inline']);
    expect(read(result, 't')).toEqual([1_700_000_000_123, 5, -1]);
    expect(read(result, 'd')).toEqual(['a', 'b', 'a']);
    expect(read(result, 'n')).toEqual([null, null, null]);
  });

  test('makes null of a missing field, undefined and null, in every type', () => {
    const types = {
      b: new Bool(),
      i: new Int8(),
      l: new Int64(),
      f: new Float32(),
      s: new Utf8(),
      t: new TimestampSecond(),
      d: new Dictionary(new Utf8(), new Int8()),
      y: new DateDay(),
    };
    const names = Object.keys(types);
    const missing = [
      {},
      Object.fromEntries(names.map((n) => [n, null])),
      Object.fromEntries(names.map((n) => [n, undefined])),
    ];
    const result = buildBatch(schemaOf(types), missing);
    expect(result.rejected).toEqual([]);
    for (const name of names) expect(read(result, name)).toEqual([null, null, null]);
  });

  test('takes falsy values as values', () => {
    const result = buildBatch(schemaOf({ n: new Float64(), s: new Utf8(), b: new Bool(), l: new Int64() }), [
      { n: 0, s: '', b: false, l: 0n },
    ]);
    expect(
      result.batch
        .toRecordBatch()
        .toArray()
        .map((r) => r.toJSON()),
    ).toEqual([{ n: 0, s: '', b: false, l: 0n }]);
  });

  test.each([
    ['int8', new Int8(), -128, 127],
    ['int16', new Int16(), -32768, 32767],
    ['int32', new Int32(), -(2 ** 31), 2 ** 31 - 1],
    ['uint8', new Uint8(), 0, 255],
    ['uint16', new Uint16(), 0, 65535],
    ['uint32', new Uint32(), 0, 2 ** 32 - 1],
  ] as const)('rejects what is outside %s or fractional', (name, type, min, max) => {
    const { values, rejected } = one(type, [min, max, min - 1, max + 1, 0.5, '7']);
    expect(values).toEqual([min, max]);
    expect(rejected).toEqual([
      [2, `${min - 1} is outside the range of ${name}`],
      [3, `${max + 1} is outside the range of ${name}`],
      [4, `expected ${name}, got 0.5`],
      [5, `expected ${name}, got "7"`],
    ]);
  });

  test('keeps 64-bit integers whole', () => {
    const max = 2n ** 63n - 1n;
    expect(
      one(new Int64(), [max, -max - 1n, -1, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 32, -(2 ** 32), 5]).values,
    ).toEqual([max, -max - 1n, -1n, 2n ** 53n - 1n, -(2n ** 53n - 1n), 2n ** 32n, -(2n ** 32n), 5n]);
    expect(one(new Int64(), [max + 1n, 2 ** 53, 0.5]).rejected.map(([row]) => row)).toEqual([0, 1, 2]);
    expect(one(new Uint64(), [2n ** 64n - 1n, 3, -1, -1n]).values).toEqual([2n ** 64n - 1n, 3n]);
  });

  test('writes a safe integer as the bigint of it', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        expect(one(new Int64(), [n]).values).toEqual([BigInt(n)]);
      }),
    );
  });

  test('reads the text NaN as a float and no other text', () => {
    expect(one(new Float64(), ['NaN', 'Infinity', '1', '']).values).toEqual([Number.NaN]);
    expect(one(new Float32(), ['NaN', 1e300, Number.POSITIVE_INFINITY, 0.1]).values).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Math.fround(0.1),
    ]);
  });

  test('reads timestamps in each unit to the last digit', () => {
    const text = '2023-11-14T22:13:20.123456789Z';
    const raw = (type: DataType, value: unknown) => {
      const column = buildBatch(schemaOf({ x: type }), [{ x: value }]).batch.column(0);
      return column.kind === 'int64' ? column.values[0] : undefined;
    };
    expect(raw(new TimestampSecond(), text)).toBe(1_700_000_000n);
    expect(raw(new TimestampMillisecond(), text)).toBe(1_700_000_000_123n);
    expect(raw(new TimestampMicrosecond(), text)).toBe(1_700_000_000_123_456n);
    expect(raw(new TimestampNanosecond(), text)).toBe(1_700_000_000_123_456_789n);
    expect(raw(new TimestampNanosecond(), 1_700_000_000_123)).toBe(1_700_000_000_123_000_000n);
    expect(raw(new TimestampMicrosecond(), 1_700_000_000_123.25)).toBe(1_700_000_000_123_250n);
    expect(raw(new TimestampMillisecond(), -0.5)).toBe(-1n);
    expect(raw(new TimestampSecond(), -1)).toBe(-1n);
    expect(raw(new TimestampNanosecond(), -1n)).toBe(-1n);
    expect(raw(new TimestampNanosecond(), '1969-12-31T23:59:59.999999999')).toBe(-1n);
    expect(raw(new TimestampMillisecond(), '2024-02-29')).toBe(BigInt(Date.UTC(2024, 1, 29)));
    expect(raw(new TimestampMillisecond(), '2024-02-29T12:30+05:30')).toBe(BigInt(Date.UTC(2024, 1, 29, 7)));
    expect(raw(new TimestampMillisecond(), '2024-02-29 12:30:01,5-0100')).toBe(
      BigInt(Date.UTC(2024, 1, 29, 13, 30, 1, 500)),
    );
  });

  test('rejects what is no moment', () => {
    const bad = [
      '2023-02-30',
      'yesterday',
      '2023-01-01T25:00',
      '12',
      Number.NaN,
      Number.POSITIVE_INFINITY,
      new Date('x'),
      true,
      {},
    ];
    expect(one(new TimestampMillisecond(), bad).rejected.map(([row]) => row)).toEqual(bad.map((_, i) => i));
    expect(one(new TimestampNanosecond(), ['2300-01-01', 2n ** 63n]).rejected).toHaveLength(2);
  });

  test('reads durations as integers of their own unit', () => {
    expect(one(new DurationMillisecond(), [5, -1n, 0.5, '5ms'])).toMatchObject({
      values: [5n, -1n],
      rejected: [
        [2, 'expected duration(ms), got 0.5'],
        [3, 'expected duration(ms), got "5ms"'],
      ],
    });
  });

  test('reads dates', () => {
    const { result } = one(new DateDay(), [new Date(86_400_000), -1, '1970-01-03T23:00Z', 5n]);
    const column = result.batch.column(0);
    expect(column.kind === 'number' && Array.from(column.values)).toEqual([1, -1, 2, 5]);
    const ms = one(new DateMillisecond(), ['1970-01-02T05:00Z']).result.batch.column(0);
    expect(ms.kind === 'int64' && Array.from(ms.values)).toEqual([86_400_000n]);
  });

  test('keeps the good rows in order around the bad ones', () => {
    const schema = schemaOf({
      x: new Float64(),
      s: new Utf8(),
      b: new Bool(),
      d: new Dictionary(new Utf8(), new Int32()),
    });
    const rows = Array.from({ length: 40 }, (_, i) => ({
      x: i % 3 === 0 ? 'bad' : i,
      s: i % 7 === 0 ? null : `s${i}`,
      b: i % 2 === 0,
      d: i % 5 === 0 ? 4 : `d${i % 4}`,
    }));
    const result = buildBatch(schema, rows);
    const good = rows.filter((_, i) => i % 3 !== 0 && i % 5 !== 0);
    for (const name of ['x', 's', 'b', 'd'] as const)
      expect(read(result, name)).toEqual(good.map((row) => row[name]));
    expect(result.rejected.map((r) => r.row)).toEqual(
      rows.flatMap((_, i) => (i % 3 === 0 || i % 5 === 0 ? [i] : [])),
    );
    expect(result.rejected[0]).toEqual({ row: 0, column: 'x', reason: 'expected float64, got "bad"' });
    expect(result.rejected.find((r) => r.row === 5)?.column).toBe('d');
  });

  test('rejects a null where the field is not nullable', () => {
    const result = buildBatch(schemaOf({ x: new Int32() }, false), [{ x: 1 }, { x: null }, {}, { x: 0 }]);
    expect(read(result, 'x')).toEqual([1, 0]);
    expect(result.rejected.map((r) => [r.row, r.column, r.reason])).toEqual([
      [1, 'x', 'null where none may be'],
      [2, 'x', 'null where none may be'],
    ]);
  });

  test('rejects rows that are no objects, and objects of other fields', () => {
    const result = buildBatch(schemaOf({ x: new Int32(), y: new Int32() }), [
      { x: 1 },
      3,
      null,
      [1],
      { error: 'busy' },
      { y: 2, other: 1 },
    ]);
    expect(read(result, 'x')).toEqual([1, null]);
    expect(result.rejected.map((r) => r.reason)).toEqual([
      'expected an object of fields, got 3',
      'expected an object of fields, got null',
      'expected an object of fields, got an array of 1',
      'has none of the fields x, y, but error',
    ]);
  });

  test('does not read fields of the object prototype', () => {
    const result = buildBatch(schemaOf({ constructor: new Utf8(), x: new Int32() }), [
      { x: 1 },
      { x: 2, constructor: 'me' },
    ]);
    expect(read(result, 'constructor')).toEqual([null, 'me']);
    expect(result.rejected).toEqual([]);
  });

  test('gives a batch of no rows', () => {
    const result = buildBatch(
      schemaOf({ x: new Float64(), s: new Utf8(), d: new Dictionary(new Utf8(), new Int32()) }),
      [],
    );
    expect(result.batch.toRecordBatch().numRows).toBe(0);
  });

  test('refuses a type that rows cannot be made into', () => {
    expect(
      () => new BatchBuilder(schemaOf({ l: new SparseUnion([0], [new Field('a', new Int32(), true)]) })),
    ).toThrow(/"l": rows cannot be made into/);
  });
});

describe('a batch builder', () => {
  test('keeps dictionary codes, and the dictionary itself while no string is new', () => {
    const builder = new BatchBuilder(schemaOf({ d: new Dictionary(new Utf8(), new Int8()) }));
    const batches = [
      ['a', 'b'],
      ['b', 'a', 'b'],
      ['c', 'a'],
    ].map((d) => builder.fromRows(d.map((x) => ({ d: x }))).batch);
    const columns = batches.map((batch) => batch.column(0));
    expect(columns.map((c) => c.kind === 'dictionary' && Array.from(c.codes))).toEqual([
      [0, 1],
      [1, 0, 1],
      [2, 0],
    ]);
    const [first, second, third] = columns.map((c) => (c.kind === 'dictionary' ? c.dictionary : undefined));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(batches[2]!.toRecordBatch().getChild('d')!.toArray()).toEqual(['c', 'a']);
  });

  test('rejects strings beyond what the index type can count', () => {
    const { values, rejected } = one(
      new Dictionary(new Utf8(), new Int8()),
      Array.from({ length: 130 }, (_, i) => `s${i}`),
    );
    expect(values).toHaveLength(128);
    expect(rejected.map(([row]) => row)).toEqual([128, 129]);
  });
});

describe('buildBatch of columns', () => {
  test('takes a typed array of the field’s type without copying', () => {
    const x = Float64Array.of(1, 2);
    const t = BigInt64Array.of(1n, 2n);
    const { batch } = buildBatch(schemaOf({ x: new Float64(), t: new TimestampNanosecond() }), { x, t });
    const [cx, ct] = [batch.column(0), batch.column(1)];
    expect(cx.kind === 'number' && cx.values).toBe(x);
    expect(ct.kind === 'int64' && ct.values).toBe(t);
  });

  test('converts other typed arrays, checking their values', () => {
    const result = buildBatch(schemaOf({ x: new Uint8(), y: new Float64() }), {
      x: Int32Array.of(1, 300, 3),
      y: Int16Array.of(7, 8, 9),
    });
    expect(read(result, 'x')).toEqual([1, 3]);
    expect(read(result, 'y')).toEqual([7, 9]);
    expect(result.rejected).toEqual([{ row: 1, column: 'x', reason: '300 is outside the range of uint8' }]);
  });

  test('keeps raw values raw when a row of another column is rejected', () => {
    const result = buildBatch(schemaOf({ d: new DateDay(), x: new Float64() }), {
      d: Int32Array.of(10, 11, 12),
      x: [1, 'bad', 3],
    });
    const column = result.batch.column(0);
    expect(column.kind === 'number' && Array.from(column.values)).toEqual([10, 12]);
  });

  test('makes null of a missing column', () => {
    const result = buildBatch(schemaOf({ x: new Float64(), y: new Utf8() }), { x: [1, 2] });
    expect(read(result, 'y')).toEqual([null, null]);
  });

  test('refuses columns of different length', () => {
    expect(() => buildBatch(schemaOf({ x: new Float64() }), { x: [1, 2], y: [1] })).toThrow(
      'columns differ in length: "x" 2, "y" 1',
    );
  });

  test('are told from rows', () => {
    expect(isColumnValues({ x: [1], y: Float64Array.of(1) })).toBe(true);
    expect(isColumnValues({ x: 1 })).toBe(false);
    expect(isColumnValues({})).toBe(false);
    expect(isColumnValues([1])).toBe(false);
    expect(isColumnValues(Float64Array.of(1))).toBe(false);
  });

  test('gives the same batch as the same rows', () => {
    const value = fc.record({
      f: fc.option(fc.double()),
      i: fc.option(fc.integer()),
      s: fc.option(fc.string({ unit: 'grapheme' })),
      b: fc.option(fc.boolean()),
    });
    const schema = schemaOf({ f: new Float64(), i: new Int32(), s: new Utf8(), b: new Bool() });
    fc.assert(
      fc.property(fc.array(value), (rows) => {
        const byRow = buildBatch(schema, rows);
        const byColumn = buildBatch(schema, {
          f: rows.map((r) => r.f),
          i: rows.map((r) => r.i),
          s: rows.map((r) => r.s),
          b: rows.map((r) => r.b),
        });
        expect(byRow.rejected).toEqual([]);
        for (const name of ['f', 'i', 's', 'b'] as const) {
          expect(read(byRow, name)).toEqual(rows.map((r) => r[name]));
          expect(read(byColumn, name)).toEqual(read(byRow, name));
        }
      }),
    );
  });
});
