import { Int32, Utf8 } from 'apache-arrow';
import { newBitmap, packBits, setBit } from './bitmap.ts';
import type { BoolColumn, NumberColumn, Utf8Column } from './column.ts';
import { boolColumn } from './compare.ts';
import { encodeStrings } from './fill-utf8.ts';
import { textOf } from './text.ts';
import { commonValidity } from './validity.ts';
import { isNull } from './value.ts';

/** The strings of a column, `null` for null. O(bytes). */
export function textsOf(column: Utf8Column): (string | null)[] {
  const { length, valueOffsets, bytes } = column;
  const texts = new Array<string | null>(length);
  for (let i = 0; i < length; i++) {
    texts[i] = isNull(column, i) ? null : shortText(bytes, valueOffsets[i]!, valueOffsets[i + 1]!);
  }
  return texts;
}

/**
 * The same for strings that nobody keeps. ASCII is decoded at once, and each string is a part of that: one alone would keep them all
 * in memory.
 */
export function passingTexts(column: Utf8Column): (string | null)[] {
  const { length, valueOffsets, bytes } = column;
  const start = valueOffsets[0]!;
  const end = valueOffsets[length]!;
  if (end - start > mostAtOnce) return textsOf(column);
  const all = textOf(bytes, start, end);
  // Whatever is not ASCII has fewer code units than bytes.
  if (all.length !== end - start) return textsOf(column);
  const texts = new Array<string | null>(length);
  for (let i = 0; i < length; i++)
    texts[i] = isNull(column, i) ? null : all.slice(valueOffsets[i]! - start, valueOffsets[i + 1]! - start);
  return texts;
}

/** Bytes that are decoded at once. */
const mostAtOnce = 2 ** 26;

/** Short ASCII is the common case, and cheaper here than a call into the platform. */
function shortText(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > 16) return textOf(bytes, from, to);
  let text = '';
  for (let k = from; k < to; k++) {
    const byte = bytes[k]!;
    if (byte > 127) return textOf(bytes, from, to);
    text += String.fromCharCode(byte);
  }
  return text;
}

/** A utf8 column of strings; `null` is null. */
export function utf8Column(texts: readonly (string | null)[]): Utf8Column {
  const { length } = texts;
  const valid = new Uint8Array(length);
  for (let i = 0; i < length; i++) if (texts[i] !== null) valid[i] = 1;
  const values = encodeStrings(texts, () => {});
  return { kind: 'utf8', type: new Utf8(), length, validity: packBits(valid), offset: 0, ...values };
}

/** A column of what `fn` makes of each string; it may give `null`. */
export function mapTexts(column: Utf8Column, fn: (text: string, row: number) => string | null): Utf8Column {
  return utf8Column(passingTexts(column).map((text, row) => (text === null ? null : fn(text, row))));
}

/** Upper or lower case. ASCII is done on the bytes as they lie. */
export function changeCase(column: Utf8Column, way: 'upper' | 'lower'): Utf8Column {
  const { length, valueOffsets, bytes } = column;
  const start = valueOffsets[0]!;
  const end = valueOffsets[length]!;
  const changed = new Uint8Array(end - start);
  const first = way === 'upper' ? 97 : 65;
  for (let k = start; k < end; k++) {
    const byte = bytes[k]!;
    if (byte > 127)
      return mapTexts(column, (text) => (way === 'upper' ? text.toUpperCase() : text.toLowerCase()));
    changed[k - start] = byte >= first && byte < first + 26 ? byte ^ 32 : byte;
  }
  const offsets = new Int32Array(length + 1);
  for (let i = 0; i <= length; i++) offsets[i] = valueOffsets[i]! - start;
  return {
    kind: 'utf8',
    type: new Utf8(),
    length,
    validity: column.validity,
    offset: column.offset,
    valueOffsets: offsets,
    bytes: changed,
  };
}

/** Number of code points of each string. No string is made. */
export function codePoints(column: Utf8Column): NumberColumn {
  const { length, valueOffsets, bytes } = column;
  const values = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    let count = 0;
    const end = valueOffsets[i + 1]!;
    // All bytes but those that go on with a code point.
    for (let k = valueOffsets[i]!; k < end; k++) count += +((bytes[k]! & 0xc0) !== 0x80);
    values[i] = count;
  }
  return {
    kind: 'number',
    type: new Int32(),
    length,
    validity: commonValidity([column], length),
    offset: 0,
    values,
  };
}

/** Code points `start … end - 1` of each string, as `Array.prototype.slice` counts: from the end where below 0. */
export function sliceCodePoints(column: Utf8Column, start: number, end: number | undefined): Utf8Column {
  const { length, valueOffsets, bytes } = column;
  const from = new Int32Array(length);
  const offsets = new Int32Array(length + 1);
  const counts =
    start < 0 || (end !== undefined && end < 0) ? (codePoints(column).values as Int32Array) : undefined;
  for (let i = 0; i < length; i++) {
    const count = counts === undefined ? 0 : counts[i]!;
    const first = start < 0 ? Math.max(0, count + start) : start;
    const last = end === undefined ? Number.POSITIVE_INFINITY : end < 0 ? count + end : end;
    const stop = valueOffsets[i + 1]!;
    let at = valueOffsets[i]!;
    at = skip(bytes, at, stop, first);
    from[i] = at;
    offsets[i + 1] = offsets[i]! + (last > first ? skip(bytes, at, stop, last - first) - at : 0);
  }
  return partsOf(column, from, offsets);
}

/** The bytes of each string from `from` on, as many as `offsets` have room for. */
function partsOf(column: Utf8Column, from: Int32Array, offsets: Int32Array): Utf8Column {
  const { length, validity, offset, bytes } = column;
  const kept = new Uint8Array(offsets[length]!);
  for (let i = 0; i < length; i++) {
    let at = from[i]!;
    for (let k = offsets[i]!; k < offsets[i + 1]!; k++) kept[k] = bytes[at++]!;
  }
  return { kind: 'utf8', type: new Utf8(), length, validity, offset, valueOffsets: offsets, bytes: kept };
}

/** Strings without white space at their ends. No string is made unless one ends with what is not ASCII. */
export function trimmed(column: Utf8Column, ends: 'both' | 'start' | 'end'): Utf8Column {
  const { length, valueOffsets, bytes } = column;
  const from = new Int32Array(length);
  const offsets = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) {
    let start = valueOffsets[i]!;
    let end = valueOffsets[i + 1]!;
    if (ends !== 'end') {
      while (start < end && isSpace(bytes[start]!)) start++;
      if (start < end && bytes[start]! > 127) return mapTexts(column, trims[ends]);
    }
    if (ends !== 'start') {
      while (end > start && isSpace(bytes[end - 1]!)) end--;
      if (end > start && bytes[end - 1]! > 127) return mapTexts(column, trims[ends]);
    }
    from[i] = start;
    offsets[i + 1] = offsets[i]! + end - start;
  }
  return partsOf(column, from, offsets);
}

/** White space that is ASCII: tab, line feed, vertical tab, form feed, carriage return, space. */
function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

const trims = {
  both: (text: string): string => text.trim(),
  start: (text: string): string => text.trimStart(),
  end: (text: string): string => text.trimEnd(),
};

/** The byte after `count` code points from `at` on; at most `stop`. */
function skip(bytes: Uint8Array, at: number, stop: number, count: number): number {
  let left = count;
  while (left > 0 && at < stop) {
    at++;
    while (at < stop && (bytes[at]! & 0xc0) === 0x80) at++;
    left--;
  }
  return at;
}

/** Where in a string a text is looked for. */
export type Place = 'start' | 'end' | 'anywhere';

/** Whether each string has `text` at that place. The bytes are compared; no string is made. */
export function hasText(column: Utf8Column, text: string, place: Place): BoolColumn {
  const { length, valueOffsets, bytes } = column;
  const wanted = new TextEncoder().encode(text);
  const size = wanted.length;
  const bits = newBitmap(length);
  for (let i = 0; i < length; i++) {
    const start = valueOffsets[i]!;
    const last = valueOffsets[i + 1]! - size;
    if (last < start) continue;
    if (place === 'start') {
      if (isAt(bytes, start, wanted)) setBit(bits, i);
    } else if (place === 'end') {
      if (isAt(bytes, last, wanted)) setBit(bits, i);
    } else {
      for (let at = start; at <= last; at++) {
        if (!isAt(bytes, at, wanted)) continue;
        setBit(bits, i);
        break;
      }
    }
  }
  return boolColumn(bits, length, commonValidity([column], length));
}

function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let k = 0; k < wanted.length; k++) if (bytes[at + k] !== wanted[k]) return false;
  return true;
}

/** The strings of several columns joined row by row; null where one is null. */
export function joinStrings(columns: readonly Utf8Column[], length: number): Utf8Column {
  const offsets = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) {
    let size = 0;
    for (const { valueOffsets } of columns) size += valueOffsets[i + 1]! - valueOffsets[i]!;
    offsets[i + 1] = offsets[i]! + size;
  }
  const joined = new Uint8Array(offsets[length]!);
  let at = 0;
  for (let i = 0; i < length; i++) {
    for (const { valueOffsets, bytes } of columns) {
      for (let k = valueOffsets[i]!; k < valueOffsets[i + 1]!; k++) joined[at++] = bytes[k]!;
    }
  }
  const validity = commonValidity(columns, length);
  return {
    kind: 'utf8',
    type: new Utf8(),
    length,
    validity,
    offset: 0,
    valueOffsets: offsets,
    bytes: joined,
  };
}
