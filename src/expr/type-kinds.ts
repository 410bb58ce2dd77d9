import { DataType, Precision, type TimeUnit } from 'apache-arrow';

export function isNumber(type: DataType): boolean {
  return DataType.isInt(type) || (DataType.isFloat(type) && type.precision !== Precision.HALF);
}

export function isInt64(type: DataType): boolean {
  return DataType.isInt(type) && type.bitWidth === 64;
}

export function isString(type: DataType): boolean {
  return (
    DataType.isUtf8(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isUtf8View(type) ||
    (DataType.isDictionary(type) && isString(type.dictionary))
  );
}

export function isTemporal(type: DataType): boolean {
  return (
    DataType.isTimestamp(type) || DataType.isDate(type) || DataType.isTime(type) || DataType.isDuration(type)
  );
}

/** Whether raw values of two temporal types may be compared as they stand. */
export function comparableUnits(a: DataType, b: DataType): boolean {
  if (a.typeId !== b.typeId) return false;
  const unit = (type: DataType): unknown => (type as DataType & { unit?: TimeUnit }).unit;
  if (unit(a) !== unit(b)) return false;
  return !DataType.isTimestamp(a) || !DataType.isTimestamp(b) || !a.timezone === !b.timezone;
}

export function isBool(type: DataType): boolean {
  return DataType.isBool(type);
}
