/** Below this many, comparing is quicker than counting digits. */
const few = 64;

/** Ids, each with a 64-bit number beside it by which it sorts: `high[i] · 2³² + low[i]`. */
export interface Words {
  readonly ids: Int32Array;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

/** Order of two ids whose words are equal. */
export type Compare = (a: number, b: number) => number;

export function newWords(length: number): Words {
  return { ids: new Int32Array(length), high: new Uint32Array(length), low: new Uint32Array(length) };
}

function put(to: Words, at: number, from: Words, i: number): void {
  to.ids[at] = from.ids[i]!;
  to.high[at] = from.high[i]!;
  to.low[at] = from.low[i]!;
}

/**
 * Sorts by words, and where they are equal by `compare`. Radix sort, a byte at a time, skipping the bytes that all
 * share: O(rows). Uses up what it is given.
 */
export function sortByWords(words: Words, compare: Compare): Words {
  const { high, low } = words;
  const { length } = words.ids;
  const sorted = length < few ? insertionSorted(words) : radixSorted(words, digitCounts(high, low));
  for (let i = 0; i < length; ) {
    let end = i + 1;
    while (end < length && sorted.high[end] === sorted.high[i] && sorted.low[end] === sorted.low[i]) end++;
    if (end > i + 1) sorted.ids.subarray(i, end).sort(compare);
    i = end;
  }
  return sorted;
}

function insertionSorted(words: Words): Words {
  const { ids, high, low } = words;
  for (let i = 1; i < ids.length; i++) {
    const id = ids[i]!;
    const h = high[i]!;
    const l = low[i]!;
    let at = i;
    for (; at > 0 && (high[at - 1]! > h || (high[at - 1] === h && low[at - 1]! > l)); at--)
      put(words, at, words, at - 1);
    ids[at] = id;
    high[at] = h;
    low[at] = l;
  }
  return words;
}

/** How often each value occurs of each of the eight bytes. */
function digitCounts(high: Uint32Array, low: Uint32Array): Int32Array {
  const counts = new Int32Array(8 * 256);
  for (let i = 0; i < high.length; i++) {
    const h = high[i]!;
    const l = low[i]!;
    for (let k = 0; k < 4; k++) {
      counts[256 * k + ((l >>> (8 * k)) & 255)]!++;
      counts[256 * (k + 4) + ((h >>> (8 * k)) & 255)]!++;
    }
  }
  return counts;
}

function radixSorted(words: Words, counts: Int32Array): Words {
  const { length } = words.ids;
  let from = words;
  let to = newWords(length);
  const starts = new Int32Array(256);
  for (let digit = 0; digit < 8; digit++) {
    const word = digit < 4 ? from.low : from.high;
    const shift = 8 * (digit & 3);
    if (counts[256 * digit + ((word[0]! >>> shift) & 255)] === length) continue;
    for (let k = 0, start = 0; k < 256; k++) {
      starts[k] = start;
      start += counts[256 * digit + k]!;
    }
    for (let i = 0; i < length; i++) put(to, starts[(word[i]! >>> shift) & 255]!++, from, i);
    [from, to] = [to, from];
  }
  return from;
}

/** The sorted `fresh` among the sorted `old`. O(both), but for few fresh ones little more than a copy. */
export function mergeByWords(old: Words, fresh: Words, compare: Compare): Words {
  if (old.ids.length === 0) return fresh;
  const merged = newWords(old.ids.length + fresh.ids.length);
  const search = 16 * fresh.ids.length < old.ids.length;
  let done = 0;
  for (let k = 0; k < fresh.ids.length; k++) {
    if (search) {
      const end = placeOf(old, fresh, k, done, compare);
      copy(merged, done + k, old, done, end);
      done = end;
    } else {
      for (; done < old.ids.length && isBefore(old, done, fresh, k, compare); done++)
        put(merged, done + k, old, done);
    }
    put(merged, done + k, fresh, k);
  }
  copy(merged, done + fresh.ids.length, old, done, old.ids.length);
  return merged;
}

/** The first of `old`, from `from` on, that is not before `fresh[k]`. */
function placeOf(old: Words, fresh: Words, k: number, from: number, compare: Compare): number {
  let low = from;
  let high = old.ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(old, middle, fresh, k, compare)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: Words, i: number, b: Words, k: number, compare: Compare): boolean {
  const high = a.high[i]! - b.high[k]!;
  if (high !== 0) return high < 0;
  const low = a.low[i]! - b.low[k]!;
  return low !== 0 ? low < 0 : compare(a.ids[i]!, b.ids[k]!) < 0;
}

function copy(to: Words, at: number, from: Words, start: number, end: number): void {
  to.ids.set(from.ids.subarray(start, end), at);
  to.high.set(from.high.subarray(start, end), at);
  to.low.set(from.low.subarray(start, end), at);
}

/** Those whose flag is 1. */
export function keepFlagged(words: Words, flags: Uint8Array): Words {
  const kept = newWords(words.ids.length);
  let count = 0;
  for (let i = 0; i < words.ids.length; i++) if (flags[words.ids[i]!] === 1) put(kept, count++, words, i);
  return {
    ids: kept.ids.subarray(0, count),
    high: kept.high.subarray(0, count),
    low: kept.low.subarray(0, count),
  };
}
