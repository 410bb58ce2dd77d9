/**
 * The flights of the demo for a long time: `node bench/soak.js --minutes 10 --rate 100000 [--window 1d] [--every 10]`.
 *
 * Builds the demo, serves it with its backend, opens it in Chromium and sets the rate. Every ten seconds it prints the heap after
 * collection, frames a second, rows a second and lag. Ends with a verdict, and exit status 1 where the
 * heap of a later minute is more than 5 % away from that of the second (the first is for warming up), or frames came at less than 30 a
 * second.
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
  args: browserFlags,
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

  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  /**
   * Megabytes that cannot be collected: the least of eight readings. Rows are in the air at any time, and the engine drops compiled code
   * that rests only after several collections.
   */
  const heapNow = async () => {
    let least = Number.POSITIVE_INFINITY;
    for (let reading = 0; reading < 8; reading++) {
      await session.send('HeapProfiler.collectGarbage');
      least = Math.min(least, (await session.send('Runtime.getHeapUsage')).usedSize / 1e6);
      await page.waitForTimeout(60);
    }
    return least;
  };
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
/**
 * Heap of each minute: the least reading. Single readings swing by some megabytes; two heap snapshots, of a low and of a high one, differed
 * mostly by array buffers. Who holds those has not been traced. What leaks would show in the least as well.
 */
const heaps = Array.from({ length: Math.max(1, Math.floor(minutes)) }, (_, minute) =>
  Math.min(...samples.filter(({ at }) => Math.floor(at / 60) === minute).map(({ heap }) => heap)),
);
// In the first minute code is still being compiled and windows fill up.
const [, base = Number.NaN, ...later] = heaps;
const worst = Math.max(...later.map((heap) => Math.abs(heap - base) / base));
const slowest = Math.min(...samples.map(({ fps }) => fps));
const flat = later.length === 0 || worst <= 0.05;
const smooth = slowest >= 30;
console.log(`least heap of each minute: ${heaps.map((heap) => heap.toFixed(1)).join(' ')} MB`);
console.log(
  later.length === 0
    ? 'heap: too short to say whether it stays'
    : `heap: at most ${(100 * worst).toFixed(1)} % away from that of the second minute: ${flat ? 'flat' : 'NOT FLAT'}`,
);
console.log(
  `frames: ${mean(samples.map(({ fps }) => fps)).toFixed(1)}/s on average, ${slowest.toFixed(1)}/s in the slowest ${values.every} s: ${smooth ? 'smooth' : 'TOO SLOW'}`,
);
process.exitCode = flat && smooth ? 0 : 1;
