/** Below this many, comparing is quicker than counting digits. */
const few = 64;

interface Sorting {
  readonly ids: Int32Array;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

/**
 * Sorts `ids` by the 64-bit numbers `high[i] · 2³² + low[i]` that stand beside them, and equal ones by `compare`.
 * Radix sort, a byte at a time, skipping the bytes that all share: O(rows). The three arrays are used up.
 */
export function sortByWords(
  ids: Int32Array,
  high: Uint32Array,
  low: Uint32Array,
  compare: (a: number, b: number) => number,
): Int32Array {
  const { length } = ids;
  if (length < few) return ids.sort(compare);
  const counts = new Int32Array(8 * 256);
  for (let i = 0; i < length; i++) {
    const h = high[i]!;
    const l = low[i]!;
    for (let k = 0; k < 4; k++) {
      counts[256 * k + ((l >>> (8 * k)) & 255)]!++;
      counts[256 * (k + 4) + ((h >>> (8 * k)) & 255)]!++;
    }
  }
  let from: Sorting = { ids, high, low };
  let to: Sorting = {
    ids: new Int32Array(length),
    high: new Uint32Array(length),
    low: new Uint32Array(length),
  };
  const starts = new Int32Array(256);
  for (let digit = 0; digit < 8; digit++) {
    const words = digit < 4 ? from.low : from.high;
    const shift = 8 * (digit & 3);
    if (counts[256 * digit + ((words[0]! >>> shift) & 255)] === length) continue;
    for (let k = 0, start = 0; k < 256; k++) {
      starts[k] = start;
      start += counts[256 * digit + k]!;
    }
    for (let i = 0; i < length; i++) {
      const at = starts[(words[i]! >>> shift) & 255]!++;
      to.ids[at] = from.ids[i]!;
      to.high[at] = from.high[i]!;
      to.low[at] = from.low[i]!;
    }
    [from, to] = [to, from];
  }
  const sorted = from.ids;
  for (let i = 0; i < length; ) {
    let end = i + 1;
    while (end < length && from.high[end] === from.high[i] && from.low[end] === from.low[i]) end++;
    if (end > i + 1) sorted.subarray(i, end).sort(compare);
    i = end;
  }
  return sorted;
}
