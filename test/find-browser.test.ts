import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from './find-browser.js';

describe('findBrowser', () => {
  let folder: string;
  let onPath: string;
  let other: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-browser-'));
    [onPath, other] = [join(folder, 'google-chrome'), join(folder, 'other')];
    writeFileSync(onPath, '', { mode: 0o755 });
    writeFileSync(other, '', { mode: 0o755 });
    writeFileSync(join(folder, 'chromium'), 'not a program', { mode: 0o644 });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('takes the one that a variable names', () => {
    expect(findBrowser({ CHROME_PATH: other, PATH: folder }, 'linux')).toBe(other);
  });

  test('takes no other one where the named one is missing', () => {
    expect(() => findBrowser({ CHROME_PATH: '/not/there', PATH: folder }, 'linux')).toThrow(
      'CHROME_PATH names "/not/there", which is not a program',
    );
  });

  test('searches the command path for programs', () => {
    expect(findBrowser({ CHROME_PATH: '', PATH: folder }, 'linux')).toBe(onPath);
  });

  test('gives nothing where there is none', () => {
    expect(findBrowser({ PATH: join(folder, 'nothing') }, 'win32')).toBeUndefined();
  });
});
