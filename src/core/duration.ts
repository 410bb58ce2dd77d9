import { MillraceError, quote } from '../errors.ts';
import { shown } from './check.ts';

/** A fixed length of time: a number and a unit, such as `'250ms'`, `'2h'`, `'1d'` (24 h) or `'1h30m'`. */
export type Duration = string;

const nanosecondsPer = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['min', 60_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
  ['w', 604_800_000_000_000n],
]);

/**
 * Nanoseconds of a duration, exact.
 *
 * @throws `bad-option` for a bare number, an unknown unit, or a text that is not a duration.
 */
export function parseDuration(duration: Duration, what = 'duration'): bigint {
  if (typeof duration !== 'string') {
    const hint = typeof duration === 'number' ? `; write '${duration}ms' or '${duration}s'` : '';
    throw new MillraceError(
      'bad-option',
      `${what} must be a string with a unit, got ${shown(duration)}${hint}`,
    );
  }
  const text = duration.trim();
  const part = /(\d+)(?:\.(\d+))?\s*([a-zµ]+)\s*/gy;
  let total = 0n;
  let end = 0;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const unit = nanosecondsPer.get(match[3]!);
    if (unit === undefined) {
      const units = [...nanosecondsPer.keys()].filter((name) => name !== 'µs').join(', ');
      throw new MillraceError(
        'bad-option',
        `${what} ${quote(duration)} has unknown unit ${quote(match[3]!)}; units: ${units}`,
      );
    }
    total += BigInt(match[1]!) * unit;
    const fraction = match[2] ?? '';
    if (fraction !== '') total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
    end = part.lastIndex;
  }
  if (end === 0 || end < text.length) {
    throw new MillraceError(
      'bad-option',
      `${what} ${quote(duration)} is not a duration; write for example '250ms', '2h' or '1d'`,
    );
  }
  return total;
}

/** Milliseconds of a duration, fractions kept. */
export function durationMs(duration: Duration, what?: string): number {
  return Number(parseDuration(duration, what)) / 1e6;
}

/** A number of milliseconds as a duration: `ms(250)` is `'250ms'`. */
export function ms(count: number): Duration {
  return inUnit(count, 'ms');
}

/** A number of seconds as a duration: `seconds(1.5)` is `'1.5s'`. */
export function seconds(count: number): Duration {
  return inUnit(count, 's');
}

/** A number of minutes as a duration: `minutes(5)` is `'5min'`. */
export function minutes(count: number): Duration {
  return inUnit(count, 'min');
}

/** A number of hours as a duration: `hours(1)` is `'1h'`. */
export function hours(count: number): Duration {
  return inUnit(count, 'h');
}

/** Digits without an exponent, which durations do not have. */
function inUnit(count: number, unit: string): Duration {
  if (!(count >= 0 && count < 1e21)) {
    throw new MillraceError('bad-option', `a duration must be a number from 0, got ${String(count)}${unit}`);
  }
  const digits = String(count);
  return `${digits.includes('e') ? count.toFixed(20) : digits}${unit}`;
}
