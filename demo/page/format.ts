const grouped = new Intl.NumberFormat('en');
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDecimals = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const msPerDay = 86_400_000;
const firstDay = Date.UTC(2001, 0, 1);

/** A number and what it is counted in. */
export interface Formatted {
  readonly number: string;
  readonly unit: string;
}

const inUnits = (value: number, units: readonly string[], step: number): Formatted => {
  let power = 0;
  while (value >= step && power < units.length - 1) {
    value /= step;
    power++;
  }
  const number = power === 0 ? grouped.format(Math.round(value)) : oneDecimal.format(value);
  return { number, unit: units[power]! };
};

/** How tiles write their numbers, by the name in `data-format`. */
export const formats: Readonly<Record<string, (value: number) => Formatted>> = {
  count: (value) => ({ number: grouped.format(Math.round(value)), unit: '' }),
  percent: (value) => ({ number: oneDecimal.format(value), unit: '%' }),
  decimal: (value) => ({ number: twoDecimals.format(value), unit: '' }),
  bytes: (value) => inUnits(value, ['B', 'kB', 'MB', 'GB', 'TB'], 1000),
  byteRate: (value) => {
    const { number, unit } = inUnits(value, ['B', 'kB', 'MB', 'GB'], 1000);
    return { number, unit: `${unit}/s` };
  },
  ms: (value) => ({
    number: value < 99.95 ? oneDecimal.format(value) : grouped.format(Math.round(value)),
    unit: 'ms',
  }),
  minutes: (value) => ({ number: oneDecimal.format(value), unit: 'min' }),
  /** A time as day of the replay and time of that day. */
  day: (value) => {
    const day = Math.floor((value - firstDay) / msPerDay) + 1;
    return { number: new Date(value).toISOString().slice(11, 16), unit: `day ${grouped.format(day)}` };
  },
};

export function countText(value: number): string {
  return grouped.format(value);
}
