import { DataType, DateUnit, type TimeUnit } from 'apache-arrow';

/** How many nanoseconds one step of a type of dates, times, timestamps or durations is; `undefined` for other types. */
export function nanosecondsPerUnit(type: DataType): bigint | undefined {
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? 86_400_000_000_000n : 1_000_000n;
  if (DataType.isTimestamp(type) || DataType.isTime(type) || DataType.isDuration(type)) {
    return 1_000_000_000n / 1000n ** BigInt(type.unit as TimeUnit);
  }
  return undefined;
}
