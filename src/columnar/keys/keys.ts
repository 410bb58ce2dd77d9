import { DataType } from 'apache-arrow';
import { SchemaError } from '../../errors.ts';
import { isFloat, isSmallInt, isString, isTemporal, isWide } from '../types.ts';
import { BytesKeys, hasBytesKeys } from './bytes-keys.ts';
import { Int64Keys } from './int64-keys.ts';
import type { KeyTable } from './key-table.ts';
import type { LeafKeys } from './leaf-keys.ts';
import { NumberKeys } from './number-keys.ts';
import { PairKeys } from './pair-keys.ts';
import { Utf8Keys } from './utf8-keys.ts';

/** Whether a column of this type can be a key. */
export function canBeKey(type: DataType): boolean {
  if (DataType.isDictionary(type)) return canBeKey(type.dictionary);
  return (
    isString(type) ||
    isFloat(type) ||
    isSmallInt(type) ||
    isWide(type) ||
    isTemporal(type) ||
    DataType.isBool(type) ||
    DataType.isNull(type) ||
    hasBytesKeys(type)
  );
}

/**
 * A table of keys that consist of columns of these types, at least one.
 *
 * @throws SchemaError `type-mismatch` where a type cannot be a key.
 */
export function keyTable(types: readonly DataType[], dropna: boolean): KeyTable {
  return types
    .map((type, position): KeyTable => leafKeys(type, position, dropna))
    .reduce((left, right) => new PairKeys(left, right));
}

function leafKeys(type: DataType, position: number, dropna: boolean): LeafKeys {
  if (!canBeKey(type)) throw new SchemaError('type-mismatch', `a column of type ${type} cannot be a key`);
  if (DataType.isDictionary(type)) return leafKeys(type.dictionary, position, dropna);
  if (isString(type)) return new Utf8Keys(position, dropna);
  if (hasBytesKeys(type)) return new BytesKeys(type, position, dropna);
  return isWide(type) ? new Int64Keys(type, position, dropna) : new NumberKeys(type, position, dropna);
}
