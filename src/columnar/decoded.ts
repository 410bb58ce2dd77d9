import { getBit } from './bitmap.ts';
import type { Column, DictionaryColumn } from './column.ts';
import { concat } from './concat.ts';
import { nullsOf } from './nulls.ts';
import { take } from './take.ts';

/** A dictionary column as the values its codes stand for. O(rows and values), and the bytes of their strings. */
export function decoded(column: DictionaryColumn): Column {
  const { codes, dictionary, length, validity, offset } = column;
  if (dictionary.length === 0) return nullsOf(dictionary.type, length);
  if (validity === undefined) return take(dictionary, Int32Array.from(codes.subarray(0, length)));
  // The code of a null may be anything: it becomes that of a null behind the values.
  const rows = new Int32Array(length);
  for (let i = 0; i < length; i++) rows[i] = getBit(validity, offset + i) ? codes[i]! : dictionary.length;
  return take(concat([dictionary, nullsOf(dictionary.type, 1)]), rows);
}
