import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  Null,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bool, col, dictionary, float64, int8, timestamp, utf8 } from '../../../src/index.ts';
import { columnFor, forms, raw, rawOf, run, vector } from '../run.ts';

const x = col('x');
const asNull = { onError: 'null' } as const;

type Value = number | bigint | boolean | string | null;

const ranges: [DataType, bigint, bigint][] = [
  [new Int8(), -128n, 127n],
  [new Int16(), -(2n ** 15n), 2n ** 15n - 1n],
  [new Int32(), -(2n ** 31n), 2n ** 31n - 1n],
  [new Int64(), -(2n ** 63n), 2n ** 63n - 1n],
  [new Uint8(), 0n, 255n],
  [new Uint32(), 0n, 2n ** 32n - 1n],
  [new Uint64(), 0n, 2n ** 64n - 1n],
];

const isWide = (type: DataType): boolean => String(type).endsWith('64') && !String(type).startsWith('Float');

/** The value as one of an integer type, else `undefined`. */
function asInteger(value: Value, type: DataType, low: bigint, high: bigint): Value | undefined {
  if (value === null) return null;
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value)) return undefined;
  const whole = BigInt(typeof value === 'string' ? value.replace('+', '') : value);
  if (whole < low || whole > high) return undefined;
  return isWide(type) ? whole : Number(whole);
}

const doubles = [
  null,
  0,
  -0,
  1,
  -1,
  127,
  128,
  -129,
  255,
  256,
  1.5,
  Number.NaN,
  Infinity,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  -(2 ** 63),
  1e300,
];
const integers = [
  null,
  0n,
  1n,
  -1n,
  128n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const texts = [
  null,
  '',
  '1',
  '+7',
  '-128',
  ' 1',
  '1 ',
  '1.0',
  '0x10',
  '1e3',
  '9007199254740993',
  '18446744073709551615',
  '9223372036854775808',
  '１',
];

describe('casts', () => {
  test.each(ranges)('to %s: what fits, and null or an error for the rest', (type, low, high) => {
    const sources: [DataType, readonly Value[], unknown][] = [
      [new Float64(), doubles, 1],
      [new Int64(), integers, 1n],
      [new Utf8(), texts, '1'],
      [new Dictionary(new Utf8(), new Int32()), texts, '1'],
    ];
    for (const [from, values, before] of sources) {
      const want = values.map((value) => asInteger(value, type, low, high));
      for (const xs of forms(from, values, before)) {
        expect(run(x.cast(type, asNull), { x: xs })).toEqual(want.map((value) => value ?? null));
      }
      for (const [i, value] of values.entries()) {
        const one = { x: vector(from, [null, value]) };
        if (want[i] === undefined) expect(() => run(x.cast(type), one)).toThrow('in row 1 does not fit');
        else expect(run(x.cast(type), one)).toEqual([null, want[i] === 0 ? 0 : want[i]]);
      }
    }
    expect(run(x.cast(type), { x: vector(new Bool(), [true, false, null]) })).toEqual(
      isWide(type) ? [1n, 0n, null] : [1, 0, null],
    );
    expect(run(x.cast(type), { x: vector(new Null(), [null]) })).toEqual([null]);
  });

  test('of uint64 and int64 into each other', () => {
    const most = 2n ** 64n - 1n;
    const unsigned = { x: vector(new Uint64(), [0n, 5n, most, null]) };
    expect(run(x.cast(new Int64(), asNull), unsigned)).toEqual([0n, 5n, null, null]);
    expect(run(x.cast(float64, asNull), unsigned)).toEqual([0, 5, null, null]);
    expect(run(x.cast(utf8), unsigned)).toEqual(['0', '5', String(most), null]);
  });

  test('of integers to floats are exact or do not fit', () => {
    const values = [0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 60n, null];
    const xs = { x: vector(new Int64(), values) };
    expect(run(x.cast(float64, asNull), xs)).toEqual([0, 2 ** 53, null, 2 ** 60, null]);
    expect(run(x.cast(new Float32(), asNull), xs)).toEqual([0, 2 ** 53, null, 2 ** 60, null]);
    expect(run(x.cast(new Float32(), asNull), { x: vector(new Int32(), [2 ** 24, 2 ** 24 + 1]) })).toEqual([
      2 ** 24,
      null,
    ]);
  });

  test('to single precision round, and do not overflow', () => {
    const xs = { x: vector(new Float64(), [0.1, 1e39, Infinity, Number.NaN, null]) };
    expect(run(x.cast(new Float32(), asNull), xs)).toEqual([
      Math.fround(0.1),
      null,
      Infinity,
      Number.NaN,
      null,
    ]);
  });

  test('of texts to floats take numbers in full and nothing else', () => {
    const good = {
      '1': 1,
      '-1.5e-3': -0.0015,
      '.5': 0.5,
      '5.': 5,
      NaN: Number.NaN,
      '-Infinity': -Infinity,
      '+0.1': 0.1,
    };
    const bad = ['', ' 1', '1_000', '1,5', '0x10', 'nan', 'inf', '1e999', '--1', '1e', '.'];
    const values = [...Object.keys(good), ...bad, null];
    expect(run(x.cast(float64, asNull), { x: vector(new Utf8(), values) })).toEqual([
      ...Object.values(good),
      ...bad.map(() => null),
      null,
    ]);
    expect(() => run(x.cast(float64), { x: vector(new Utf8(), ['1', 'nan']) })).toThrow(
      'x.cast("float64"): "nan" in row 1 does not fit float64; { onError: \'null\' } makes null of it',
    );
  });

  test('of numbers to texts go there and back', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.double()), { minLength: 1 }), (values) => {
        const written = run(x.cast(utf8), { x: vector(new Float64(), values) });
        expect(written.map((text) => (text === null ? null : Number(text)))).toEqual(values);
        expect(run(x.cast(float64), { x: vector(new Utf8(), written) })).toEqual(values);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 1 }), (values) => {
        const written = run(x.cast(utf8), { x: vector(new Float32(), values) }) as string[];
        expect(written.map((text) => Math.fround(Number(text)))).toEqual(values);
      }),
    );
    expect(run(x.cast(utf8), { x: vector(new Float32(), [0.1, 16777216, 3.4028234663852886e38]) })).toEqual([
      '0.1',
      '16777216',
      '3.4028235e+38',
    ]);
  });

  test('of booleans', () => {
    expect(run(x.cast(utf8), { x: vector(new Bool(), [true, false, null]) })).toEqual([
      'true',
      'false',
      null,
    ]);
    for (const xs of forms(new Utf8(), ['true', 'false', 'True', '', null], 'true')) {
      expect(run(x.cast(bool, asNull), { x: xs })).toEqual([true, false, null, null, null]);
    }
    expect(run(x.cast(bool, asNull), { x: vector(new Float64(), [1, 0, -0, 2, Number.NaN, null]) })).toEqual([
      true,
      false,
      false,
      null,
      null,
      null,
    ]);
    expect(run(x.cast(bool), { x: vector(new Int64(), [1n, 0n, null]) })).toEqual([true, false, null]);
    expect(run(x.cast(bool), { x: vector(new Bool(), [true, null]).slice(0, 2) })).toEqual([true, null]);
  });

  test('of a dictionary to utf8 is plain', () => {
    const type = new Dictionary(new Utf8(), new Int32());
    const column = columnFor(x.cast(utf8), { x: vector(type, ['a', null, 'a', 'b']).slice(1) });
    expect(column.kind).toBe('utf8');
    expect(run(x.cast(utf8), { x: vector(type, ['a', null, 'a', 'b']).slice(1) })).toEqual([null, 'a', 'b']);
  });
});

describe('casts of times', () => {
  const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);
  const stamps: [DataType, bigint][] = [
    [new TimestampSecond(), 1n],
    [new TimestampMillisecond(), 1000n],
    [new TimestampMicrosecond(), 1_000_000n],
    [new TimestampNanosecond(), 1_000_000_000n],
  ];
  const anyTime = fc.option(
    fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -5000n, max: 5000n })),
  );

  test('change the unit by integers, towards the past, and do not overflow', () => {
    for (const [from, ofFrom] of stamps) {
      for (const [to, ofTo] of stamps) {
        // A second's worth of the smallest unit beyond 2⁵³ is no exact double; those are thousands of years away.
        const bound = ofFrom === 1n || ofTo === 1n ? 2n ** 52n : 2n ** 63n;
        fc.assert(
          fc.property(fc.array(anyTime, { maxLength: 10 }), (all) => {
            const values = all.map((v) => (v !== null && (v > bound || v < -bound) ? v % bound : v));
            const want = values.map((value) => {
              const raw = value === null ? null : floorDiv(value * ofTo, ofFrom);
              return raw !== null && BigInt.asIntN(64, raw) === raw ? raw : null;
            });
            expect(rawOf(columnFor(x.cast(to, asNull), { x: raw(from, values, 3) }))).toEqual(want);
          }),
          { numRuns: 40 },
        );
      }
    }
    expect(() => run(x.cast(timestamp('ns')), { x: raw(new TimestampSecond(), [2n ** 40n]) })).toThrow(
      'in row 0 does not fit timestamp(ns)',
    );
  });

  test('to and from raw integers', () => {
    const values = [-1n, 0n, 2n ** 60n, null];
    for (const [type] of stamps) {
      expect(rawOf(columnFor(x.cast(new Int64()), { x: raw(type, values, 5) }))).toEqual(values);
      expect(rawOf(columnFor(x.cast(type), { x: vector(new Int64(), values) }))).toEqual(values);
    }
    expect(rawOf(columnFor(x.cast(new TimestampSecond()), { x: vector(new Int32(), [-5, null]) }))).toEqual([
      -5n,
      null,
    ]);
    expect(run(x.cast(int8, asNull), { x: raw(new TimestampSecond(), [5n, 500n]) })).toEqual([5, null]);
    expect(
      rawOf(columnFor(x.cast(new DurationNanosecond()), { x: raw(new DurationSecond(), [-2n]) })),
    ).toEqual([-2_000_000_000n]);
    expect(
      rawOf(columnFor(x.cast(new DurationSecond()), { x: raw(new DurationMillisecond(), [-1n, 1999n]) })),
    ).toEqual([-1n, 1n]);
  });

  test('to and from days', () => {
    const day = 86_400_000n;
    const times = { x: raw(new TimestampMillisecond(), [-1n, 0n, day - 1n, day, null], 2) };
    const days = [-86_400_000, 0, 0, 86_400_000, null];
    expect(run(x.cast(new DateDay()), times)).toEqual(days);
    expect(run(x.cast(new DateMillisecond()), times)).toEqual(days);
    const dates = { x: vector(new DateDay(), [new Date(-86_400_000), null, new Date(86_400_000)]) };
    expect(rawOf(columnFor(x.cast(new TimestampNanosecond()), dates))).toEqual([
      -day * 1_000_000n,
      null,
      day * 1_000_000n,
    ]);
    expect(run(x.cast(new DateMillisecond()), dates)).toEqual([-86_400_000, null, 86_400_000]);
    // Half past midnight in Berlin, the day before in UTC.
    const zoned = raw(new TimestampMillisecond('Europe/Berlin'), [BigInt(Date.UTC(2024, 5, 30, 22, 30))]);
    expect(run(x.cast(new DateDay()), { x: zoned })).toEqual([Date.UTC(2024, 6, 1)]);
  });

  test('to and from texts', () => {
    const written = ['1969-12-31T23:59:59.999999999', '2024-02-29T00:00:00.000000000', null];
    const times = raw(new TimestampNanosecond(), [-1n, BigInt(Date.UTC(2024, 1, 29)) * 1_000_000n, null]);
    expect(run(x.cast(utf8), { x: times })).toEqual(written);
    expect(rawOf(columnFor(x.cast(new TimestampNanosecond()), { x: vector(new Utf8(), written) }))).toEqual(
      rawOf(columnFor(x, { x: times })),
    );
    expect(run(x.cast(utf8), { x: raw(new TimestampSecond('Europe/Berlin'), [0n]) })).toEqual([
      '1970-01-01T00:00:00Z',
    ]);
    expect(run(x.cast(utf8), { x: vector(new DateDay(), [new Date(0)]) })).toEqual(['1970-01-01']);
    expect(
      run(x.cast(new DateDay(), asNull), { x: vector(new Utf8(), ['2024-02-29', '2023-02-29']) }),
    ).toEqual([Date.UTC(2024, 1, 29), null]);
  });
});

test.each([
  [new Utf8(), new DurationSecond(), 'cannot cast column "x" of type utf8 to duration(s)'],
  [new TimestampMillisecond(), new Bool(), 'cannot cast column "x" of type timestamp(ms) to bool'],
  [new TimestampMillisecond(), new TimestampMillisecond('UTC'), 'a time on the wall is no instant'],
  [new Float64(), dictionary(), 'to dictionary(utf8)'],
  [new Bool(), new DateDay(), 'to dateDay'],
])('there is no way from %s to %s', (from, to, says) => {
  expect(() => run(x.cast(to), { x: vector(from, []) })).toThrow(says);
});

test('what is no type is refused', () => {
  expect(() => x.cast(timestamp as never)).toThrow(
    'cast: expected a type such as float64 or utf8, got a function; call it',
  );
  expect(() => x.cast(float64, { onError: 'skip' as never })).toThrow('onError of cast must be');
  expect(x.cast(float64, asNull).toString()).toBe('x.cast("float64", { onError: "null" })');
});
