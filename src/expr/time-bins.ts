import { type CivilDay, civilFromDays, daysFromCivil, weekday } from '../columnar/civil.ts';
import { type Duration, parseDuration } from '../core/duration.ts';
import { didYouMean, quote, SchemaError } from '../errors.ts';
import type { Zone } from './zone.ts';

/** Parts of the calendar that times may be brought to. */
export type CalendarUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

/** How the clock on the wall is cut; all in seconds since 1970-01-01T00:00 on that clock. */
export interface WallBins {
  /** The start of the bin that `wall` lies in. */
  start(wall: number): number;
  /** The start of the bin after the one that starts at `start`. */
  next(start: number): number;
  /** Whether bins have whole days, so that a bin is one however the clocks are changed in it. */
  readonly ofDays: boolean;
}

/** Bins that divide a second, by their number in a second. */
export interface FineBins {
  readonly perSecond: number;
}

const daySeconds = 86_400;
const second = 1_000_000_000n;

function fixed(step: number): WallBins {
  return {
    start: (wall) => Math.floor(wall / step) * step,
    next: (start) => start + step,
    ofDays: step % daySeconds === 0,
  };
}

const scratch: () => CivilDay = () => ({ year: 0, month: 0, day: 0 });

/** Bins of so many months, from January on. */
function months(count: number): WallBins {
  const civil = scratch();
  return {
    start(wall) {
      const { year, month } = civilFromDays(Math.floor(wall / daySeconds), civil);
      return daysFromCivil(year, month - ((month - 1) % count), 1) * daySeconds;
    },
    next(start) {
      const { year, month } = civilFromDays(Math.floor(start / daySeconds), civil);
      return daysFromCivil(year, month + count, 1) * daySeconds;
    },
    ofDays: true,
  };
}

const week: WallBins = {
  start(wall) {
    const days = Math.floor(wall / daySeconds);
    return (days - weekday(days)) * daySeconds;
  },
  next: (start) => start + 7 * daySeconds,
  ofDays: true,
};

const calendar: Readonly<Record<CalendarUnit, () => WallBins>> = {
  second: () => fixed(1),
  minute: () => fixed(60),
  hour: () => fixed(3600),
  day: () => fixed(daySeconds),
  week: () => week,
  month: () => months(1),
  quarter: () => months(3),
  year: () => months(12),
};

/**
 * The bins of a unit of the calendar, or of a fixed length: of whole seconds, or one that divides a second.
 *
 * @throws `bad-option` for anything else; `what` is the operation.
 */
export function binsOf(unit: CalendarUnit | Duration, what: string): WallBins | FineBins {
  if (typeof unit === 'string' && Object.hasOwn(calendar, unit)) return calendar[unit as CalendarUnit]();
  if (typeof unit !== 'string' || !/^\s*\d/.test(unit)) {
    const names = Object.keys(calendar);
    throw new SchemaError(
      'bad-option',
      `${what}: no unit ${typeof unit === 'string' ? quote(unit) : String(unit)}${didYouMean(String(unit), names) || ';'} units: ${names.join(', ')}, or a duration such as '5m'`,
    );
  }
  const length = parseDuration(unit, what);
  if (length > 0n && length % second === 0n) return fixed(Number(length / second));
  if (length > 0n && second % length === 0n) return { perSecond: Number(second / length) };
  throw new SchemaError(
    'bad-option',
    `${what}: ${quote(unit)} is neither of whole seconds nor divides a second`,
  );
}

/** The start of the bin that a second lies in. */
export function binStart(at: number, zone: Zone, bins: WallBins): number {
  const { from, offset } = zone.periodAt(at);
  const wall = bins.start(at + offset);
  const start = wall - offset;
  const before = start >= from ? offset : zone.offsetAt(start);
  if (before === offset) {
    // The clocks may have shown the start of the day before, and been put back.
    return bins.ofDays && !zone.isFixed ? firstShown(wall, start, zone) : start;
  }
  const shown = wall - before;
  if (zone.offsetAt(shown) === before) return bins.ofDays ? firstShown(wall, shown, zone) : shown;
  // The clocks never showed it: they were put forward across it.
  return zone.changeBefore(shown) ?? shown;
}

/** The first time that the clocks showed `wall`, which they did at `start`. */
function firstShown(wall: number, start: number, zone: Zone): number {
  const change = zone.changeBefore(start);
  if (change === undefined || start - change >= daySeconds) return start;
  const before = zone.offsetAt(change - 1);
  const shown = wall - before;
  return shown < change && zone.offsetAt(shown) === before ? shown : start;
}

/** The start of the first bin after a second which is itself the start of none. */
export function binEnd(at: number, zone: Zone, bins: WallBins): number {
  const { to, offset } = zone.periodAt(at);
  const wall = bins.next(bins.start(at + offset));
  const end = wall - offset;
  if (end < to) return end;
  const after = zone.offsetAt(end);
  if (after === offset) return end;
  const change = zone.changeBefore(end);
  if (change !== undefined && change > at && binStart(change, zone, bins) === change) return change;
  const shown = wall - after;
  return zone.offsetAt(shown) === after ? shown : (change ?? end);
}
