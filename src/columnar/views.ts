import { getBit } from './bitmap.ts';

/** Strings of bytes one behind the other; row `i` is `bytes[valueOffsets[i] … valueOffsets[i + 1])`. */
export interface ByteRows {
  readonly valueOffsets: Int32Array;
  readonly bytes: Uint8Array;
}

const cellSize = 16;
const inlineSize = 12;

/** The rows of views. Each view is 16 bytes: the length, then the bytes themselves, or their buffer's number and offset. */
export function rowsOfViews(
  cells: Uint8Array,
  pieces: readonly Uint8Array[],
  length: number,
  validity: Uint8Array | undefined,
  offset: number,
): ByteRows {
  const views = new DataView(cells.buffer, cells.byteOffset, cells.byteLength);
  const valueOffsets = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) {
    // The view of a null may hold anything.
    const valid = validity === undefined || getBit(validity, offset + i);
    valueOffsets[i + 1] = valueOffsets[i]! + (valid ? views.getInt32(cellSize * i, true) : 0);
  }
  const bytes = new Uint8Array(valueOffsets[length]!);
  for (let i = 0; i < length; i++) {
    const size = valueOffsets[i + 1]! - valueOffsets[i]!;
    if (size === 0) continue;
    const inline = size <= inlineSize;
    const from = inline ? cellSize * i + 4 : views.getInt32(cellSize * i + 12, true);
    const buffer = inline ? cells : pieces[views.getInt32(cellSize * i + 8, true)]!;
    bytes.set(buffer.subarray(from, from + size), valueOffsets[i]);
  }
  return { valueOffsets, bytes };
}

/** Views of rows, which all lie in one buffer; short ones are in the views themselves. */
export function viewsOfRows(
  { valueOffsets, bytes }: ByteRows,
  length: number,
): { readonly cells: Uint8Array; readonly pieces: Uint8Array[] } {
  const cells = new Uint8Array(cellSize * length);
  const views = new DataView(cells.buffer);
  let anyLong = false;
  for (let i = 0; i < length; i++) {
    const start = valueOffsets[i]!;
    const size = valueOffsets[i + 1]! - start;
    views.setInt32(cellSize * i, size, true);
    if (size <= inlineSize) {
      cells.set(bytes.subarray(start, start + size), cellSize * i + 4);
      continue;
    }
    anyLong = true;
    cells.set(bytes.subarray(start, start + 4), cellSize * i + 4);
    views.setInt32(cellSize * i + 12, start, true);
  }
  return { cells, pieces: anyLong ? [bytes] : [] };
}
