// Every check of the project, in order: format, lint and types; a browser; the tests in Node and in it.
// Arguments go to vitest: `npm test -- test/core`. The last line says how many passed and failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBrowser } from './find-browser.js';
import { installBrowser, installHint } from './install-browser.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const count = { passed: 0, failed: 0, skipped: 0 };

process.chdir(root);
check();
const browser = getBrowser();
if (browser !== undefined) runTests(browser, process.argv.slice(2));
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
console.log(`\n${count.passed} passed, ${count.failed} failed${skipped}`);
process.exitCode = count.failed > 0 ? 1 : 0;

/** Format, lint and types; counted as one test. */
function check() {
  console.log('Checking format, lint and types');
  const { status } = spawnSync('npm run --silent check', {
    shell: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 0) count.passed++;
  else fail('npm run check failed');
}

/** Path of a browser, got from the system's packages where there is none. */
function getBrowser() {
  try {
    let path = findBrowser();
    if (path === undefined && installBrowser()) path = findBrowser();
    if (path !== undefined) {
      console.log(`Browser: ${path}`);
      return path;
    }
    fail(installHint);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

/**
 * Runs vitest and adds what its reporter counted.
 *
 * @param {string} browser
 * @param {string[]} args
 */
function runTests(browser, args) {
  console.log('Running the tests');
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  const file = join(folder, 'summary.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=./test/summary-reporter.ts'];
  const { status, signal } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, MILLRACE_BROWSER: browser, MILLRACE_TEST_SUMMARY: file },
  });
  /** @type {import('./summary-reporter.ts').Summary | undefined} */
  const summary = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  if (summary === undefined) return fail(`vitest ended without a report (${signal ?? `status ${status}`})`);

  const before = count.failed;
  count.passed += summary.passed;
  for (const failure of summary.failures) fail(failure);
  const byName = args.some((arg) => /^(-t|--testNamePattern)\b/.test(arg));
  for (const { name, reason } of summary.skips) {
    if (reason !== undefined) {
      count.skipped++;
      console.log(`Skipped: ${name}: ${reason}`);
    } else if (!byName) {
      fail(`skipped without a reason: ${name}`);
    }
  }
  if (summary.passed + summary.failures.length + summary.skips.length === 0) fail('no tests were found');
  else if (status !== 0 && count.failed === before) fail(`vitest failed (${signal ?? `status ${status}`})`);
}

/** @param {string} text */
function fail(text) {
  count.failed++;
  console.log(`Failed: ${text}`);
}
