import { Bool } from 'apache-arrow';
import { getBit, newBitmap, setBit } from './bitmap.ts';
import type {
  BoolColumn,
  Column,
  DictionaryColumn,
  Int64Column,
  NumberColumn,
  Utf8Column,
} from './column.ts';
import { type Comparison, compareDoubles } from './compare-doubles.ts';
import { doublesOf, exactDoubles } from './numbers.ts';
import { validityBits } from './validity.ts';

/** Whether a three-way result (negative, 0, positive) satisfies `op`. */
export function holds(op: Comparison, order: number): boolean {
  switch (op) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
  }
}

/** Bits of a comparison by a three-way function of the row. */
function compareRows(op: Comparison, length: number, order: (row: number) => number): Uint8Array {
  const bits = newBitmap(length);
  for (let i = 0; i < length; i++) if (holds(op, order(i))) setBit(bits, i);
  return bits;
}

/** Order of two byte strings, which for UTF-8 is the order of code points. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const shared = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < shared; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

/** Where the bytes of row `row` of a string column are. */
function stringAt(
  column: Utf8Column | DictionaryColumn,
  row: number,
): [bytes: Uint8Array, start: number, end: number] {
  if (column.kind === 'utf8') return [column.bytes, column.valueOffsets[row]!, column.valueOffsets[row + 1]!];
  return stringAt(column.dictionary as Utf8Column, column.codes[row]!);
}

/** Three-way order of row `i` of `a` and row `k` of `b`, neither null, by code point. */
export function orderOfStrings(a: Utf8Column, i: number, b: Utf8Column, k: number): number {
  const { bytes, valueOffsets } = a;
  return compareBytes(
    bytes,
    valueOffsets[i]!,
    valueOffsets[i + 1]!,
    b.bytes,
    b.valueOffsets[k]!,
    b.valueOffsets[k + 1]!,
  );
}

/** Bits of `a op b` for two string columns, by code point. */
export function compareStrings(
  op: Comparison,
  a: Utf8Column | DictionaryColumn,
  b: Utf8Column | DictionaryColumn,
): Uint8Array {
  const aBits = validityBits(a);
  const bBits = validityBits(b);
  return compareRows(op, a.length, (row) => {
    // A null row has no string to read; whatever comes out is hidden by the result's validity.
    if (!getBit(aBits, row) || !getBit(bBits, row)) return 0;
    return compareBytes(...stringAt(a, row), ...stringAt(b, row));
  });
}

/** Bits of `column op text`, where the text is given as bytes; a dictionary is compared once, not per row. */
export function compareString(
  op: Comparison,
  column: Utf8Column | DictionaryColumn,
  text: Uint8Array,
): Uint8Array {
  const { length } = column;
  if (column.kind === 'dictionary') {
    const dictionary = column.dictionary as Utf8Column;
    const hits = compareString(op, dictionary, text);
    const bits = newBitmap(length);
    const { codes } = column;
    for (let i = 0; i < length; i++) bits[i >> 3]! |= +getBit(hits, codes[i]!) << (i & 7);
    return bits;
  }
  const { valueOffsets, bytes } = column;
  if (op !== 'eq' && op !== 'ne') {
    return compareRows(op, length, (row) =>
      compareBytes(bytes, valueOffsets[row]!, valueOffsets[row + 1]!, text, 0, text.length),
    );
  }
  const bits = newBitmap(length);
  const size = text.length;
  const wanted = op === 'eq';
  for (let i = 0; i < length; i++) {
    const start = valueOffsets[i]!;
    let same = valueOffsets[i + 1]! - start === size;
    for (let k = 0; same && k < size; k++) same = bytes[start + k] === text[k];
    if (same === wanted) setBit(bits, i);
  }
  return bits;
}

export function boolColumn(
  values: Uint8Array,
  length: number,
  validity?: Uint8Array | undefined,
): BoolColumn {
  return { kind: 'bool', type: new Bool(), length, validity, offset: 0, values };
}

/** Whether each row is null; itself never null. */
export function nullTest(column: Column, wantNull: boolean): BoolColumn {
  const { length } = column;
  const bits = validityBits(column);
  if (wantNull) for (let i = 0; i < bits.length; i++) bits[i] = ~bits[i]!;
  return boolColumn(bits, length);
}

/** Bits of `a op b` for numbers of any width; exact also for 64-bit integers beyond 2⁵³. */
export function compareNumbers(
  op: Comparison,
  a: NumberColumn | Int64Column,
  b: NumberColumn | Int64Column,
): Uint8Array {
  const x = a.kind === 'int64' ? exactDoubles(a) : doublesOf(a);
  const y = b.kind === 'int64' ? exactDoubles(b) : doublesOf(b);
  if (x !== undefined && y !== undefined) return compareDoubles(op, x, y, a.length);
  // JavaScript compares a bigint with a double exactly.
  const unordered = op === 'ne' ? 1 : Number.NaN;
  return compareRows(op, a.length, (row) => {
    const p = a.values[row]!;
    const q = b.values[row]!;
    if (p < q) return -1;
    if (p > q) return 1;
    return Number.isNaN(p) || Number.isNaN(q) ? unordered : 0;
  });
}

/** Bits of `a op b` for booleans, false before true. */
export function compareBools(op: Comparison, a: BoolColumn, b: BoolColumn): Uint8Array {
  return compareRows(
    op,
    a.length,
    (row) => +getBit(a.values, a.offset + row) - +getBit(b.values, b.offset + row),
  );
}
