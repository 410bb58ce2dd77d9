/**
 * Cost of windowed aggregations by the length of the window: `node --expose-gc bench/windows.js [names]`.
 *
 * For each built-in aggregation, plain and by 100 keys: microseconds of processor time per batch of 100 rows, a result after each, in
 * windows of 1,000 and of 1,000,000 rows, and the ratio of the two. The measured rows are as many as the longer window holds, so
 * that each way of keeping rows is gone through once. Then: one-row updates where a group holds 300,000 rows, sorted groups, and updates
 * by how many rows came before.
 */
import { library } from './library.js';

const batchRows = 100;
const long = 1_000_000;
const short = 1000;
const keyCount = 100;

const { StreamingDataFrame, schema, float64, int32, timestamp } = await library('windows');

/** Aggregation, input columns, options. @type {readonly (readonly [string, any, object?])[]} */
const aggregations = [
  ['sum', 'x'],
  ['count', 'x'],
  ['size', 'x'],
  ['mean', 'x'],
  ['min', 'x'],
  ['max', 'x'],
  ['var', 'x'],
  ['std', 'x'],
  ['first', 'x'],
  ['last', 'x'],
  ['any', 'y'],
  ['all', 'y'],
  ['argmin', ['y', 'x']],
  ['argmax', ['y', 'x']],
  ['corr', ['x', 'y']],
  ['cov', ['x', 'y']],
  ['linearFit', ['x', 'y']],
  ['weightedMean', ['x', 'y']],
  ['ohlc', 'x'],
  ['rate', 'x'],
  ['histogram', 'x', { bins: 10, range: [0, 100] }],
  ['median', 'x'],
  ['quantile', 'x', { q: 0.9 }],
  ['nunique', 'y'],
  ['mode', 'y'],
  ['approxDistinct', 'y', { precision: 6 }],
  ['approxQuantile', 'x', { q: 0.9 }],
  ['topK', 'y', { k: 3 }],
];

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const repeats = process.argv.includes('--once') ? 1 : 3;

/** A hash of a row. @param {number} row @param {number} column */
function hash(row, column) {
  let a = (row + Math.imul(column, 0x9e3779b9)) | 0;
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
  a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (a ^ (a >>> 16)) >>> 0;
}

const frameSchema = schema({ t: timestamp('ms'), k: int32, x: float64, y: int32 });

/** A thousand batches' worth of columns, used again and again. */
const template = new StreamingDataFrame({ schema: frameSchema });
/** @type {any[]} */
const batches = [];
template.stream.sink((/** @type {any} */ batch) => void batches.push(batch));
for (let b = 0; b < long / batchRows; b++) {
  const rows = { length: batchRows };
  const at = b * batchRows;
  template.emit({
    t: BigInt64Array.from(rows, (_, i) => 1_700_000_000_000n + BigInt(at + i)),
    k: Int32Array.from(rows, (_, i) => hash(at + i, 1) % keyCount),
    x: Float64Array.from(rows, (_, i) => hash(at + i, 2) * (100 / 2 ** 32)),
    y: Int32Array.from(rows, (_, i) => hash(at + i, 3) % 1000),
  });
}

/** Microseconds of processor time that `run` takes. @param {() => void} run */
function cpu(run) {
  globalThis.gc?.();
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Microseconds per batch. @param {number} n @param {boolean} grouped @param {any} spec @param {number} count */
function perBatch(n, grouped, spec, count) {
  const df = new StreamingDataFrame({ schema: frameSchema, time: 't' });
  const rows = /** @type {any} */ (df).window(n);
  const result = (grouped ? rows.groupby('k') : rows).agg({ r: spec });
  result.sink(() => {});
  for (let i = 0; i < Math.max(n, 20_000) / batchRows; i++) df.emit(batches[i % batches.length]);
  const micros = cpu(() => {
    for (let i = 0; i < count; i++) df.emit(batches[i % batches.length]);
  });
  result.dispose();
  df.dispose();
  return micros / count;
}

console.log('µs per batch of 100 rows in windows of 1,000 and 1,000,000 rows');
console.log(`${'aggregation'.padEnd(16)}      plain       long  ratio    grouped       long  ratio`);
for (const spec of aggregations) {
  if (wanted.length > 0 && !wanted.includes(spec[0])) continue;
  let line = String(spec[0]).padEnd(16);
  const given = [spec[1], spec[0], ...(spec[2] === undefined ? [] : [spec[2]])];
  for (const grouped of [false, true]) {
    perBatch(short, grouped, given, 2000); // for the compiler
    const times = [];
    const longer = [];
    for (let i = 0; i < repeats; i++) {
      times.push(perBatch(short, grouped, given, 3000));
      longer.push(perBatch(long, grouped, given, long / batchRows));
      if ((longer[0] ?? 0) > 300) break;
    }
    const [a, b] = [median(times), median(longer)];
    line += `${a.toFixed(1).padStart(11)}${b.toFixed(1).padStart(11)}${(b / a).toFixed(2).padStart(7)}`;
  }
  console.log(line);
}
