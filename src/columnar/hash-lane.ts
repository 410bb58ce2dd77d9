import type { Column } from './column.ts';
import { lanesOf } from './lanes.ts';

const low = 0x2545f491;
const high = 0x1b873593;

/**
 * A hash of 53 bits of each value, the same in every program: whole numbers of 32 bits and 21 bits (above). NaN where
 * the value is missing. Strings are hashed as their bytes, whether they are in a dictionary or not; -0 as 0.
 */
export function hashLane(column: Column): Float64Array {
  const { length } = column;
  const lanes = lanesOf(column);
  const first = lanes[0]!;
  const hashes = new Float64Array(length).fill(Number.NaN);
  switch (column.kind) {
    case 'number':
    case 'bool': {
      const double = new Float64Array(1);
      const words = new Int32Array(double.buffer);
      for (let i = 0; i < length; i++) {
        if (Number.isNaN(first[i])) continue;
        double[0] = first[i]! + 0; // never -0
        hashes[i] = joined(ofWords(words[0]!, words[1]!, low), ofWords(words[0]!, words[1]!, high));
      }
      break;
    }
    case 'int64':
      for (let i = 0; i < length; i++) {
        if (Number.isNaN(first[i])) continue;
        const h = first[i]! | 0;
        const l = lanes[1]![i]! | 0;
        hashes[i] = joined(ofWords(l, h, low), ofWords(l, h, high));
      }
      break;
    case 'utf8': {
      const { bytes, valueOffsets } = column;
      for (let i = 0; i < length; i++) {
        if (Number.isNaN(first[i])) continue;
        const [from, to] = [valueOffsets[i]!, valueOffsets[i + 1]!];
        hashes[i] = joined(ofBytes(bytes, from, to, low), ofBytes(bytes, from, to, high));
      }
      break;
    }
    case 'dictionary': {
      const known = hashLane(column.dictionary);
      for (let i = 0; i < length; i++) if (!Number.isNaN(first[i])) hashes[i] = known[column.codes[i]!]!;
      break;
    }
  }
  return hashes;
}

function joined(a: number, b: number): number {
  return (b >>> 11) * 2 ** 32 + (a >>> 0);
}

function ofWords(a: number, b: number, seed: number): number {
  return finished(mix(mix(seed, a), b), 8);
}

function ofBytes(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let h = seed;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    h = mix(h, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  for (; i < to; i++) h = mix(h, bytes[i]!);
  return finished(h, to - from);
}

function mix(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const x = h ^ k;
  return (Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(hash: number, length: number): number {
  let h = hash ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
