import { SchemaError } from '../errors.ts';
import { getBit } from './bitmap.ts';
import type { Column } from './column.ts';

/**
 * Checks that the codes of a dictionary column are in its dictionary; other columns are in order. O(rows).
 *
 * @throws SchemaError `bad-value`.
 */
export function checkCodes(column: Column): void {
  if (column.kind !== 'dictionary') return;
  const { codes, length, validity, offset, dictionary } = column;
  for (let i = 0; i < length; i++) {
    const code = codes[i]!;
    if (code >= 0 && code < dictionary.length) continue;
    if (validity !== undefined && !getBit(validity, offset + i)) continue;
    throw new SchemaError(
      'bad-value',
      `code ${code} is not in its dictionary of ${dictionary.length} values`,
    );
  }
}
