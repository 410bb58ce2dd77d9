/**
 * What an update costs: `node --expose-gc bench/updates.js`.
 *
 * Prints microseconds of processor time of a one-row update into a group of 300,000 rows, over all time and in a window; of groups in the order
 * of their keys against order of appearance; and of an update by how many rows came before.
 */
import { library } from './library.js';

const { StreamingDataFrame, schema, float64, int32 } = await library('updates');
const frameSchema = schema({ k: int32, x: float64 });

/** Microseconds of processor time. @param {() => void} run */
function cpu(run) {
  globalThis.gc?.();
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** @param {number} rows @param {(i: number) => number} key */
const batch = (rows, key) => ({
  k: Int32Array.from({ length: rows }, (_, i) => key(i)),
  x: Float64Array.from({ length: rows }, (_, i) => (Math.imul(i + 1, 0x9e3779b9) >>> 0) / 2 ** 32),
});

/** @param {(df: any) => any} make */
function frame(make) {
  const df = new StreamingDataFrame({ schema: frameSchema });
  const result = make(df);
  result.sink(() => {});
  return df;
}

const spec = { total: ['x', 'sum'], mean: ['x', 'mean'], max: ['x', 'max'], n: 'size' };
const ordered = { ...spec, middle: ['x', 'median'] };

console.log('one-row update into a group of 300,000 rows (10 groups), a result after each, µs');
/** @type {[string, (df: any) => any][]} */
const shapes = [
  ['all time', (df) => df.groupby('k').agg(spec)],
  ['all time, with median', (df) => df.groupby('k').agg(ordered)],
  ['window of 310,000 rows', (df) => df.window(310_000).groupby('k').agg(spec)],
  ['the same, with median', (df) => df.window(310_000).groupby('k').agg(ordered)],
];
for (const [name, make] of shapes) {
  const df = frame(make);
  for (let i = 0; i < 31; i++) df.emit(batch(10_000, (row) => (i < 30 ? 0 : row % 10)));
  const one = batch(1, () => 0);
  for (let i = 0; i < 3000; i++) df.emit(one);
  const micros = cpu(() => {
    for (let i = 0; i < 5000; i++) df.emit(one);
  });
  console.log(`  ${name.padEnd(26)}${(micros / 5000).toFixed(1).padStart(8)}`);
}

console.log(
  'a million rows by 100,000 keys in random order, batches of 10,000 rows, a result after each, ms per batch',
);
const times = { true: /** @type {number[]} */ ([]), false: /** @type {number[]} */ ([]) };
const keys = Array.from({ length: 100 }, (_, b) =>
  batch(10_000, (i) => ((Math.imul(b * 10_000 + i, 0x9e3779b9) >>> 0) % 100_000) * 21_474),
);
for (let round = 0; round < 5; round++) {
  for (const sort of [false, true]) {
    const df = frame((of) => of.groupby('k', { sort }).x.sum());
    const micros = cpu(() => {
      for (const rows of keys) df.emit(rows);
    });
    times[`${sort}`].push(micros / keys.length / 1000);
  }
}
/** @param {number[]} of */
const middle = (of) => [...of].sort((a, b) => a - b)[of.length >> 1] ?? Number.NaN;
console.log(
  `  appearance ${middle(times.false).toFixed(2)}, sorted ${middle(times.true).toFixed(2)}: ${(middle(times.true) / middle(times.false)).toFixed(2)} times`,
);

console.log('batches of 100 rows by 100 keys after as many rows, a result after each, µs');
for (const [name, make] of /** @type {[string, (df: any) => any][]} */ ([
  ['all time', (df) => df.groupby('k').agg(spec)],
  ['window of 1,000 rows', (df) => df.window(1000).groupby('k').agg(spec)],
])) {
  const df = frame(make);
  const large = batch(10_000, (i) => i % 100);
  const small = batch(100, (i) => i % 100);
  let rows = 0;
  const line = [];
  for (let i = 0; i < 5000; i++) df.emit(small); // for the compiler
  for (const before of [1e3, 1e5, 1e6, 1e7]) {
    for (; rows < before; rows += 10_000) df.emit(large);
    const micros = cpu(() => {
      for (let i = 0; i < 3000; i++) df.emit(small);
    });
    line.push(`${before.toLocaleString('en')}: ${(micros / 3000).toFixed(1)}`);
  }
  console.log(`  ${name.padEnd(26)}${line.join('   ')}`);
}
