import { getBit } from './bitmap.ts';
import type { Column, DictionaryColumn } from './column.ts';
import { takeOrNull } from './take-or-null.ts';

/**
 * Row by row what `values`, a column with a row for each value of the dictionary, has for the value of the row. A null row
 * stays null. O(rows).
 */
export function gather({ length, validity, offset, codes }: DictionaryColumn, values: Column): Column {
  const rows = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    // The code of a null row may point anywhere.
    rows[i] = validity === undefined || getBit(validity, offset + i) ? codes[i]! : -1;
  }
  return takeOrNull(values, rows);
}
