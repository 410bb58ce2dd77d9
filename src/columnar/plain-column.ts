import { DataType, Utf8 } from 'apache-arrow';
import { newBitmap } from './bitmap.ts';
import type { Column } from './column.ts';
import { withValidity } from './nulls.ts';
import { take } from './take.ts';
import { isString } from './types.ts';
import { commonValidity } from './validity.ts';

/** The type of a column once its dictionary is done away with; all strings are plain ones. */
export function plainType(type: DataType): DataType {
  if (DataType.isDictionary(type)) return plainType(type.dictionary);
  return isString(type) ? new Utf8() : type;
}

/** The column itself, of a dictionary-encoded one what its codes stand for. O(bytes) for the latter. */
export function plainColumn(column: Column): Column {
  if (column.kind !== 'dictionary') return column;
  const { codes, length } = column;
  const bounded = Int32Array.from(codes.length === length ? codes : codes.subarray(0, length));
  const { length: known } = column.dictionary;
  // The code of a null row may be anything.
  for (let i = 0; i < length; i++) if (!(bounded[i]! >= 0 && bounded[i]! < known)) bounded[i] = 0;
  if (known === 0 && column.dictionary.kind === 'utf8') {
    const valueOffsets = new Int32Array(length + 1);
    return {
      ...column.dictionary,
      length,
      validity: newBitmap(length),
      offset: 0,
      valueOffsets,
      data: undefined,
    };
  }
  const values = take(column.dictionary, bounded);
  return withValidity(values, commonValidity([values, column], length));
}
