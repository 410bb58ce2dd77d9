import { DataType } from 'apache-arrow';
import { newBitmap, setBit } from './bitmap.ts';
import { byteRowsOf, isBytes } from './byte-rows.ts';
import type { OpaqueColumn } from './column.ts';
import { compareBytes, holds } from './compare.ts';
import type { Comparison } from './compare-doubles.ts';
import { isNull } from './value.ts';
import type { ByteRows } from './views.ts';

/** Bytes of any length, or of one. */
export function isByteRows(type: DataType): boolean {
  return isBytes(type) || DataType.isFixedSizeBinary(type);
}

/** The bytes of each row, however they are stored. */
export function byteRows({ data, type, validity, length }: OpaqueColumn): ByteRows {
  if (!DataType.isFixedSizeBinary(type)) return byteRowsOf(data, validity);
  const valueOffsets = Int32Array.from({ length: length + 1 }, (_, i) => i * type.byteWidth);
  return { valueOffsets, bytes: data.values as Uint8Array };
}

/** Bits of `a op b` for columns of bytes, in order of their bytes. */
export function compareByteRows(op: Comparison, a: OpaqueColumn, b: OpaqueColumn): Uint8Array {
  const x = byteRows(a);
  const y = byteRows(b);
  const bits = newBitmap(a.length);
  for (let i = 0; i < a.length; i++) {
    if (isNull(a, i) || isNull(b, i)) continue;
    const order = compareBytes(
      x.bytes,
      x.valueOffsets[i]!,
      x.valueOffsets[i + 1]!,
      y.bytes,
      y.valueOffsets[i]!,
      y.valueOffsets[i + 1]!,
    );
    if (holds(op, order)) setBit(bits, i);
  }
  return bits;
}
