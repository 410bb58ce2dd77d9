import { getBit, newBitmap, packBits } from './bitmap.ts';
import type { Column, DictionaryColumn } from './column.ts';
import { take } from './take.ts';
import { validityBits } from './validity.ts';

/**
 * Row by row what `values`, a column with a row for each value of the dictionary, has for the value of the row. A null row
 * stays null. O(rows).
 */
export function gather(column: DictionaryColumn, values: Column): Column {
  const { length, validity, offset } = column;
  const codes = new Int32Array(length);
  const valid = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    // The code of a null row may point anywhere.
    if (validity !== undefined && !getBit(validity, offset + i)) continue;
    codes[i] = column.codes[i]!;
    valid[i] = 1;
  }
  if (values.length === 0) return nulls(values, length);
  const taken = take(values, codes);
  const bits = packBits(valid);
  if (bits === undefined || taken.kind === 'null') return taken;
  if (taken.validity !== undefined) {
    const own = validityBits(taken);
    for (let i = 0; i < bits.length; i++) bits[i]! &= own[i]!;
  }
  return { ...taken, validity: bits, offset: 0 } as Column;
}

/** As many nulls, as a column like `empty`, which has no rows. */
function nulls(empty: Column, length: number): Column {
  const base = { length, offset: 0, validity: newBitmap(length), data: undefined };
  switch (empty.kind) {
    case 'number':
    case 'int64': {
      const { constructor: TypedArray } = empty.values as unknown as {
        constructor: new (n: number) => never;
      };
      return { ...empty, ...base, values: new TypedArray(length) } as Column;
    }
    case 'bool':
      return { ...empty, ...base, values: newBitmap(length) };
    case 'utf8':
      return { ...empty, ...base, valueOffsets: new Int32Array(length + 1) };
    default:
      return { ...empty, length } as Column;
  }
}
