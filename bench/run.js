// Runs bench/*.bench.ts, or those named: `npm run bench -- emit`. See README.md for how to read the figures.
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { build } from 'vite';

/** @typedef {import('./bench.ts').BenchCase} BenchCase */
/** @typedef {{ name: string, run: import('./bench.ts').Contender, result: unknown, perSample: number, times: number[] }} Entry */

const rounds = 9;
const sampleMs = 60;
const warmUpMs = 300;

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, '.cache', 'bench');
const wanted = process.argv.slice(2);
const all = readdirSync(join(root, 'bench')).filter((file) => file.endsWith('.bench.ts'));
const files = all.filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(`${name}.`)));
let failed = files.length === 0;
if (failed)
  console.log(`no such benchmark; there are ${all.map((file) => basename(file, '.bench.ts')).join(', ')}`);
else await runAll();
process.exitCode = failed ? 1 : 0;

async function runAll() {
  // Bundled, as an application would: module objects between the calls would be measured otherwise.
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir: output,
      emptyOutDir: true,
      target: 'es2022',
      rolldownOptions: {
        input: files.map((file) => join(root, 'bench', file)),
        output: { entryFileNames: '[name].js' },
      },
    },
  });
  console.log(machine());
  for (const file of files) {
    const name = basename(file, '.ts');
    const module = await import(pathToFileURL(join(output, `${name}.js`)).href);
    console.log(`\n${basename(name, '.bench')}`);
    for (const benchCase of /** @type {readonly BenchCase[]} */ (module.cases)) await measure(benchCase);
  }
}

/** @param {BenchCase} benchCase */
async function measure({ title, amount, unit, limit, ours, rivals = {} }) {
  /** @type {Entry[]} */
  const entries = [];
  const enter = async (/** @type {string} */ name, /** @type {import('./bench.ts').Contender} */ run) => {
    entries.push({ name, run, result: await run(), perSample: await warmUp(run), times: [] });
  };
  if (limit !== undefined) await enter('tight loop', limit);
  await enter('millrace', ours);
  for (const [name, run] of Object.entries(rivals)) await enter(name, run);

  for (let round = 0; round < rounds; round++) {
    for (const entry of entries)
      entry.times.push((await cpuMs(entry.run, entry.perSample)) / entry.perSample);
  }
  console.log(`  ${title}`);
  const first = /** @type {Entry} */ (entries[0]);
  for (const { name, result, times } of entries) {
    const ratio = median(times) / median(first.times);
    const perSecond = (amount / median(times)) * 1000;
    console.log(
      `    ${name.padEnd(14)}${ratio.toFixed(2).padStart(9)}${spread(times).padStart(8)}` +
        `${withUnit(median(times)).padStart(12)}${`${short(perSecond)} ${unit === 'batch' ? 'batches' : `${unit}s`}/s`.padStart(20)}`,
    );
    if (agree(result, first.result)) continue;
    failed = true;
    console.log(`      WRONG: ${name} gives ${String(result)}, ${first.name} gives ${String(first.result)}`);
  }
}

/**
 * Runs until the compiler had its time; how many runs make a sample.
 *
 * @param {import('./bench.ts').Contender} run
 */
async function warmUp(run) {
  let runs = 0;
  const end = performance.now() + warmUpMs;
  while (performance.now() < end) {
    await run();
    runs++;
  }
  return Math.max(1, Math.round((runs * sampleMs) / warmUpMs));
}

/**
 * CPU time, all threads: on a busy machine the clock on the wall measures the others too.
 *
 * @param {import('./bench.ts').Contender} run
 * @param {number} times
 */
async function cpuMs(run, times) {
  globalThis.gc?.();
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    const pending = run();
    if (pending instanceof Promise) await pending;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** @param {number[]} times */
function median(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return /** @type {number} */ (sorted[sorted.length >> 1]);
}

/** Distance of the quartiles in per cent of the median. @param {number[]} times */
function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (/** @type {number} */ part) =>
    /** @type {number} */ (sorted[Math.floor(part * (sorted.length - 1))]);
  return `±${Math.round((50 * (at(0.75) - at(0.25))) / median(times))}%`;
}

/** Equal, floats to nine digits. @param {unknown} a @param {unknown} b @returns {boolean} */
function agree(a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    return Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  }
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    return agree(Array.from(/** @type {Float64Array} */ (a)), Array.from(/** @type {Float64Array} */ (b)));
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => agree(x, b[i]));
  return isDeepStrictEqual(a, b);
}

/** @param {number} ms */
function withUnit(ms) {
  return ms >= 1 ? `${ms.toPrecision(3)} ms` : `${(ms * 1000).toPrecision(3)} µs`;
}

/** @param {number} count */
function short(count) {
  if (count >= 1e9) return `${(count / 1e9).toPrecision(3)} G`;
  return count >= 1e6 ? `${(count / 1e6).toPrecision(3)} M` : `${(count / 1e3).toPrecision(3)} k`;
}

function machine() {
  const version = (/** @type {string} */ file) => JSON.parse(readFileSync(join(root, file), 'utf8')).version;
  const processors = cpus();
  return [
    `millrace ${version('package.json')}`,
    `apache-arrow ${version('node_modules/apache-arrow/package.json')}`,
    `rxjs ${version('node_modules/rxjs/package.json')}`,
    `Node ${process.versions.node}`,
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    `${process.platform} ${process.arch}`,
  ].join(' · ');
}
