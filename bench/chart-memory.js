/**
 * Heap and cost of live charts over many updates: `node bench/chart-memory.js [updates] [chart …]`.
 *
 * Prints the heap after collection at nine points, listeners and nodes at the ends, and the processor time of the page's
 * main thread per update (script, layout, paint and canvas raster).
 */
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { browserFlags, findBrowser } from '../test/find-browser.js';

const updates = Number(process.argv[2] ?? 20_000);
const wanted = process.argv.length > 3 ? process.argv.slice(3) : ['line', 'lines', 'bars', 'area', 'points'];

const root = fileURLToPath(new URL('..', import.meta.url));
const server = await createServer({
  root,
  appType: 'mpa',
  logLevel: 'error',
  cacheDir: '.cache/vite-bench',
  server: { host: '127.0.0.1', hmr: false, watch: null },
});
await server.listen();
const address = server.resolvedUrls?.local[0];
const browser = await chromium.launch({
  executablePath: findBrowser() ?? 'no-browser-found',
  // Frames follow each other without waiting for a screen.
  args: [...browserFlags, '--disable-frame-rate-limit', '--disable-gpu-vsync'],
});

try {
  for (const name of wanted) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 400 } });
    await page.goto(`${address}bench/chart-page.html`);
    await page.waitForFunction(() => 'makers' in globalThis);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await session.send('HeapProfiler.enable');
    const heap = async () => {
      await session.send('HeapProfiler.collectGarbage');
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize / 1e6;
    };
    const metrics = async () => {
      const { metrics: list } = await session.send('Performance.getMetrics');
      return new Map(list.map((metric) => [metric.name, metric.value]));
    };
    /** @param {number} count */
    const run = (count) =>
      page.evaluate(async (n) => {
        const { current } = /** @type {any} */ (globalThis);
        for (let i = 0; i < n; i++) {
          current.update();
          await new Promise(requestAnimationFrame);
        }
        return current.chart.counters.drawn;
      }, count);
    await page.evaluate((maker) => {
      const bench = /** @type {any} */ (globalThis);
      bench.current = bench.makers[maker]();
    }, name);
    await run(500); // to the full backlog and compiled code
    const heaps = [await heap()];
    const before = await metrics();
    let drawn = 0;
    for (let part = 0; part < 8; part++) {
      drawn = await run(Math.ceil(updates / 8));
      heaps.push(await heap());
    }
    const after = await metrics();
    const cost = (1000 * ((after.get('TaskDuration') ?? 0) - (before.get('TaskDuration') ?? 0))) / updates;
    console.log(
      `${name.padEnd(8)} heap MB ${heaps.map((megabytes) => megabytes.toFixed(1)).join(' ')}` +
        `  cpu ${cost.toFixed(1)} ms/update  drawn ${drawn}` +
        `  listeners ${before.get('JSEventListeners')} → ${after.get('JSEventListeners')}` +
        `  nodes ${before.get('Nodes')} → ${after.get('Nodes')}`,
    );
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}
