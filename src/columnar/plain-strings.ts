import { Utf8 } from 'apache-arrow';
import { getBit } from './bitmap.ts';
import type { Column, Utf8Column } from './column.ts';
import { take } from './take.ts';

/** The strings of a dictionary column, row by row; any other column as it is. O(rows), and the bytes of their strings. */
export function plainStrings(column: Column): Column {
  if (column.kind !== 'dictionary' || column.dictionary.kind !== 'utf8') return column;
  const { codes, length, validity, offset } = column;
  // The code of a null row may point anywhere.
  const isValid = (row: number): boolean => validity === undefined || getBit(validity, offset + row);
  const known = Int32Array.from(codes.subarray(0, length)).filter((_, row) => isValid(row));
  const strings = take(column.dictionary, known) as Utf8Column;
  const valueOffsets = new Int32Array(length + 1);
  for (let row = 0, next = 0; row < length; row++) {
    valueOffsets[row + 1] = isValid(row) ? strings.valueOffsets[++next]! : valueOffsets[row]!;
  }
  const { bytes } = strings;
  return { kind: 'utf8', type: new Utf8(), length, validity, offset, valueOffsets, bytes };
}
