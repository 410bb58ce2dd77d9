import { DataType, type Field } from 'apache-arrow';
import { isPlainNumber } from '../columnar/rows.ts';

/** What a chart can do with a column. */
export type FieldKind = 'number' | 'time' | 'text' | 'boolean' | 'none';

export interface ChartField {
  readonly name: string;
  readonly kind: FieldKind;
  /** The Arrow type, for people. */
  readonly type: string;
  /** Whether values may lie beyond what a double holds exactly. */
  readonly wide: boolean;
}

/** Date and timestamp are `time`; times of day and durations are numbers (milliseconds). */
export function chartField(field: Field): ChartField {
  const { name } = field;
  const type: DataType = DataType.isDictionary(field.type) ? field.type.dictionary : field.type;
  const wide = DataType.isInt(type) && type.bitWidth === 64 && !isPlainNumber(field);
  return { name, kind: kindOf(type), type: String(field.type), wide };
}

function kindOf(type: DataType): FieldKind {
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return 'time';
  if (DataType.isInt(type) || DataType.isTime(type) || DataType.isDuration(type)) return 'number';
  if (DataType.isFloat(type)) return type.precision === 0 ? 'none' : 'number';
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) return 'text';
  if (DataType.isBool(type)) return 'boolean';
  if (DataType.isNull(type)) return 'number';
  return 'none';
}

/** The field of a plain value; that of a missing one is a number. */
export function plainField(name: string, value: number | string | boolean | null): ChartField {
  const kind = typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : 'number';
  return { name, kind, type: kind, wide: false };
}
