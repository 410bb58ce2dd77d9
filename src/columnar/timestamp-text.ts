/** A moment written as text: whole seconds since 1970-01-01T00:00Z and the nanoseconds after them. */
export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

const pattern =
  /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * Reads an ISO 8601 date or date and time, to the nanosecond (further digits are cut off). A text without
 * zone is read as it stands, never shifted by the machine's zone. `undefined` for anything else, such as
 * the 30th of February.
 */
export function parseMoment(text: string): Moment | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((k) => Number(match[k] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - zoneSeconds(match[8]);
  return { seconds, nanoseconds: Number((match[7] ?? '').padEnd(9, '0')) };
}

function zoneSeconds(zone: string | undefined): number {
  if (zone === undefined || zone.length === 1) return 0;
  const seconds = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(3).replace(':', '')) * 60;
  return zone[0] === '-' ? -seconds : seconds;
}
