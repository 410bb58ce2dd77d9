/**
 * Memory of many groups: `node --expose-gc bench/groups.js [groups]`.
 *
 * Prints heap and array buffers after collection, above what was there at the start: for a sum and a count of a million groups;
 * for as many keys through a window of 10,000 rows, and through groups of which 10,000 may stay. Exits with 1 where a million
 * groups take more than 200 MB, or where the heap of the others is not flat (5 % or 1 MB).
 */
import { library } from './library.js';

if (globalThis.gc === undefined) throw new Error('run with node --expose-gc');
const groups = Number(process.argv[2] ?? 1_000_000);
const kept = 10_000;
const batchRows = 10_000;

const { StreamingDataFrame, schema, int64, utf8, float64 } = await library('groups');

/** Megabytes after collection. */
async function megabytes() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

const spec = /** @type {const} */ ({ total: ['x', 'sum'], n: ['x', 'count'] });
const x = new Float64Array(batchRows).fill(1);

/** Keys `from` on, far apart. @param {number} from */
const numbers = (from) =>
  BigInt64Array.from({ length: batchRows }, (_, i) => BigInt(from + i) * 2_654_435_761n);
/** @param {number} from */
const texts = (from) => Array.from({ length: batchRows }, (_, i) => `key ${(from + i) * 7919}`);

let failed = false;

/**
 * All groups stay.
 *
 * @param {string} name @param {any} type @param {(from: number) => any} keys
 */
async function measureStates(name, type, keys) {
  const before = await megabytes();
  const df = new StreamingDataFrame({ schema: schema({ k: type, x: float64 }) });
  const result = /** @type {any} */ (df).groupby('k').agg(spec);
  for (let from = 0; from < groups; from += batchRows) df.emit({ k: keys(from), x });
  const states = (await megabytes()) - before;
  const { numRows } = result.current;
  const all = (await megabytes()) - before;
  console.log(
    `${numRows} groups by ${name}: ${states.toFixed(0)} MB of states, ${all.toFixed(0)} MB with the result in order`,
  );
  if (all > (200 * groups) / 1e6) failed = true;
  result.dispose();
  df.dispose();
}

/**
 * Groups come and go.
 *
 * @param {string} name @param {(df: any) => any} make
 */
async function measureFlow(name, make) {
  const before = await megabytes();
  const df = new StreamingDataFrame({ schema: schema({ k: int64, x: float64 }) });
  const result = make(df);
  const heap = [];
  let most = 0;
  const start = process.cpuUsage();
  for (let from = 0; from < groups; from += batchRows) {
    df.emit({ k: numbers(from), x });
    most = Math.max(most, result.current.numRows);
    if ((from / batchRows + 1) % (groups / batchRows / 10) === 0) heap.push((await megabytes()) - before);
  }
  const { user, system } = process.cpuUsage(start);
  console.log(
    `${name}: ${groups} keys, never more than ${most} groups, heap ${heap.map((mb) => mb.toFixed(1)).join(' ')} MB, ${((user + system) / 1000).toFixed(0)} ms`,
  );
  const first = /** @type {number} */ (heap[1]);
  if (most > kept || heap.slice(1).some((mb) => Math.abs(mb - first) > Math.max(0.05 * first, 1)))
    failed = true;
  result.dispose();
  df.dispose();
}

await measureFlow('warm-up', (df) => df.window(kept).groupby('k').agg(spec));
await measureStates('int64', int64, numbers);
await measureStates('utf8', utf8, texts);
await measureFlow('window(10000).groupby', (df) => df.window(kept).groupby('k').agg(spec));
await measureFlow('groupby, maxGroups 10000', (df) => df.groupby('k', { maxGroups: kept }).agg(spec));
console.log(failed ? 'FAILED' : 'as it should be');
process.exitCode = failed ? 1 : 0;
