import type { DataType, Date_, Int32, Int64, Timestamp } from 'apache-arrow';
import type { Unit } from '../columnar/schema.ts';
import type { FamilyOf, IsUnknown, Unavailable } from '../columnar/type-families.ts';
import { oneOf, optionsOf } from '../core/check.ts';
import type { Duration } from '../core/duration.ts';
import type { ExprFamily, Of } from './operands.ts';
import { binsOf, type CalendarUnit } from './time-bins.ts';
import type { CallOptions } from './tree.ts';
import { Zone } from './zone.ts';

/** Makes an expression of a function, the column, and options. */
type Call = <R>(fn: string, options?: CallOptions) => R;

/** What `dt` is of a column of type `D`. */
export type DateExprsOf<D extends DataType, F extends ExprFamily> =
  IsUnknown<D> extends true
    ? DateExprs<D, F>
    : D extends Timestamp | Date_
      ? DateExprs<D, F>
      : Unavailable<`dt is not available on ${FamilyOf<D>} columns`>;

/** On which clock times are read. */
export interface ZoneOptions {
  /**
   * A time zone as `Area/City`, or an offset such as `+02:00`. Default: the zone of the column, else the time as it
   * stands, on the wall.
   */
  readonly zone?: string | undefined;
}

/**
 * The functions of timestamps and dates. Null gives null. All is exact in the unit of the column, before 1970 too, and
 * across changes of the clocks. The calendar is Gregorian at all times.
 */
export class DateExprs<D extends DataType, F extends ExprFamily> {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** The year. */
  year(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('year', options);
  }
  /** The quarter of the year, from 1. */
  quarter(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('quarter', options);
  }
  /** The month, from 1. */
  month(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('month', options);
  }
  /** The number of the week as ISO 8601 has it, from 1: that with the first Thursday of a year is its first. */
  isoWeek(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('isoWeek', options);
  }
  /** The day of the month, from 1. */
  day(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('day', options);
  }
  /** The day of the year, from 1. */
  dayOfYear(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('dayOfYear', options);
  }
  /** The day of the week: Monday is 0, Sunday 6. */
  dayOfWeek(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('dayOfWeek', options);
  }
  /** The hour, from 0. */
  hour(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('hour', options);
  }
  /** The minute, from 0. */
  minute(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('minute', options);
  }
  /** The second, from 0. */
  second(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('second', options);
  }
  /** The milliseconds of the second. */
  millisecond(options?: ZoneOptions): Of<F, Int32> {
    return this.#part('millisecond', options);
  }

  /**
   * The start of the unit of the calendar that the time lies in, or of a stretch of fixed length such as `'5m'`, counted from
   * 1970-01-01T00:00 on the clock; weeks begin on Monday. Days may have 23 or 25 hours. Where a start was never
   * shown by the clocks, it is the moment they were put forward; an hour that came twice starts twice, a day once.
   */
  floor(unit: CalendarUnit | Duration, options?: ZoneOptions): Of<F, D> {
    return this.#bin('floor', unit, options);
  }
  /** The same, or where the time is no start, the start that comes next. */
  ceil(unit: CalendarUnit | Duration, options?: ZoneOptions): Of<F, D> {
    return this.#bin('ceil', unit, options);
  }

  /** The time since 1970-01-01T00:00 in a unit, as a 64-bit integer; what is finer is cut off towards the past. */
  epoch(unit: Unit): Of<F, Int64> {
    return this.#call('dt.epoch', { unit: oneOf(unit, ['s', 'ms', 'us', 'ns'], 'unit of epoch') });
  }

  #part<R>(name: string, options: ZoneOptions = {}): R {
    return this.#call(`dt.${name}`, zoneOption(name, options));
  }

  #bin<R>(way: 'floor' | 'ceil', unit: CalendarUnit | Duration, options: ZoneOptions = {}): R {
    binsOf(unit, `dt.${way}`);
    return this.#call(`dt.${way}`, { unit, ...zoneOption(way, options) });
  }
}

function zoneOption(what: string, options: ZoneOptions): CallOptions {
  const { zone } = optionsOf(options, ['zone'], `dt.${what}`);
  if (zone !== undefined) new Zone(zone, `dt.${what}`);
  return { zone };
}
