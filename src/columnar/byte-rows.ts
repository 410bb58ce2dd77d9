import { Data, DataType } from 'apache-arrow';
import { SchemaError } from '../errors.ts';
import { type ByteRows, rowsOfViews, viewsOfRows } from './views.ts';

const empty = new Uint8Array(0);

/** Bytes of any length per row, however they are stored. */
export function isBytes(type: DataType): boolean {
  return DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type);
}

/** Whether offsets into the values have 64 bits. */
export function hasLargeOffsets(type: DataType): boolean {
  return DataType.isLargeUtf8(type) || DataType.isLargeBinary(type) || DataType.isLargeList(type);
}

/** Whether each row is a view of 16 bytes. */
export function isView(type: DataType): boolean {
  return DataType.isUtf8View(type) || DataType.isBinaryView(type);
}

/** The rows of strings or bytes in any form. No copy where offsets have 32 bits. */
export function byteRowsOf(data: Data, validity: Uint8Array | undefined): ByteRows {
  const type = data.type as DataType;
  const bytes = (data.values as Uint8Array | undefined) ?? empty;
  if (isView(type)) return rowsOfViews(bytes, data.variadicBuffers, data.length, validity, data.offset);
  if (!hasLargeOffsets(type)) return { valueOffsets: data.valueOffsets as Int32Array, bytes };
  const { start, offsets } = smallOffsets(data.valueOffsets as unknown as BigInt64Array);
  return { valueOffsets: offsets, bytes: start === 0 ? bytes : bytes.subarray(start) };
}

/** Offsets from the first one on, as far as 32 bits go. */
export function smallOffsets(large: BigInt64Array): { readonly start: number; readonly offsets: Int32Array } {
  const first = large[0] ?? 0n;
  const size = (large.at(-1) ?? 0n) - first;
  if (size >= 2n ** 31n) {
    throw new SchemaError('limit-exceeded', `a column of ${size} bytes; at most 2^31 - 1 are worked on`);
  }
  return { start: Number(first), offsets: Int32Array.from(large, (offset) => Number(offset - first)) };
}

/** Rows of strings or bytes as Arrow data of `type`. */
export function dataOfByteRows(
  type: DataType,
  length: number,
  nullCount: number,
  rows: ByteRows,
  validity: Uint8Array | undefined,
): Data {
  if (isView(type)) {
    const { cells, pieces } = viewsOfRows(rows, length);
    return new Data(
      type,
      0,
      length,
      nullCount,
      [undefined, cells, validity] as never,
      [],
      undefined,
      pieces as never,
    );
  }
  const valueOffsets = hasLargeOffsets(type)
    ? BigInt64Array.from(rows.valueOffsets, (offset) => BigInt(offset))
    : rows.valueOffsets;
  return new Data(type, 0, length, nullCount, [valueOffsets, rows.bytes, validity] as never);
}
