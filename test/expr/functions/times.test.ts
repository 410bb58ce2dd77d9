import {
  type DataType,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { col } from '../../../src/index.ts';
import { columnFor, raw, rawOf, run } from '../run.ts';

const x = col('x');
const y = col('y');
const stamps: [DataType, bigint][] = [
  [new TimestampSecond(), 1n],
  [new TimestampMillisecond(), 1000n],
  [new TimestampMicrosecond(), 1_000_000n],
  [new TimestampNanosecond(), 1_000_000_000n],
];
const pairs = stamps.flatMap((a) => stamps.map((b) => [...a, ...b] as const));
const small = fc.option(
  fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: -9_000_000_000n, max: 9_000_000_000n })),
);

describe('times of two units', () => {
  test.each(pairs)('%s (%s) and %s (%s) are subtracted and compared exactly', (a, perA, b, perB) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(small, small), { maxLength: 12 }), (rows) => {
        const vectors = {
          x: raw(
            a,
            rows.map(([v]) => v),
            3,
          ),
          y: raw(
            b,
            rows.map(([, w]) => w),
          ),
        };
        const finer = perA > perB ? perA : perB;
        const inFiner = rows.map(([v, w]) =>
          v === null || w === null ? null : (v * finer) / perA - (w * finer) / perB,
        );
        expect(rawOf(columnFor(x.sub(y), vectors))).toEqual(inFiner);
        const compare = (is: (d: bigint) => boolean) => inFiner.map((d) => (d === null ? null : is(d)));
        expect(run(x.lt(y), vectors)).toEqual(compare((d) => d < 0n));
        expect(run(x.ge(y), vectors)).toEqual(compare((d) => d >= 0n));
        expect(run(x.eq(y), vectors)).toEqual(compare((d) => d === 0n));
        expect(run(x.ne(y), vectors)).toEqual(compare((d) => d !== 0n));
      }),
      { numRuns: 40 },
    );
  });

  test('beyond 2⁵³ nothing is lost', () => {
    const t = 1_700_000_000_000_000_001n;
    const vectors = {
      x: raw(new TimestampNanosecond(), [t, -t]),
      y: raw(new TimestampSecond(), [1_700_000_000n, -1_700_000_000n]),
    };
    expect(rawOf(columnFor(x.sub(y), vectors))).toEqual([1n, -1n]);
    expect(run(x.gt(y), vectors)).toEqual([true, false]);
  });
});

describe('durations', () => {
  test.each(stamps)('are added to %s in its unit', (type, per) => {
    const values = [-1n, 0n, 5n, null, -(2n ** 60n)];
    const vectors = { x: raw(type, values, 5) };
    const moved = (by: bigint) => values.map((value) => (value === null ? null : value + by));
    expect(rawOf(columnFor(x.add('2h'), vectors))).toEqual(moved(7200n * per));
    expect(rawOf(columnFor(x.sub('1d'), vectors))).toEqual(moved(-86_400n * per));
    expect(String(columnFor(x.add('2h'), vectors).type)).toBe(String(type));
    expect(
      rawOf(columnFor(x.add(y), { ...vectors, y: raw(new DurationSecond(), [1n, 1n, 1n, 1n, null]) })),
    ).toEqual([...moved(per).slice(0, 4), null]);
  });

  test('are added to and compared with each other', () => {
    const vectors = {
      x: raw(new DurationSecond(), [1n, null, -1n]),
      y: raw(new DurationNanosecond(), [1n, 1n, -1_000_000_000n]),
    };
    expect(rawOf(columnFor(x.add(y), vectors))).toEqual([1_000_000_001n, null, -2_000_000_000n]);
    expect(run(x.eq(y), vectors)).toEqual([false, null, true]);
    expect(rawOf(columnFor(x.add('5s'), vectors))).toEqual([6n, null, 4n]);
  });

  test('that are finer than the unit, or go too far, are refused', () => {
    const seconds = { x: raw(new TimestampSecond(), [0n]), y: raw(new DurationMillisecond(), [1n]) };
    expect(() => run(x.add('1ms'), seconds)).toThrow('"1ms" is no whole number of the unit of timestamp(s)');
    expect(() => run(x.add(y), seconds)).toThrow(
      "duration(ms) is finer than timestamp(s); write .cast(timestamp('ms'))",
    );
    const far = { x: raw(new TimestampNanosecond(), [null, 2n ** 63n - 1n]) };
    expect(() => run(x.add('1ns'), far)).toThrow('the result in row 1 does not fit timestamp(ns)');
    expect(() => run(x.add(x), far)).toThrow('cannot add');
    expect(() => run(y.sub(x), seconds)).toThrow('cannot take column "x" of type timestamp(s) from');
    const zoned = { x: raw(new TimestampSecond('UTC'), [0n]), y: raw(new TimestampSecond(), [0n]) };
    expect(() => run(x.sub(y), zoned)).toThrow('one has a zone');
    expect(() => run(x.gt(y), zoned)).toThrow('cannot compare');
  });

  test('come of a timestamp and a date', () => {
    expect(
      rawOf(columnFor(x.sub(new Date(1000)), { x: raw(new TimestampMillisecond('UTC'), [1500n]) })),
    ).toEqual([500n]);
  });
});
