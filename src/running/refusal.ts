import { DataType } from 'apache-arrow';
import { typeName } from '../columnar/type-name.ts';
import { SchemaError } from '../errors.ts';

/** Whether rows of this type can be kept: not unions and views, whose rows have no one width. */
export function canBeKept(type: DataType): boolean {
  if (DataType.isUnion(type) || DataType.isBinaryView(type) || DataType.isLargeBinary(type)) return false;
  if (DataType.isDictionary(type)) return canBeKept(type.dictionary);
  return (type.children ?? []).every((child) => canBeKept(child.type));
}

/** The text begins with the operation; the caller names the expression. */
export function notAvailable(name: string, type: DataType): SchemaError {
  return new SchemaError('type-mismatch', `${name} is not available on ${typeName(type)} columns`);
}
