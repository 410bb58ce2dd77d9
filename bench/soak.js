/**
 * The flights of the demo for a long time: `node bench/soak.js --minutes 10 --rate 100000 [--window 1d] [--every 10]`.
 *
 * Builds the demo, serves it with its backend, opens it in Chromium and sets the rate. Every ten seconds it prints the heap after
 * collection (objects and array buffers), frames a second, rows a second and lag. Ends with a verdict, and exit status 1 where any reading
 * after the first minute is more than 5 % away from the one that ended it, or frames came at less than 30 a second.
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { browserFlags, findBrowser } from '../test/find-browser.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '100000' },
    window: { type: 'string', default: '1d' },
    every: { type: 'string', default: '10' },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const everyMs = Number(values.every) * 1000;

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = 'dist-demo';
await build({ root, logLevel: 'error', build: { outDir } });
const server = await preview({
  root,
  logLevel: 'error',
  build: { outDir },
  preview: { port: 0, host: '127.0.0.1' },
});
const browser = await chromium.launch({
  executablePath: findBrowser() ?? 'no-browser-found',
  args: [...browserFlags, '--js-flags=--expose-gc', '--enable-precise-memory-info'],
});

/** @typedef {{ at: number, heap: number, fps: number, rows: number, lag: string }} Sample */
/** @type {Sample[]} */
const samples = [];
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => console.error(error));
  const address = server.resolvedUrls?.local[0];
  if (address === undefined) throw new Error('the preview server has no address');
  await page.goto(address);
  await page.locator('#rate').evaluate((slider, value) => {
    const input = /** @type {HTMLInputElement} */ (slider);
    input.value = String(Math.log10(value));
    input.dispatchEvent(new Event('input'));
  }, rate);
  await page.locator(`#window input[value="${values.window}"]`).check();
  await page.locator('#flights').evaluate((section) => section.scrollIntoView());
  await page.evaluate(() => {
    const counts = Object.assign(globalThis, { frames: 0 });
    const count = () => {
      counts.frames++;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });

  /**
   * Megabytes that cannot be collected. The page collects and reads in one task: between two messages of a debugger it would go on,
   * and what it makes in that time (some megabytes at this rate) would be counted. The second collection takes what the first one
   * has only finalised.
   */
  const heapNow = () =>
    page.evaluate(() => {
      const page = /** @type {{ gc(): void, performance: { memory: { usedJSHeapSize: number } } }} */ (
        /** @type {unknown} */ (globalThis)
      );
      page.gc();
      page.gc();
      return page.performance.memory.usedJSHeapSize / 1e6;
    });
  /** Counters of the page, and when they were read. */
  const read = () =>
    page.evaluate(() => {
      /** @param {string} name */
      const tile = (name) => document.querySelector(`#flights [data-tile="${name}"]`)?.textContent ?? '';
      const { frames } = /** @type {{ frames: number }} */ (/** @type {unknown} */ (globalThis));
      return {
        at: performance.now(),
        frames,
        rows: Number(tile('rows').replaceAll(',', '')),
        lag: tile('lag'),
        skipped: tile('skipped'),
      };
    });

  console.log(
    `${rate} rows/s, window ${values.window}, ${minutes} min, Chromium ${browser.version()}, ${cpus()[0]?.model} x ${cpus().length}`,
  );
  console.log('seconds  heap MB  frames/s  rows/s     lag        left out');
  const start = Date.now();
  let before = await read();
  while (Date.now() - start < minutes * 60_000) {
    await page.waitForTimeout(everyMs);
    const now = await read();
    const readAt = Date.now();
    const heap = await heapNow(); // after the counters: collecting stops the page for a moment
    const elapsed = (now.at - before.at) / 1000;
    const sample = {
      at: (readAt - start) / 1000,
      heap,
      fps: (now.frames - before.frames) / elapsed,
      rows: (now.rows - before.rows) / elapsed,
      lag: now.lag,
    };
    samples.push(sample);
    console.log(
      `${String(Math.round(sample.at)).padStart(7)}  ${heap.toFixed(2).padStart(7)}  ${sample.fps.toFixed(1).padStart(8)}  ` +
        `${sample.rows.toFixed(0).padStart(9)}  ${sample.lag.padEnd(9)}  ${now.skipped}`,
    );
    before = await read();
  }
} finally {
  await browser.close();
  await server.close();
}

/** @param {readonly number[]} list */
const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
const ended = samples.findLastIndex(({ at }) => at <= 60 + everyMs / 2000);
const base = samples[ended]?.heap ?? Number.NaN;
const later = samples.slice(ended + 1).map(({ heap }) => heap);
const worst = Math.max(...later.map((heap) => Math.abs(heap - base) / base));
const slowest = Math.min(...samples.map(({ fps }) => fps));
const flat = later.length === 0 || worst <= 0.05;
const smooth = slowest >= 30;
console.log(
  later.length === 0
    ? 'heap: too short to say whether it stays'
    : `heap: ${base.toFixed(1)} MB after the first minute, then ${Math.min(...later).toFixed(1)} to ${Math.max(...later).toFixed(1)} MB, ` +
        `at most ${(100 * worst).toFixed(1)} % away: ${flat ? 'flat' : 'NOT FLAT'}`,
);
console.log(
  `frames: ${mean(samples.map(({ fps }) => fps)).toFixed(1)}/s on average, ${slowest.toFixed(1)}/s in the slowest ${values.every} s: ${smooth ? 'smooth' : 'TOO SLOW'}`,
);
process.exitCode = flat && smooth ? 0 : 1;
