/** A day of the calendar, Gregorian at all times. */
export interface CivilDay {
  year: number;
  /** From 1. */
  month: number;
  /** From 1. */
  day: number;
}

/**
 * The calendar day that is `days` after 1970-01-01, into `out`. Years begin with March, so that the leap day is the last;
 * 400 years have 146,097 days.
 */
export function civilFromDays(days: number, out: CivilDay): CivilDay {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  out.day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  out.month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  out.year = yearOfEra + era * 400 + (out.month <= 2 ? 1 : 0);
  return out;
}

/** Days from 1970-01-01 to a day of the calendar; months beyond 12 go on in the next year. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const carried = year + Math.floor((month - 1) / 12);
  const ofYear = (((month - 1) % 12) + 12) % 12;
  const shifted = ofYear < 2 ? carried - 1 : carried;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const fromMarch = ofYear < 2 ? ofYear + 10 : ofYear - 2;
  const dayOfYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1;
  const ofEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + ofEra - 719_468;
}

/** The day of the week of a day since 1970-01-01, which was a Thursday: Monday is 0. */
export function weekday(days: number): number {
  return (((days + 3) % 7) + 7) % 7;
}

/** The number of the ISO week that a day lies in: the week with the first Thursday of a year is its first. */
export function isoWeek(days: number, scratch: CivilDay): number {
  const thursday = days - weekday(days) + 3;
  const { year } = civilFromDays(thursday, scratch);
  return Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1;
}
