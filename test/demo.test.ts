import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { build, createServer, type PreviewServer, preview, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demoServer } from '../demo/server/plugin.ts';
import { complaintsOf, launchBrowser } from './support/chromium.ts';
import { type Site, serveFolder } from './support/site.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const screenshots = join(root, 'test/screenshots');
const common = { root, logLevel: 'error', cacheDir: '.cache/vite-demo-test' } as const;

const charts = {
  machine: ['#cores', '#minute'],
  flights: ['#by-distance', '#by-hour'],
  page: ['#frames', '#entries'],
};

let browser: Browser;
let outDir: string;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launchBrowser();
  outDir = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  await build({ ...common, plugins: [demoServer()], build: { outDir } });
}, 120_000);

afterEach(() => page?.close());

afterAll(async () => {
  await browser?.close();
  await rm(outDir, { recursive: true, force: true });
});

async function open(
  url: string,
  {
    width = 1280,
    height = 900,
    colorScheme = 'light' as 'light' | 'dark',
  }: { width?: number; height?: number; colorScheme?: 'light' | 'dark' } = {},
): Promise<void> {
  page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.setDefaultTimeout(30_000);
  complaints = complaintsOf(page);
  await page.goto(url);
}

/** Scrolls to a panel. */
async function goTo(panel: string): Promise<void> {
  await page.locator(`#${panel}`).evaluate((section) => section.scrollIntoView({ behavior: 'instant' }));
}

/** Waits until the chart has a picture. One out of sight is not drawn. */
async function seeChart(chart: string): Promise<void> {
  await page
    .locator(chart)
    .evaluate((element) => element.scrollIntoView({ behavior: 'instant', block: 'center' }));
  await page.locator(`${chart} .millrace-chart[data-state="live"] canvas`).waitFor();
}

/** Waits until the chart has a picture, and then until it has another. */
async function seeMove(chart: string): Promise<void> {
  await seeChart(chart);
  const picture = await page
    .locator(`${chart} canvas`)
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  await page.waitForFunction(
    ([selector, before]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`${selector} canvas`);
      return canvas !== null && canvas.toDataURL() !== before;
    },
    [chart, picture] as const,
    { polling: 250 },
  );
}

/** Waits until the number on a tile is within a range. */
async function seeTile(panel: string, tile: string, least: number, most = Number.MAX_VALUE): Promise<void> {
  const selector = `#${panel} [data-tile="${tile}"]`;
  const within = ([where, low, high]: readonly [string, number, number]): boolean => {
    const text = document.querySelector(where)?.firstChild?.textContent ?? '';
    const number = Number(text.replaceAll(',', ''));
    return text !== '–' && number >= low && number <= high;
  };
  await page.waitForFunction(within, [selector, least, most] as const, { polling: 100 }).catch(async () => {
    const text = await page.locator(selector).textContent();
    throw new Error(`tile ${tile} of ${panel} stayed at ${text}, expected ${least} to ${most}`);
  });
}

async function seeStatus(panel: string, text: RegExp): Promise<void> {
  await page.locator(`#${panel} .status`, { hasText: text }).waitFor();
}

async function setRate(rowsPerSecond: number): Promise<void> {
  await page.locator('#rate').fill(String(Math.log10(rowsPerSecond)));
}

describe('the demo with its server', () => {
  let server: ViteDevServer;
  let url: string;

  beforeAll(async () => {
    server = await createServer({
      ...common,
      plugins: [demoServer()],
      server: { host: '127.0.0.1', port: 0, watch: null },
    });
    await server.listen();
    url = server.resolvedUrls!.local[0]!;
  }, 60_000);

  afterAll(() => server?.close());

  test('shows three panels whose charts move', async () => {
    await open(url);
    for (const [panel, selectors] of Object.entries(charts)) {
      await goTo(panel);
      await seeStatus(panel, /^live$/);
      // On a machine that is busy all the time, the mean and the most of a minute stay where they are.
      for (const chart of selectors) if (chart !== '#minute') await seeMove(chart);
    }
    expect(complaints).toEqual([]);
  }, 120_000);

  test('shows numbers in tiles', async () => {
    await open(url);
    await seeTile('machine', 'mean', 0, 100);
    await seeTile('machine', 'memory', 0);
    await goTo('flights');
    await seeTile('flights', 'rows', 10_000);
    await seeTile('flights', 'lag', 0);
    await goTo('page');
    await seeTile('page', 'fps', 1);
    await seeTile('page', 'entries', 1);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('changes the rate', async () => {
    await open(url);
    await goTo('flights');
    await seeTile('flights', 'speed', 5_000, 15_000);
    await setRate(60_000);
    await seeTile('flights', 'speed', 30_000, 100_000);
    await setRate(1_000);
    await seeTile('flights', 'speed', 500, 2_000);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('changes the window', async () => {
    await open(url);
    await goTo('flights');
    await page.locator('#window input[value="2h"]').check();
    await seeTile('flights', 'view', 1, 4_000);
    await page.locator('#window input[value="10000"]').check();
    await seeTile('flights', 'view', 10_000, 10_000);
    await page.locator('#window input[value="all"]').check();
    await seeTile('flights', 'view', 20_000);
    for (const chart of charts.flights) await seeMove(chart);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('shows the code of each panel as it is', async () => {
    await open(url);
    for (const panel of Object.keys(charts)) {
      const code = page.locator(`#${panel} details code`);
      expect(await code.isVisible()).toBe(false);
      await page.locator(`#${panel} summary`).click();
      await code.waitFor();
      const source = await readFile(join(root, `demo/panels/${panel}.ts`), 'utf8');
      expect(await code.textContent()).toBe(source.trim());
    }
    expect(complaints).toEqual([]);
  }, 60_000);

  test('changes the theme, and remembers it', async () => {
    await open(url);
    const ground = () => page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
    const light = await ground();
    await page.locator('#theme input[value="dark"]').check();
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await ground()).toBe(dark);
    await page.locator('#theme input[value="light"]').check();
    expect(await ground()).toBe(light);
  }, 60_000);

  test.each([
    [1280, 900, 'light'],
    [1280, 900, 'dark'],
    [390, 844, 'light'],
    [390, 844, 'dark'],
    [360, 700, 'light'],
  ] as const)(
    'fits %i × %i, %s',
    async (width, height, colorScheme) => {
      await open(url, { width, height, colorScheme });
      for (const [panel, selectors] of Object.entries(charts)) {
        await goTo(panel);
        for (const chart of selectors) await seeChart(chart);
        const path = join(screenshots, `${panel}-${width}-${colorScheme}.png`);
        await page.locator(`#${panel}`).screenshot({ path });
      }
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBe(0);
      expect(complaints).toEqual([]);
    },
    60_000,
  );
});

describe('the built demo', () => {
  test('has no backend to ask: flights and the page run, the machine says why it is missing', async () => {
    const site: Site = await serveFolder(outDir);
    try {
      await open(site.url);
      await page.locator('#machine', { hasText: 'npm start' }).waitFor();
      for (const panel of ['flights', 'page'] as const) {
        await goTo(panel);
        await seeStatus(panel, /^live$/);
        await seeMove(charts[panel][0]!);
        await page.locator(`#${panel}`).screenshot({ path: join(screenshots, `${panel}-built.png`) });
      }
      await goTo('flights');
      await setRate(50_000);
      await seeTile('flights', 'speed', 25_000, 100_000);
      await goTo('machine');
      await page.locator('#machine').screenshot({ path: join(screenshots, 'machine-built.png') });
      expect(complaints).toEqual([]);
    } finally {
      await site.close();
    }
  }, 120_000);

  test('says that its server is gone, and goes on when it is back', async () => {
    const serve = (port: number): Promise<PreviewServer> =>
      preview({
        ...common,
        plugins: [demoServer()],
        build: { outDir },
        preview: { host: '127.0.0.1', port, strictPort: port !== 0 },
      });
    let server = await serve(0);
    try {
      const url = server.resolvedUrls!.local[0]!;
      await open(url);
      for (const panel of ['machine', 'flights']) await seeStatus(panel, /^live$/);
      expect(complaints).toEqual([]);
      await server.close();
      for (const panel of ['machine', 'flights']) {
        await seeStatus(panel, /reconnecting|connecting/);
        await page.locator(`#${panel} .trouble`, { hasText: /connect|read/ }).waitFor();
      }
      server = await serve(Number(new URL(url).port));
      for (const panel of ['machine', 'flights']) {
        await seeStatus(panel, /^live$/);
        await page.locator(`#${panel} .trouble`).waitFor({ state: 'hidden' });
      }
    } finally {
      await server.close();
    }
  }, 120_000);
});
