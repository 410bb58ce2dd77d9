import { describe, expect, test } from 'vitest';
import { durationMs, hours, minutes, ms, parseDuration, seconds } from '../../src/core/duration.ts';

describe('parseDuration', () => {
  test.each([
    ['250ms', 250_000_000n],
    ['2h', 7_200_000_000_000n],
    ['1d', 86_400_000_000_000n],
    ['1h30m', 5_400_000_000_000n],
    ['1h 30min', 5_400_000_000_000n],
    ['1.5s', 1_500_000_000n],
    ['0.25us', 250n],
    ['3ns', 3n],
    ['7µs', 7000n],
    ['2w', 1_209_600_000_000_000n],
  ])('%s is %d ns', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });

  test.each(['', '10', 'ms', '-1s', '1s!', '1 s x', '.5s'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow('is not a duration');
  });

  test('refuses an unknown unit and names the known ones', () => {
    expect(() => parseDuration('3 years')).toThrow(
      'duration "3 years" has unknown unit "years"; units: ns, us, ms, s, min, m, h, d, w',
    );
  });

  test('refuses a bare number and says how to write it', () => {
    expect(() => parseDuration(10 as never, 'interval')).toThrow(
      "interval must be a string with a unit, got 10; write '10ms' or '10s'",
    );
  });
});

test('durationMs keeps fractions of a millisecond', () => {
  expect(durationMs('1500us')).toBe(1.5);
});

describe('a number with a unit', () => {
  test.each([
    [ms(250), '250ms', 250_000_000n],
    [seconds(1.5), '1.5s', 1_500_000_000n],
    [minutes(5), '5min', 300_000_000_000n],
    [hours(1), '1h', 3_600_000_000_000n],
    [ms(0), '0ms', 0n],
    [seconds(1e-9), '0.00000000100000000000s', 1n],
  ])('%s is %s', (duration, text, nanoseconds) => {
    expect([duration, parseDuration(duration)]).toEqual([text, nanoseconds]);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e21])('refuses %d', (count) => {
    expect(() => seconds(count)).toThrow(`a duration must be a number from 0, got ${count}s`);
  });
});
