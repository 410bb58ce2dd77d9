import { type DataType, Utf8 } from 'apache-arrow';
import { getBit, newBitmap, packBits, setBit } from './bitmap.ts';
import type { Column, Int64Column, NumberArray, NumberColumn, Utf8Column } from './column.ts';
import { doublesOf } from './numbers.ts';
import { plainStrings } from './plain-strings.ts';
import { isHalf, isWide } from './types.ts';
import { isNull } from './value.ts';

/** The source that gives no value: the row is null. */
export const noSource = -1;

/**
 * A column of `type` that has in each row the value of one of `sources`, the one whose number is in `picks`. The sources
 * are of that type, or numbers that it holds without loss. O(rows and sources).
 */
export function choose(type: DataType, sources: readonly Column[], picks: Int32Array): Column {
  const { length } = picks;
  const valid = validPicks(sources, picks);
  const base = { type, length, offset: 0, validity: packBits(valid) };
  const plain = sources.map(plainStrings);
  const kind = plain.find((source) => source.kind !== 'null')?.kind ?? 'null';
  switch (kind) {
    case 'null':
      return { ...base, kind: 'null', validity: undefined };
    case 'bool': {
      const values = newBitmap(length);
      for (let i = 0; i < length; i++) {
        if (valid[i] === 0) continue;
        const source = plain[picks[i]!] as Column & { readonly kind: 'bool' };
        if (getBit(source.values, source.offset + i)) setBit(values, i);
      }
      return { ...base, kind: 'bool', values };
    }
    case 'utf8':
      return { ...base, type: new Utf8(), kind: 'utf8', ...chooseStrings(plain, picks, valid) };
    default:
      return isWide(type)
        ? { ...base, kind: 'int64', values: chooseWide(type, plain, picks) }
        : { ...base, kind: 'number', values: chooseNumbers(type, plain, picks) };
  }
}

/** One byte a row, 1 where the source that is picked has a value. */
function validPicks(sources: readonly Column[], picks: Int32Array): Uint8Array {
  const valid = new Uint8Array(picks.length);
  for (const [number, source] of sources.entries()) {
    if (source.kind === 'null') continue;
    const { validity, offset } = source;
    if (validity === undefined) {
      for (let i = 0; i < picks.length; i++) if (picks[i] === number) valid[i] = 1;
    } else {
      for (let i = 0; i < picks.length; i++) {
        if (picks[i] === number && getBit(validity, offset + i)) valid[i] = 1;
      }
    }
  }
  return valid;
}

function chooseNumbers(type: DataType, sources: readonly Column[], picks: Int32Array): NumberArray {
  const { ArrayType } = type as unknown as { ArrayType: new (length: number) => NumberArray };
  const values = isHalf(type) ? new Float32Array(picks.length) : new ArrayType(picks.length);
  for (const [number, source] of sources.entries()) {
    if (source.kind !== 'number' && source.kind !== 'int64') continue;
    const from = source.kind === 'number' ? source.values : doublesOf(source);
    for (let i = 0; i < picks.length; i++) if (picks[i] === number) values[i] = from[i]!;
  }
  return values;
}

function chooseWide(
  type: DataType,
  sources: readonly Column[],
  picks: Int32Array,
): BigInt64Array | BigUint64Array {
  const { ArrayType } = type as unknown as { ArrayType: new (length: number) => BigInt64Array };
  const values = new ArrayType(picks.length);
  for (const [number, source] of sources.entries()) {
    if (source.kind === 'int64') {
      const from = source.values;
      for (let i = 0; i < picks.length; i++) if (picks[i] === number) values[i] = from[i]!;
    } else if (source.kind === 'number') {
      // The value of a null may be anything.
      const from = source.values;
      for (let i = 0; i < picks.length; i++) {
        if (picks[i] === number && !isNull(source, i)) values[i] = BigInt(from[i]!);
      }
    }
  }
  return values;
}

function chooseStrings(
  sources: readonly Column[],
  picks: Int32Array,
  valid: Uint8Array,
): Pick<Utf8Column, 'valueOffsets' | 'bytes'> {
  const { length } = picks;
  const valueOffsets = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) {
    let size = 0;
    if (valid[i] !== 0) {
      const { valueOffsets: from } = sources[picks[i]!] as Utf8Column;
      size = from[i + 1]! - from[i]!;
    }
    valueOffsets[i + 1] = valueOffsets[i]! + size;
  }
  const bytes = new Uint8Array(valueOffsets[length]!);
  for (let i = 0; i < length; i++) {
    if (valid[i] === 0) continue;
    const { valueOffsets: from, bytes: source } = sources[picks[i]!] as Utf8Column;
    let at = valueOffsets[i]!;
    for (let k = from[i]!; k < from[i + 1]!; k++) bytes[at++] = source[k]!;
  }
  return { valueOffsets, bytes };
}

/** The first source of each row that is not null. */
export function firstValid(sources: readonly Column[], length: number): Int32Array {
  const picks = new Int32Array(length).fill(noSource);
  for (const [number, source] of sources.entries()) {
    if (source.kind === 'null') continue;
    const { validity, offset } = source;
    for (let i = 0; i < length; i++) {
      if (picks[i] === noSource && (validity === undefined || getBit(validity, offset + i)))
        picks[i] = number;
    }
  }
  return picks;
}

/** The source of each row whose value is least, or greatest; null and NaN count as missing, and no number at all picks none. */
export function extremeOf(
  way: 'min' | 'max',
  sources: readonly (NumberColumn | Int64Column)[],
  length: number,
): Int32Array {
  const picks = new Int32Array(length).fill(noSource);
  for (const [number, source] of sources.entries()) {
    const { values, validity, offset } = source;
    for (let i = 0; i < length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value) || (validity !== undefined && !getBit(validity, offset + i))) continue;
      const pick = picks[i]!;
      if (pick === noSource) {
        picks[i] = number;
        continue;
      }
      // JavaScript compares a bigint with a double exactly.
      const best = sources[pick]!.values[i]!;
      if (way === 'min' ? value < best : value > best) picks[i] = number;
    }
  }
  return picks;
}
