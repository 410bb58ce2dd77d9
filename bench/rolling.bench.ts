import { StreamingDataFrame } from '../src/index.ts';
import type { BenchCase } from './bench.ts';
import { batchCount, batches, batchRows, batchSchema, keyCount, plain, rowCount } from './data.ts';

/** The data comes as often as it takes for rows to leave. */
function roundsOf(n: number): number {
  return n < rowCount ? 1 : 2;
}

function rowsText(rows: number): string {
  return `${(rows / 1e6).toLocaleString('en')} million rows in batches of ${batchRows.toLocaleString('en')}`;
}

/** A number that depends on the results of all rows. */
class Checksum {
  #sum = 0;
  #rows = 0;

  add(values: Float64Array): void {
    for (let i = 0; i < values.length; i++) this.#sum += values[i]!;
    this.#rows += values.length;
  }

  get value(): number {
    return Math.round((this.#sum / this.#rows) * 1e6) / 1e6;
  }
}

/** Runs `each` over the data with a ring of `n` values. */
function overRing(
  n: number,
  rounds: number,
  each: (values: Float64Array, x: Float64Array, ring: Float64Array) => void,
): number {
  const ring = new Float64Array(n);
  const checksum = new Checksum();
  for (let round = 0; round < rounds; round++) {
    for (const { x } of plain) {
      const values = new Float64Array(batchRows);
      each(values, x, ring);
      checksum.add(values);
    }
  }
  return checksum.value;
}

/** Adds what comes and subtracts what leaves: fast, and wrong for ever after an infinity or a far greater number. */
function sumByHand(n: number, isMean: boolean): number {
  let at = 0;
  let count = 0;
  let sum = 0;
  return overRing(n, roundsOf(n), (values, x, ring) => {
    for (let i = 0; i < batchRows; i++) {
      const v = x[i]!;
      sum += v - ring[at]!;
      ring[at] = v;
      if (++at === n) at = 0;
      if (count < n) count++;
      values[i] = isMean ? sum / count : sum;
    }
  });
}

/** A queue of values that could still become the least. */
function minByHand(n: number): number {
  const rows = new Float64Array(n + 1);
  let head = 0;
  let tail = 0;
  let row = 0;
  const queue = new Float64Array(n + 1);
  const size = n + 1;
  return overRing(1, roundsOf(n), (values, x) => {
    for (let i = 0; i < batchRows; i++, row++) {
      const v = x[i]!;
      if (head !== tail && rows[head]! <= row - n) head = head + 1 === size ? 0 : head + 1;
      while (head !== tail) {
        const last = tail === 0 ? size - 1 : tail - 1;
        if (queue[last]! < v) break;
        tail = last;
      }
      queue[tail] = v;
      rows[tail] = row;
      tail = tail + 1 === size ? 0 : tail + 1;
      values[i] = queue[head]!;
    }
  });
}

/** The values in view in order, in one array. */
function medianByHand(n: number): number {
  const sorted = new Float64Array(n + 1);
  let count = 0;
  let at = 0;
  const place = (v: number): number => {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < v) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return overRing(n, roundsOf(n), (values, x, ring) => {
    for (let i = 0; i < batchRows; i++) {
      const v = x[i]!;
      if (count === n) {
        const gone = place(ring[at]!);
        sorted.copyWithin(gone, gone + 1, count--);
      }
      const to = place(v);
      sorted.copyWithin(to + 1, to, count++);
      sorted[to] = v;
      ring[at] = v;
      if (++at === n) at = 0;
      values[i] = (sorted[(count - 1) >> 1]! + sorted[count >> 1]!) / 2;
    }
  });
}

type Name = 'sum' | 'mean' | 'min' | 'median';

function ours(n: number, name: Name): () => Promise<number> {
  return async () => {
    const df = new StreamingDataFrame({ schema: batchSchema, time: 't' });
    const checksum = new Checksum();
    const series = df.x.rolling(n)[name]();
    series.sink((rows) => checksum.add(rows.data[0]!.values as Float64Array));
    for (let round = 0; round < roundsOf(n); round++) for (const batch of batches) await df.emit(batch);
    df.dispose();
    return checksum.value;
  };
}

function byHand(n: number, name: Name): () => number {
  if (name === 'min') return () => minByHand(n);
  return name === 'median' ? () => medianByHand(n) : () => sumByHand(n, name === 'mean');
}

/** The last ten of each of the groups. */
function groupsByHand(n: number): number {
  const rings = new Float64Array(keyCount * n);
  const at = new Int32Array(keyCount);
  const sums = new Float64Array(keyCount);
  const checksum = new Checksum();
  for (let b = 0; b < batchCount; b++) {
    const { x, name } = plain[b]!;
    const values = new Float64Array(batchRows);
    for (let i = 0; i < batchRows; i++) {
      const group = name[i]!;
      const place = group * n + at[group]!;
      sums[group]! += x[i]! - rings[place]!;
      rings[place] = x[i]!;
      at[group] = at[group]! + 1 === n ? 0 : at[group]! + 1;
      values[i] = sums[group]!;
    }
    checksum.add(values);
  }
  return checksum.value;
}

const windows = [1000, 1_000_000];

export const cases: readonly BenchCase[] = [
  ...(['sum', 'mean', 'min', 'median'] as const).flatMap((name) =>
    windows.map((n): BenchCase => {
      const amount = rowCount * roundsOf(n);
      const title = `rolling ${name} of ${n.toLocaleString('en')} rows, a result for each row: ${rowsText(amount)}`;
      const base = { title, amount, unit: 'row', ours: ours(n, name) } as const;
      // One sorted array of a million values is no match: each row moves half of it.
      return name === 'median' && n > 100_000 ? base : { ...base, limit: byHand(n, name) };
    }),
  ),
  {
    title: `rolling sum of the last 10 rows of each of ${keyCount.toLocaleString('en')} groups: ${rowsText(rowCount)}`,
    amount: rowCount,
    unit: 'row',
    limit: () => groupsByHand(10),
    ours: async () => {
      const df = new StreamingDataFrame({ schema: batchSchema, time: 't' });
      const checksum = new Checksum();
      df.groupby('name')
        .rolling(10)
        .x.sum()
        .sink((rows) => checksum.add(rows.data[0]!.values as Float64Array));
      for (const batch of batches) await df.emit(batch);
      df.dispose();
      return checksum.value;
    },
  },
];
