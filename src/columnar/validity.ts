import { copyBits, getBit, newBitmap, setBit } from './bitmap.ts';
import type { Column } from './column.ts';

/**
 * Validity of a row-by-row result of several columns, starting at bit 0: a row is valid where it is
 * valid in all of them. `undefined` where no row is null.
 */
export function commonValidity(columns: readonly Column[], length: number): Uint8Array | undefined {
  let common: Uint8Array | undefined;
  for (const column of columns) {
    if (column.kind === 'null') return newBitmap(length);
    const { validity, offset } = column;
    if (validity === undefined) continue;
    const bits = copyBits(validity, offset, length);
    if (common === undefined) common = bits;
    else for (let i = 0; i < common.length; i++) common[i]! &= bits[i]!;
  }
  return common;
}

/** Validity bits of `column` from bit 0 on, one set bit a row where nothing is null. */
export function validityBits(column: Column): Uint8Array {
  const { length } = column;
  const bits = newBitmap(length);
  if (column.kind === 'null') return bits;
  const { validity, offset } = column;
  for (let i = 0; i < length; i++) {
    if (validity === undefined || getBit(validity, offset + i)) setBit(bits, i);
  }
  return bits;
}
