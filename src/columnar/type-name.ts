import { DataType, DateUnit, type Decimal, type Timestamp, TimeUnit } from 'apache-arrow';

const timeUnits = {
  [TimeUnit.SECOND]: 's',
  [TimeUnit.MILLISECOND]: 'ms',
  [TimeUnit.MICROSECOND]: 'us',
  [TimeUnit.NANOSECOND]: 'ns',
};

/** The name of a type as declarations spell it: `float64`, `int32`, `utf8`, `timestamp(ms)`, `dictionary(utf8)`. */
export function typeName(type: DataType): string {
  if (DataType.isInt(type)) return `${type.isSigned ? 'int' : 'uint'}${type.bitWidth}`;
  if (DataType.isFloat(type)) return `float${16 << type.precision}`;
  if (DataType.isBool(type)) return 'bool';
  if (DataType.isUtf8(type)) return 'utf8';
  if (DataType.isNull(type)) return 'null';
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? 'dateDay' : 'dateMillisecond';
  if (DataType.isTimestamp(type)) return timestampName(type);
  if (DataType.isDuration(type)) return `duration(${timeUnits[type.unit]})`;
  if (DataType.isDecimal(type)) return decimalName(type);
  if (DataType.isTime(type)) return `time(${timeUnits[type.unit]})`;
  if (DataType.isDictionary(type)) return `dictionary(${typeName(type.dictionary)})`;
  return String(type);
}

/** With its width where that is not the usual one for its digits. */
function decimalName({ precision, scale, bitWidth }: Decimal): string {
  const usual = precision <= 38 ? 128 : 256;
  return `decimal${bitWidth === usual ? '' : bitWidth}(${precision}, ${scale})`;
}

function timestampName({ unit, timezone }: Timestamp): string {
  const zone = timezone === undefined || timezone === null || timezone === '' ? '' : `, ${timezone}`;
  return `timestamp(${timeUnits[unit]}${zone})`;
}

/**
 * The name of what a type means, whatever its physical form: plain, large, view and dictionary-encoded
 * strings are all `utf8`. A dictionary of anything else is a type of its own.
 */
export function logicalTypeName(type: DataType): string {
  if (DataType.isDictionary(type)) {
    const name = logicalTypeName(type.dictionary);
    return name === 'utf8' ? name : `dictionary(${name})`;
  }
  if (DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) return 'utf8';
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type)) return 'binary';
  return typeName(type);
}
