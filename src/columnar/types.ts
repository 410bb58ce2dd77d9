import { DataType, DateUnit, Precision } from 'apache-arrow';

/** Float16, float32 or float64. */
export function isFloat(type: DataType): boolean {
  return DataType.isFloat(type);
}

/** Half floats, whose columns hold them as floats. */
export function isHalf(type: DataType): boolean {
  return DataType.isFloat(type) && type.precision === Precision.HALF;
}

/** An integer of at most 32 bits. */
export function isSmallInt(type: DataType): boolean {
  return DataType.isInt(type) && type.bitWidth <= 32;
}

/** Int64 or uint64. */
export function isWideInt(type: DataType): boolean {
  return DataType.isInt(type) && type.bitWidth === 64;
}

/** A date, a time of day, a timestamp or a duration. */
export function isTemporal(type: DataType): boolean {
  return (
    DataType.isDate(type) || DataType.isTime(type) || DataType.isTimestamp(type) || DataType.isDuration(type)
  );
}

/** Whether values of this type take 64 bits and are integers: an `Int64Column` holds them. */
export function isWide(type: DataType): boolean {
  if (DataType.isInt(type) || DataType.isTime(type)) return type.bitWidth === 64;
  if (DataType.isDate(type)) return type.unit === DateUnit.MILLISECOND;
  return DataType.isTimestamp(type) || DataType.isDuration(type);
}

/** Whether values of this type have no sign. */
export function isUnsigned(type: DataType): boolean {
  return DataType.isInt(type) && !type.isSigned;
}

/** Strings, however they are stored. */
export function isString(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
}
