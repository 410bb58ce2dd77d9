import { getBit, newBitmap, setBit } from './bitmap.ts';
import type { BoolColumn, Column, Int64Column, NumberColumn } from './column.ts';
import { boolColumn } from './compare.ts';
import { validityBits } from './validity.ts';

/**
 * Whether two rows are the same, itself never null: as `equal` has it, and null is null and NaN is NaN. `equal` holds the
 * bits of the comparison of the values, anything where one is null.
 */
export function sameOrMissing(a: Column, b: Column, equal: Uint8Array): BoolColumn {
  const { length } = a;
  const bits = newBitmap(length);
  const [aValid, bValid] = [validityBits(a), validityBits(b)];
  const [aNaN, bNaN] = [nanBits(a), nanBits(b)];
  for (let i = 0; i < bits.length; i++) {
    const both = aValid[i]! & bValid[i]!;
    const nan = aNaN === undefined || bNaN === undefined ? 0 : aNaN[i]! & bNaN[i]!;
    bits[i] = (both & (equal[i]! | nan)) | (~aValid[i]! & ~bValid[i]!);
  }
  return boolColumn(bits, length);
}

function nanBits(column: Column): Uint8Array | undefined {
  if (column.kind !== 'number') return undefined;
  const bits = newBitmap(column.length);
  for (let i = 0; i < column.length; i++) if (Number.isNaN(column.values[i]!)) setBit(bits, i);
  return bits;
}

/** Values held within bounds: below `lower` it is that, above `upper` that; NaN stays, a missing bound is none. */
export function clipPicks(
  column: NumberColumn | Int64Column,
  lower: NumberColumn | Int64Column | undefined,
  upper: NumberColumn | Int64Column | undefined,
): Int32Array {
  const { length, values } = column;
  const picks = new Int32Array(length);
  const isValid = (of: Column, row: number): boolean =>
    of.validity === undefined || getBit(of.validity, of.offset + row);
  const last = lower === undefined ? 1 : 2;
  if (lower !== undefined) {
    for (let i = 0; i < length; i++) if (values[i]! < lower.values[i]! && isValid(lower, i)) picks[i] = 1;
  }
  if (upper !== undefined) {
    for (let i = 0; i < length; i++) {
      const held = picks[i] === 1 ? lower!.values[i]! : values[i]!;
      if (held > upper.values[i]! && isValid(upper, i)) picks[i] = last;
    }
  }
  if (column.validity !== undefined) {
    for (let i = 0; i < length; i++) if (!getBit(column.validity, column.offset + i)) picks[i] = 0;
  }
  return picks;
}
