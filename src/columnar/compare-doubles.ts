import { newBitmap } from './bitmap.ts';
import type { NumberArray } from './column.ts';

/** The six comparisons. */
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/**
 * Bits of `values[i] op limit`. NaN compares false except by `ne`. Each case is a loop of its own that packs
 * eight rows at a time; rows past the last whole byte come in by the loop after it.
 */
export function compareWithNumber(
  op: Comparison,
  values: NumberArray,
  limit: number,
  length: number,
): Uint8Array {
  const bits = newBitmap(length);
  const whole = length & ~7;
  compareBlocks[op](values, limit, bits, whole);
  const holds = rules[op];
  for (let i = whole; i < length; i++) bits[i >> 3]! |= +holds(values[i]!, limit) << (i & 7);
  return bits;
}

/** Bits of `a[i] op b[i]`. NaN compares false except by `ne`. */
export function compareDoubles(op: Comparison, a: Float64Array, b: Float64Array, length: number): Uint8Array {
  const bits = newBitmap(length);
  switch (op) {
    case 'eq':
      for (let i = 0; i < length; i++) bits[i >> 3]! |= +(a[i]! === b[i]!) << (i & 7);
      break;
    case 'ne':
      for (let i = 0; i < length; i++) bits[i >> 3]! |= +(a[i]! !== b[i]!) << (i & 7);
      break;
    case 'lt':
      for (let i = 0; i < length; i++) bits[i >> 3]! |= +(a[i]! < b[i]!) << (i & 7);
      break;
    case 'le':
      for (let i = 0; i < length; i++) bits[i >> 3]! |= +(a[i]! <= b[i]!) << (i & 7);
      break;
    case 'gt':
      for (let i = 0; i < length; i++) bits[i >> 3]! |= +(a[i]! > b[i]!) << (i & 7);
      break;
    case 'ge':
      for (let i = 0; i < length; i++) bits[i >> 3]! |= +(a[i]! >= b[i]!) << (i & 7);
      break;
  }
  return bits;
}

const rules: Record<Comparison, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

type Blocks = (v: NumberArray, c: number, bits: Uint8Array, whole: number) => void;

const compareBlocks: Record<Comparison, Blocks> = {
  eq(v, c, bits, whole) {
    for (let i = 0; i < whole; i += 8) {
      bits[i >> 3] =
        +(v[i]! === c) |
        (+(v[i + 1]! === c) << 1) |
        (+(v[i + 2]! === c) << 2) |
        (+(v[i + 3]! === c) << 3) |
        (+(v[i + 4]! === c) << 4) |
        (+(v[i + 5]! === c) << 5) |
        (+(v[i + 6]! === c) << 6) |
        (+(v[i + 7]! === c) << 7);
    }
  },
  ne(v, c, bits, whole) {
    for (let i = 0; i < whole; i += 8) {
      bits[i >> 3] =
        +(v[i]! !== c) |
        (+(v[i + 1]! !== c) << 1) |
        (+(v[i + 2]! !== c) << 2) |
        (+(v[i + 3]! !== c) << 3) |
        (+(v[i + 4]! !== c) << 4) |
        (+(v[i + 5]! !== c) << 5) |
        (+(v[i + 6]! !== c) << 6) |
        (+(v[i + 7]! !== c) << 7);
    }
  },
  lt(v, c, bits, whole) {
    for (let i = 0; i < whole; i += 8) {
      bits[i >> 3] =
        +(v[i]! < c) |
        (+(v[i + 1]! < c) << 1) |
        (+(v[i + 2]! < c) << 2) |
        (+(v[i + 3]! < c) << 3) |
        (+(v[i + 4]! < c) << 4) |
        (+(v[i + 5]! < c) << 5) |
        (+(v[i + 6]! < c) << 6) |
        (+(v[i + 7]! < c) << 7);
    }
  },
  le(v, c, bits, whole) {
    for (let i = 0; i < whole; i += 8) {
      bits[i >> 3] =
        +(v[i]! <= c) |
        (+(v[i + 1]! <= c) << 1) |
        (+(v[i + 2]! <= c) << 2) |
        (+(v[i + 3]! <= c) << 3) |
        (+(v[i + 4]! <= c) << 4) |
        (+(v[i + 5]! <= c) << 5) |
        (+(v[i + 6]! <= c) << 6) |
        (+(v[i + 7]! <= c) << 7);
    }
  },
  gt(v, c, bits, whole) {
    for (let i = 0; i < whole; i += 8) {
      bits[i >> 3] =
        +(v[i]! > c) |
        (+(v[i + 1]! > c) << 1) |
        (+(v[i + 2]! > c) << 2) |
        (+(v[i + 3]! > c) << 3) |
        (+(v[i + 4]! > c) << 4) |
        (+(v[i + 5]! > c) << 5) |
        (+(v[i + 6]! > c) << 6) |
        (+(v[i + 7]! > c) << 7);
    }
  },
  ge(v, c, bits, whole) {
    for (let i = 0; i < whole; i += 8) {
      bits[i >> 3] =
        +(v[i]! >= c) |
        (+(v[i + 1]! >= c) << 1) |
        (+(v[i + 2]! >= c) << 2) |
        (+(v[i + 3]! >= c) << 3) |
        (+(v[i + 4]! >= c) << 4) |
        (+(v[i + 5]! >= c) << 5) |
        (+(v[i + 6]! >= c) << 6) |
        (+(v[i + 7]! >= c) << 7);
    }
  },
};
