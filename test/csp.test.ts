import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from './csp/page.ts';
import { complaintsOf, launchBrowser } from './support/chromium.ts';
import { type Site, serveFolder } from './support/site.ts';

describe("under the policy script-src 'self'", () => {
  let folder: string;
  let site: Site;
  let browser: Browser;
  let report: Report;
  let complaints: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-csp-'));
    await build({
      configFile: false,
      root: fileURLToPath(new URL('csp', import.meta.url)),
      logLevel: 'error',
      base: './',
      build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
    });
    site = await serveFolder(folder, {
      'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'",
    });
    browser = await launchBrowser();
    const page = await browser.newPage();
    complaints = complaintsOf(page);
    await page.goto(site.url);
    const output = page.locator('output');
    await output.waitFor({ state: 'attached', timeout: 30_000 }).catch(() => {
      throw new Error(`the page gave no report: ${complaints.join('; ')}`);
    });
    report = JSON.parse((await output.textContent())!) as Report;
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('the page may not make code from text', () => {
    expect(report.codeFromText).toBe('EvalError');
  });

  test('the library needs nothing that is refused', () => {
    expect(report.refused).toEqual([]);
    expect(complaints.filter((complaint) => !complaint.includes('unsafe-eval'))).toEqual([]);
  });

  test('streams, expressions, windowed groups, a fetched stream, a chart and the picture of a graph work', () => {
    expect(report.results).toEqual({
      graph: [2, 4, 6],
      filtered: 5,
      grouped: [
        { name: 'Alice', amount: 2.5 },
        { name: 'Bob', amount: 2 },
      ],
      fetched: 3,
      drawn: true,
      pictured: 3,
    });
  });
});
