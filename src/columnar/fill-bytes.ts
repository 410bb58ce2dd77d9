import { Data, DataType } from 'apache-arrow';
import { columnOf } from './arrow.ts';
import { countBits } from './bitmap.ts';
import { dataOfByteRows } from './byte-rows.ts';
import type { Column } from './column.ts';
import { type Reject, show, type Values } from './fill.ts';
import { typeName } from './type-name.ts';

/** A column of bytes, of any or of one length, out of byte arrays and buffers. */
export function bytesColumn(
  type: DataType,
  values: Values,
  length: number,
  validity: Uint8Array | undefined,
  reject: Reject,
): Column {
  const width = DataType.isFixedSizeBinary(type) ? type.byteWidth : undefined;
  const parts = Array.from({ length }, (_, i) => {
    const value = values[i];
    if (value === undefined || value === null) return undefined;
    const bytes = bytesIn(value);
    if (bytes === undefined) reject(i, `expected bytes, got ${show(value)}`);
    else if (width !== undefined && bytes.length !== width) {
      reject(i, `expected ${typeName(type)}, got ${bytes.length} bytes`);
      return undefined;
    }
    return bytes;
  });
  const nulls = validity === undefined ? 0 : length - countBits(validity, 0, length);
  const valueOffsets = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) {
    valueOffsets[i + 1] = valueOffsets[i]! + (width ?? parts[i]?.length ?? 0);
  }
  const bytes = new Uint8Array(valueOffsets[length]!);
  for (const [i, part] of parts.entries()) if (part !== undefined) bytes.set(part, valueOffsets[i]);
  if (width === undefined)
    return columnOf(dataOfByteRows(type, length, nulls, { valueOffsets, bytes }, validity));
  return columnOf(new Data(type, 0, length, nulls, [undefined, bytes, validity] as never));
}

function bytesIn(value: unknown): Uint8Array | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!ArrayBuffer.isView(value)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
