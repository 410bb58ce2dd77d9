import { type Browser, chromium, type Page, type Request } from 'playwright';
import { browserFlags, findBrowser } from '../find-browser.js';

/** A browser for a test that runs in Node. The test closes it. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('no browser found: set CHROME_PATH to the path of one');
  return chromium.launch({ executablePath, args: browserFlags });
}

/**
 * What a page complained of from now on: console errors, uncaught exceptions, requests that failed. Chromium now and then
 * calls a request aborted whose answer was good and was read to its end piece by piece; that is no complaint.
 */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  const answered = new WeakSet<Request>();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.stack ?? error.message}`));
  page.on('requestfailed', (request) => {
    const text = request.failure()?.errorText ?? 'unknown';
    if (text === 'net::ERR_ABORTED' && answered.has(request)) return;
    complaints.push(`failed: ${request.url()}: ${text}`);
  });
  page.on('response', (response) => {
    if (response.ok()) answered.add(response.request());
    if (response.status() >= 400) complaints.push(`status ${response.status()}: ${response.url()}`);
  });
  return complaints;
}
