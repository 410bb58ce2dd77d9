import { DataType, Precision, type TimeUnit } from 'apache-arrow';

/** The name of a type as declarations spell it: `float64`, `int64`, `timestamp(ms)`, `dictionary(utf8)`. */
export function typeName(type: DataType): string {
  if (DataType.isInt(type)) return `${type.isSigned ? 'int' : 'uint'}${type.bitWidth}`;
  if (DataType.isFloat(type)) {
    return type.precision === Precision.DOUBLE
      ? 'float64'
      : type.precision === Precision.SINGLE
        ? 'float32'
        : 'float16';
  }
  if (DataType.isBool(type)) return 'bool';
  if (DataType.isUtf8(type)) return 'utf8';
  if (DataType.isTimestamp(type)) {
    return type.timezone
      ? `timestamp(${unitName(type.unit)}, ${type.timezone})`
      : `timestamp(${unitName(type.unit)})`;
  }
  if (DataType.isDictionary(type)) return `dictionary(${typeName(type.dictionary)})`;
  if (DataType.isNull(type)) return 'null';
  return String(type).toLowerCase();
}

export function unitName(unit: TimeUnit): string {
  return ['s', 'ms', 'us', 'ns'][unit]!;
}

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
