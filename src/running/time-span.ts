import type { DataType } from 'apache-arrow';
import { nanosecondsPerUnit } from '../columnar/time-units.ts';
import { typeName } from '../columnar/type-name.ts';
import { parseDuration } from '../core/duration.ts';
import { SchemaError } from '../errors.ts';

/** A duration in units of a time key. @throws `type-mismatch` where the key has no times. */
export function unitsOf(duration: string, key: DataType, operation: string): number {
  const unit = nanosecondsPerUnit(key);
  if (unit === undefined) {
    throw new SchemaError(
      'type-mismatch',
      `${operation}: '${duration}' needs a time key of times, but it is ${typeName(key)}`,
    );
  }
  return Number(parseDuration(duration)) / Number(unit);
}
