import type { DataType } from 'apache-arrow';
import { GraphError } from '../errors.ts';
import type { Column } from './column.ts';
import { plainStrings } from './plain-strings.ts';
import { take } from './take.ts';
import { typeName } from './type-name.ts';

/** A column as plain data, without its type. */
export type SavedColumn = Omit<Column, 'type' | 'data'>;

/**
 * A copy of a column that is no longer than need be; strings plain, not in a dictionary.
 *
 * @throws `not-available` for a type that is only carried along, such as a list.
 */
export function saveColumn(column: Column): SavedColumn {
  const rows = Int32Array.from({ length: column.length }, (_, i) => i);
  const plain = plainStrings(column);
  if (plain.kind === 'opaque' || plain.kind === 'dictionary') {
    throw new GraphError('not-available', `a column of ${typeName(column.type)} cannot be saved`);
  }
  const { type: _type, data: _data, ...saved } = take(plain, rows);
  return saved;
}

/** The column that was saved, of the type that it had. */
export function restoreColumn(saved: SavedColumn, type: DataType): Column {
  const { dictionary } = type as { dictionary?: DataType };
  return { ...saved, type: dictionary ?? type } as Column;
}
