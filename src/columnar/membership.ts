import { newBitmap, setBit } from './bitmap.ts';
import type { BoolColumn, Int64Column, NumberColumn, Utf8Column } from './column.ts';
import { boolColumn } from './compare.ts';
import { WordTable } from './keys/word-table.ts';
import { wordsOf } from './numbers.ts';
import { commonValidity } from './validity.ts';

/** Few enough to be looked at one by one. */
const few = 6;

/** Whether each number is one of `wanted`. NaN is none, as it equals nothing. */
export function numbersIn(wanted: readonly number[]): (column: NumberColumn) => BoolColumn {
  const list = wanted.filter((value) => !Number.isNaN(value));
  const set = new Set(list);
  return (column) => {
    const { length, values } = column;
    const bits = newBitmap(length);
    if (list.length <= few) {
      for (const value of list) for (let i = 0; i < length; i++) if (values[i] === value) setBit(bits, i);
    } else {
      for (let i = 0; i < length; i++) if (set.has(values[i]!)) setBit(bits, i);
    }
    return boolColumn(bits, length, commonValidity([column], length));
  };
}

/** Whether each 64-bit integer is one of `wanted`, exactly. No bigint is made for a row. */
export function wideIn(wanted: readonly bigint[], unsigned: boolean): (column: Int64Column) => BoolColumn {
  const fitting = wanted.filter(
    (value) => (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)) === value,
  );
  const words = wordsOf(BigInt64Array.from([...new Set(fitting)], (value) => BigInt.asIntN(64, value)));
  const table = new WordTable();
  for (let i = 0; i < words.length; i += 2) table.add(words[i]!, words[i + 1]!, i >> 1);
  return (column) => {
    const { length } = column;
    const rows = wordsOf(column.values);
    const bits = newBitmap(length);
    for (let i = 0; i < length; i++) if (table.get(rows[2 * i]!, rows[2 * i + 1]!) >= 0) setBit(bits, i);
    return boolColumn(bits, length, commonValidity([column], length));
  };
}

/** Whether each string is one of `wanted`. The bytes are hashed and compared; no string is made. */
export function textsIn(wanted: readonly string[]): (column: Utf8Column) => BoolColumn {
  const encoder = new TextEncoder();
  const texts = [...new Set(wanted)].map((text) => encoder.encode(text));
  let size = 16;
  while (size < 2 * texts.length) size *= 2;
  const cells = new Int32Array(size);
  for (const [i, text] of texts.entries()) {
    let cell = hashOf(text, 0, text.length) & (size - 1);
    while (cells[cell] !== 0) cell = (cell + 1) & (size - 1);
    cells[cell] = i + 1;
  }
  return (column) => {
    const { length, valueOffsets, bytes } = column;
    const bits = newBitmap(length);
    for (let i = 0; i < length; i++) {
      const start = valueOffsets[i]!;
      const end = valueOffsets[i + 1]!;
      let cell = hashOf(bytes, start, end) & (size - 1);
      while (cells[cell] !== 0) {
        if (same(texts[cells[cell]! - 1]!, bytes, start, end)) {
          setBit(bits, i);
          break;
        }
        cell = (cell + 1) & (size - 1);
      }
    }
    return boolColumn(bits, length, commonValidity([column], length));
  };
}

/** FNV-1a, whose low bits are as good as its high ones once they are folded. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let k = start; k < end; k++) hash = Math.imul(hash ^ bytes[k]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function same(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let k = 0; k < text.length; k++) if (text[k] !== bytes[start + k]) return false;
  return true;
}
