import { quote, SchemaError } from '../errors.ts';

/** @throws SchemaError `bad-option` unless `value` is a whole number from 0 on. */
export function wholeNumber(aggregation: string, option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new SchemaError(
    'bad-option',
    `${aggregation}: option ${quote(option)} must be a whole number from 0 on, not ${String(value)}`,
  );
}
