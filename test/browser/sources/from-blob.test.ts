import { expect, test } from 'vitest';
import { fromBlob } from '../../../src/sources/from-blob.ts';
import { readLines } from '../../../src/sources/read-lines.ts';

/** A file of 32 MB whose parts are shared, and the number of its lines. */
function bigFile(): { file: File; lines: number } {
  const part = new Blob([
    Array.from({ length: 20_000 }, (_, i) => `row ${i};ä;${'x'.repeat(30)}\r\n`).join(''),
  ]);
  const parts = Array.from({ length: 38 }, () => part);
  return { file: new File([...parts, 'last'], 'rows.txt'), lines: 38 * 20_000 + 1 };
}

test('fromBlob reads a large file line by line, with backpressure', async () => {
  const { file, lines } = bigFile();
  const source = fromBlob(file);
  let count = 0;
  let length = 0;
  let last = '';
  source.sink((line) => {
    count++;
    length += line.length;
    last = line;
    if (count % 100_000 === 0) return new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  });
  await source.done;
  expect([count, last]).toEqual([lines, 'last']);
  expect(length).toBeGreaterThan(29_000_000);
});

test('readLines reads files and addresses of the page', async () => {
  const { file } = bigFile();
  let count = 0;
  for await (const line of readLines(file)) {
    expect(line.startsWith('row ')).toBe(true);
    if (++count === 1000) break;
  }
  const source: string[] = [];
  for await (const line of readLines(new URL('./echo-worker.ts?raw', import.meta.url))) source.push(line);
  expect(source.length).toBeGreaterThan(0);
});
