import { DataType, type TimeUnit } from 'apache-arrow';
import { isFloat, isString } from '../columnar/types.ts';

/** What arithmetic works on. */
export function isNumber(type: DataType): boolean {
  return DataType.isInt(type) || isFloat(type);
}

/** Strings, plain or in a dictionary. */
export function isText(type: DataType): boolean {
  return isString(DataType.isDictionary(type) ? type.dictionary : type);
}

/** Whether raw values of two temporal types may be compared as they stand. */
export function comparableUnits(a: DataType, b: DataType): boolean {
  if (a.typeId !== b.typeId) return false;
  const unit = (type: DataType): unknown => (type as DataType & { unit?: TimeUnit }).unit;
  if (unit(a) !== unit(b)) return false;
  return !DataType.isTimestamp(a) || !DataType.isTimestamp(b) || !a.timezone === !b.timezone;
}

/** Whether they are both timestamps or both durations, of units that differ. */
export function comparableTimes(a: DataType, b: DataType): boolean {
  if (DataType.isDuration(a) && DataType.isDuration(b)) return a.unit !== b.unit;
  if (!DataType.isTimestamp(a) || !DataType.isTimestamp(b)) return false;
  return a.unit !== b.unit && !a.timezone === !b.timezone;
}
