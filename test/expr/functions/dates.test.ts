import {
  type DataType,
  DateDay,
  DateMillisecond,
  Null,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { col } from '../../../src/index.ts';
import { columnFor, raw, rawOf, run, type Tree, vector } from '../run.ts';

const x = col('x');
const perSecond: [string, bigint, (zone?: string) => DataType][] = [
  ['s', 1n, (zone) => new TimestampSecond(zone)],
  ['ms', 1000n, (zone) => new TimestampMillisecond(zone)],
  ['us', 1_000_000n, (zone) => new TimestampMicrosecond(zone)],
  ['ns', 1_000_000_000n, (zone) => new TimestampNanosecond(zone)],
];

const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);

/** What the clocks of a zone show at a moment in milliseconds, as if it were UTC. */
function wall(ms: number, zone: string): Date {
  if (zone === 'UTC') return new Date(ms);
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    formats.set(zone, format);
  }
  const [date, time] = format.format(ms).split(', ');
  return new Date(`${date}T${time}.${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}Z`);
}
const formats = new Map<string, Intl.DateTimeFormat>();

/** The day a year starts with, since 1970. */
function yearStart(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1) / 86_400_000;
}

/** The number of the ISO week, as one counts: Thursdays of the year so far. */
function isoWeekOf(date: Date): number {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7) + 3);
  const start = yearStart(thursday.getUTCFullYear());
  return Math.floor((Math.floor(thursday.getTime() / 86_400_000) - start) / 7) + 1;
}

const parts = {
  year: (d) => d.getUTCFullYear(),
  quarter: (d) => Math.floor(d.getUTCMonth() / 3) + 1,
  month: (d) => d.getUTCMonth() + 1,
  isoWeek: isoWeekOf,
  day: (d) => d.getUTCDate(),
  dayOfYear: (d) => Math.floor(d.getTime() / 86_400_000) - yearStart(d.getUTCFullYear()) + 1,
  dayOfWeek: (d) => (d.getUTCDay() + 6) % 7,
  hour: (d) => d.getUTCHours(),
  minute: (d) => d.getUTCMinutes(),
  second: (d) => d.getUTCSeconds(),
  millisecond: (d) => d.getUTCMilliseconds(),
} satisfies Record<string, (date: Date) => number>;
type PartName = keyof typeof parts;
const names = Object.keys(parts) as PartName[];

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Kolkata'];

/** Moments around the changes of the clocks, in spring and autumn, on both sides of the world. */
const changes = [
  Date.UTC(2024, 2, 31, 1),
  Date.UTC(2024, 9, 27, 1),
  Date.UTC(2024, 2, 10, 7),
  Date.UTC(2024, 10, 3, 6),
  Date.UTC(2024, 3, 6, 15),
  Date.UTC(2024, 9, 5, 15, 30),
  Date.UTC(2024, 2, 10, 5),
  Date.UTC(2024, 10, 3, 5),
];
const near = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -100_000_000, max: 100_000_000 }))
  .map(([change, by]) => change + by);
const moments = fc.oneof(near, fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2049, 0, 1) }));

describe('parts of times', () => {
  test.each(perSecond)('in %s are those of the calendar, before 1970 too', (_, per, type) => {
    const times = [
      null,
      0,
      -1,
      -1000,
      1_700_000_000_123,
      -62_135_596_800_000 - 1,
      -62_167_219_200_000 - 86_400_000 * 400,
      951_782_400_000,
      1_709_164_800_000,
      1_709_251_199_999,
      4_107_542_400_000,
      Date.UTC(2021, 0, 3),
      Date.UTC(2020, 11, 31),
      Date.UTC(2018, 11, 31),
    ].map((ms) => (per === 1_000_000_000n && ms !== null && Math.abs(ms) > 9e12 ? 5 : ms));
    const inUnit = times.map((ms) => (ms === null ? null : floorDiv(BigInt(ms) * per, 1000n)));
    for (const offset of [0, 3, 9]) {
      const xs = raw(type(), inUnit, offset);
      for (const name of names) {
        const want = inUnit.map((value) =>
          value === null ? null : parts[name](new Date(Number(floorDiv(value * 1000n, per)))),
        );
        expect(run(x.dt[name](), { x: xs }), name).toEqual(want);
      }
    }
  });

  test('of dates, of nothing, and of nulls', () => {
    const days = vector(new DateDay(), [new Date(0), null, new Date(-86_400_000)]);
    expect(run(x.dt.year(), { x: days })).toEqual([1970, null, 1969]);
    expect(run(x.dt.dayOfWeek(), { x: days })).toEqual([3, null, 2]);
    expect(run(x.dt.hour(), { x: raw(new DateMillisecond(), [0n, null]) })).toEqual([0, null]);
    expect(run(x.dt.year(), { x: vector(new Null(), [null, null]) })).toEqual([null, null]);
    expect(run(x.dt.year(), { x: raw(new TimestampNanosecond(), []) })).toEqual([]);
  });

  test.each(zones)('on the clocks of %s', (zone) => {
    fc.assert(
      fc.property(
        fc.array(moments, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...names),
        (times, name) => {
          const want = times.map((ms) => parts[name](wall(ms, zone)));
          const asked = raw(new TimestampMillisecond(), times.map(BigInt));
          const own = raw(new TimestampMillisecond(zone), times.map(BigInt));
          expect(run(x.dt[name]({ zone }), { x: asked })).toEqual(want);
          expect(run(x.dt[name](), { x: own })).toEqual(want);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('nanoseconds before 1970 are not lost', () => {
    const xs = raw(new TimestampNanosecond(), [-1n, -1_000_000_000n, -(2n ** 63n), 2n ** 63n - 1n]);
    expect(run(x.dt.millisecond(), { x: xs })).toEqual([999, 0, 145, 854]);
    expect(run(x.dt.year(), { x: xs })).toEqual([1969, 1969, 1677, 2262]);
  });
});

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Units of whole days, and what all moments of one have in common on the wall. */
const ofDays: [string, (wall: Date) => string][] = [
  ['day', (d) => d.toISOString().slice(0, 10)],
  ['week', (d) => String(Math.floor((d.getTime() / 86_400_000 + 3) / 7))],
  ['month', (d) => d.toISOString().slice(0, 7)],
  ['quarter', (d) => `${d.getUTCFullYear()} ${Math.floor(d.getUTCMonth() / 3)}`],
  ['year', (d) => String(d.getUTCFullYear())],
  ['2d', (d) => String(Math.floor(d.getTime() / 172_800_000))],
];

const one = (expr: Tree, ms: number, type: DataType = new TimestampMillisecond()): number =>
  Number(rawOf(columnFor(expr, { x: raw(type, [BigInt(ms)]) }))[0]);

describe('floor and ceil', () => {
  test.each(perSecond)('in %s are exact', (_, per, type) => {
    const units: [string, bigint][] = [
      ['second', 1n],
      ['minute', 60n],
      ['hour', 3600n],
      ['day', 86_400n],
      ['5m', 300n],
      ['36h', 129_600n],
    ];
    const values = [
      0n,
      -1n,
      1n,
      -per,
      per,
      1_700_000_000n * per + per / 2n,
      -1_700_000_000n * per - 1n,
      null,
    ];
    for (const [unit, seconds] of units) {
      const step = seconds * per;
      const down = values.map((value) => (value === null ? null : floorDiv(value, step) * step));
      const up = values.map((value) => (value === null ? null : -floorDiv(-value, step) * step));
      for (const offset of [0, 5]) {
        const xs = { x: raw(type(), values, offset) };
        expect(rawOf(columnFor(x.dt.floor(unit), xs)), unit).toEqual(down);
        expect(rawOf(columnFor(x.dt.ceil(unit), xs)), unit).toEqual(up);
      }
    }
  });

  test('to parts of a second', () => {
    const xs = { x: raw(new TimestampNanosecond(), [-1n, 1n, 0n, 999_999_999n, 250_000_000n, null]) };
    expect(rawOf(columnFor(x.dt.floor('250ms'), xs))).toEqual([
      -250_000_000n,
      0n,
      0n,
      750_000_000n,
      250_000_000n,
      null,
    ]);
    expect(rawOf(columnFor(x.dt.ceil('250ms'), xs))).toEqual([
      0n,
      250_000_000n,
      0n,
      1_000_000_000n,
      250_000_000n,
      null,
    ]);
    expect(one(x.dt.floor('1us'), -7)).toBe(-7);
    expect(() => run(x.dt.floor('400us'), { x: raw(new TimestampMillisecond(), []) })).toThrow('too coarse');
  });

  test.each(zones.flatMap((zone) => ofDays.map(([unit, key]) => [zone, unit, key] as const)))(
    'in %s, to %s: the first moment that belongs to it, and the first that does not',
    (zone, unit, key) => {
      fc.assert(
        fc.property(near, (ms) => {
          const own = key(wall(ms, zone));
          const start = one(x.dt.floor(unit, { zone }), ms);
          expect(start).toBeLessThanOrEqual(ms);
          expect(key(wall(start, zone))).toBe(own);
          expect(key(wall(start - 1, zone))).not.toBe(own);
          expect(one(x.dt.floor(unit), ms, new TimestampMillisecond(zone))).toBe(start);
          const end = one(x.dt.ceil(unit, { zone }), ms);
          if (start === ms) expect(end).toBe(ms);
          else {
            expect(end).toBeGreaterThan(ms);
            expect(key(wall(end, zone))).not.toBe(own);
            expect(key(wall(end - 1, zone))).toBe(own);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])(
    'to hours in %s: as many as the day has',
    (zone) => {
      fc.assert(
        fc.property(near, (ms) => {
          const shift = (wall(ms, zone).getTime() - ms) % hour;
          const start = one(x.dt.floor('hour', { zone }), ms);
          expect(start).toBe(Math.floor((ms + shift) / hour) * hour - shift);
          const end = one(x.dt.ceil('hour', { zone }), ms);
          expect(end).toBe(Math.ceil((ms + shift) / hour) * hour - shift);
        }),
      );
    },
  );

  test('days of 23 and 25 hours', () => {
    const day = (ms: number): number =>
      one(x.dt.ceil('day', { zone: 'Europe/Berlin' }), ms + 1) -
      one(x.dt.floor('day', { zone: 'Europe/Berlin' }), ms);
    expect(day(Date.UTC(2024, 2, 31, 3)) / hour).toBe(23);
    expect(day(Date.UTC(2024, 9, 27, 3)) / hour).toBe(25);
    expect(day(Date.UTC(2024, 9, 28, 3)) / hour).toBe(24);
  });

  test('a start that the clocks did not show is when they were put forward', () => {
    // In Havana on 2024-03-10 midnight was one o'clock.
    const zone = 'America/Havana';
    expect(one(x.dt.floor('day', { zone }), Date.UTC(2024, 2, 10, 12))).toBe(Date.UTC(2024, 2, 10, 5));
    // On 2024-11-03 there were two midnights.
    expect(one(x.dt.floor('day', { zone }), Date.UTC(2024, 10, 3, 12))).toBe(Date.UTC(2024, 10, 3, 4));
    expect(one(x.dt.floor('2h', { zone: 'Europe/Berlin' }), Date.UTC(2024, 2, 31, 1, 30))).toBe(
      Date.UTC(2024, 2, 31, 1),
    );
  });

  test('of dates keep dates', () => {
    const days = vector(new DateDay(), [
      new Date(Date.UTC(2024, 4, 17)),
      null,
      new Date(Date.UTC(1969, 4, 1)),
    ]);
    expect(run(x.dt.floor('month'), { x: days })).toEqual([Date.UTC(2024, 4, 1), null, Date.UTC(1969, 4, 1)]);
    expect(run(x.dt.ceil('month'), { x: days })).toEqual([Date.UTC(2024, 5, 1), null, Date.UTC(1969, 4, 1)]);
    expect(() => run(x.dt.floor('hour'), { x: days })).toThrow('dates have whole days');
    expect(() => run(x.dt.year({ zone: 'Europe/Berlin' }), { x: days })).toThrow('dates are in no zone');
  });

  test('what does not fit is an error, beside a null it is not', () => {
    const low = raw(new TimestampNanosecond(), [null, -(2n ** 63n) + 5n]);
    expect(() => run(x.dt.floor('year'), { x: low })).toThrow(
      'the result in row 1 does not fit timestamp(ns)',
    );
  });
});

describe('epoch', () => {
  test('is in the unit asked for, cut off towards the past', () => {
    const values = [-1n, 0n, 1_999n, -1_999n, null, 2n ** 52n];
    for (const [, per, type] of perSecond) {
      for (const [unit, wanted] of perSecond) {
        const safe = values.map((v) => (v !== null && v > 10_000n && wanted > per ? 5n : v));
        const want = safe.map((value) => (value === null ? null : floorDiv(value * wanted, per)));
        expect(rawOf(columnFor(x.dt.epoch(unit as 'ms'), { x: raw(type(), safe, 4) }))).toEqual(want);
      }
    }
    const far = raw(new TimestampSecond(), [2n ** 40n]);
    expect(() => run(x.dt.epoch('ns'), { x: far })).toThrow('does not fit int64');
  });
});

test('zones and units that there are not are refused when the plan is made', () => {
  expect(() => x.dt.hour({ zone: 'Europe/Berln' })).toThrow(
    'no time zone "Europe/Berln"; did you mean "Europe/Berlin"?',
  );
  expect(() => x.dt.floor('dya')).toThrow('no unit "dya"; did you mean "day"?');
  expect(() => x.dt.floor('1500ms')).toThrow('is neither of whole seconds nor divides a second');
  expect(() => x.dt.epoch('min' as never)).toThrow('unit of epoch must be');
  expect(x.dt.floor('day', { zone: 'UTC' }).toString()).toBe('x.dt.floor("day", { zone: "UTC" })');
  expect(one(x.dt.floor('day', { zone: '+05:30' }), Date.UTC(2024, 0, 2))).toBe(Date.UTC(2024, 0, 1, 18, 30));
});
