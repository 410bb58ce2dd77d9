import { StreamingDataFrame } from '../src/index.ts';
import type { BenchCase } from './bench.ts';
import { batchCount, batches, batchRows, batchSchema, keyCount, plain, rowCount } from './data.ts';

const million = `${(rowCount / 1e6).toLocaleString('en')} million rows in batches of ${batchRows.toLocaleString('en')}`;
const windowRows = 100_000;

function ignore(): void {}

/** Sum of the means, so that results can be compared whatever their order. */
function total(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return Math.round(sum * 1e6) / 1e6;
}

/** Branch-free, four sums; not safe for nulls, NaN and infinities. */
function filterMean(): number {
  let sum = 0;
  let count = 0;
  for (const { x, y } of plain) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0; i < batchRows; i += 4) {
      const m0 = (500 - y[i]!) >>> 31;
      const m1 = (500 - y[i + 1]!) >>> 31;
      const m2 = (500 - y[i + 2]!) >>> 31;
      const m3 = (500 - y[i + 3]!) >>> 31;
      s0 += x[i]! * m0;
      s1 += x[i + 1]! * m1;
      s2 += x[i + 2]! * m2;
      s3 += x[i + 3]! * m3;
      count += m0 + m1 + m2 + m3;
    }
    sum += s0 + s1 + s2 + s3;
  }
  return total([sum / count]);
}

function addGroups(
  { name, x }: (typeof plain)[number],
  sums: Float64Array,
  counts: Int32Array,
  sign: 1 | -1,
): void {
  for (let i = 0; i < batchRows; i++) {
    const group = name[i]!;
    sums[group]! += sign * x[i]!;
    counts[group]! += sign;
  }
}

function means(sums: Float64Array, counts: Int32Array): Float64Array {
  const result = new Float64Array(keyCount);
  for (let g = 0; g < keyCount; g++) result[g] = sums[g]! / counts[g]!;
  return result;
}

/** A result per batch, as a stream gives it. `window` batches are in view; what leaves is subtracted. */
function groupMeans(window: number): number {
  const sums = new Float64Array(keyCount);
  const counts = new Int32Array(keyCount);
  let result = new Float64Array();
  for (let b = 0; b < batchCount; b++) {
    addGroups(plain[b]!, sums, counts, 1);
    if (b >= window) addGroups(plain[b - window]!, sums, counts, -1);
    result = means(sums, counts) as typeof result;
  }
  return total(result);
}

/** The window's sum without groups. */
function windowMean(window: number): number {
  let sum = 0;
  for (let b = 0; b < batchCount; b++) {
    const { x } = plain[b]!;
    const old = b >= window ? plain[b - window]!.x : undefined;
    for (let i = 0; i < batchRows; i++) sum += x[i]!;
    if (old !== undefined) for (let i = 0; i < batchRows; i++) sum -= old[i]!;
  }
  return total([sum / (window * batchRows)]);
}

export const cases: readonly BenchCase[] = [
  {
    title: `filter + mean, ${million}`,
    amount: rowCount,
    unit: 'row',
    limit: filterMean,
    ours() {
      const df = new StreamingDataFrame({ schema: batchSchema });
      const mean = df.filter(df.y.gt(500)).x.mean();
      mean.sink(ignore); // a result per batch, as the loop by hand makes one
      for (const batch of batches) void df.emit(batch);
      return total([mean.current!]);
    },
  },
  {
    title: `mean by ${keyCount.toLocaleString('en')} keys, ${million}`,
    amount: rowCount,
    unit: 'row',
    limit: () => groupMeans(batchCount),
    ours() {
      const df = new StreamingDataFrame({ schema: batchSchema });
      const mean = df.groupby('name').x.mean();
      mean.sink(ignore); // a result per batch, as the loop by hand makes one
      for (const batch of batches) void df.emit(batch);
      return total(mean.current!.getChild('x')!.toArray() as Float64Array);
    },
  },
  {
    title: `mean of the last ${windowRows.toLocaleString('en')} rows, ${million}`,
    amount: rowCount,
    unit: 'row',
    limit: () => windowMean(windowRows / batchRows),
    ours() {
      const df = new StreamingDataFrame({ schema: batchSchema });
      const mean = df.window(windowRows).x.mean();
      mean.sink(ignore); // a result per batch, as the loop by hand makes one
      for (const batch of batches) void df.emit(batch);
      return total([mean.current!]);
    },
  },
  {
    title: `mean of the last ${windowRows.toLocaleString('en')} rows by ${keyCount.toLocaleString('en')} keys, ${million}`,
    amount: rowCount,
    unit: 'row',
    limit: () => groupMeans(windowRows / batchRows),
    ours() {
      const df = new StreamingDataFrame({ schema: batchSchema });
      const mean = df.window(windowRows).groupby('name').x.mean();
      mean.sink(ignore); // a result per batch, as the loop by hand makes one
      for (const batch of batches) void df.emit(batch);
      return total(mean.current!.getChild('x')!.toArray() as Float64Array);
    },
  },
];
