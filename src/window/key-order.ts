/** Whether the keys of rows `from … to - 1` never go down. */
export function isOrdered(high: Float64Array, low: Float64Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) {
    const before = high[i - 1]!;
    const h = high[i]!;
    if (h < before || (h === before && low[i]! < low[i - 1]!)) return false;
  }
  return true;
}

/**
 * The rows `0 … length - 1` in order of their keys, equal keys in the order given. A natural merge sort:
 * O(length · log(ascending stretches)), so that nearly ordered rows cost little.
 */
export function keyOrder(high: Float64Array, low: Float64Array, length: number): Int32Array {
  const less = (a: number, b: number): boolean => {
    const x = high[a]!;
    const y = high[b]!;
    return x < y || (x === y && low[a]! < low[b]!);
  };
  let rows = new Int32Array(length);
  let starts: number[] = [];
  for (let i = 0; i < length; i++) {
    rows[i] = i;
    if (i === 0 || less(i, i - 1)) starts.push(i);
  }
  let other = new Int32Array(starts.length > 1 ? length : 0);
  while (starts.length > 1) {
    const merged: number[] = [];
    for (let s = 0; s < starts.length; s += 2) {
      const from = starts[s]!;
      const middle = starts[s + 1] ?? length;
      const to = starts[s + 2] ?? length;
      merged.push(from);
      let a = from;
      let b = middle;
      for (let k = from; k < to; k++) {
        const second = b < to && (a === middle || less(rows[b]!, rows[a]!));
        other[k] = second ? rows[b++]! : rows[a++]!;
      }
    }
    [rows, other] = [other, rows];
    starts = merged;
  }
  return rows;
}
