import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fromTextFile } from '../../src/node/from-text-file.ts';
import { readLines } from '../../src/node/read-lines.ts';
import { Stream } from '../../src/stream.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { lookOnce, temporaryFolder } from './folder.ts';

const records = [1, 2, 3, 4].map((value) => `${JSON.stringify({ name: 'Alice', value })}\n`).join('');

test('D5-02 lines of a file into a list', async () => {
  const path = join(await temporaryFolder(), 'myfile.json');
  await writeFile(path, records);
  const data: unknown[] = [];
  const lines = new Stream<string>();
  lines.map((s) => JSON.parse(s)).sink((v) => data.push(v));
  for await (const l of readLines(path)) lines.emit(l);
  expect(data).toEqual([1, 2, 3, 4].map((value) => ({ name: 'Alice', value })));
});

test('D5-41 a running total over a file that grows', async () => {
  const path = join(await temporaryFolder(), 'myfile.json');
  await writeFile(path, records);
  const clock = new VirtualClock();
  const s3 = fromTextFile(path, { clock });
  onTestFinished(() => s3.dispose());
  const totals = s3
    .map((s): { value: number } => JSON.parse(s))
    .pluck('value')
    .accumulate((a, x) => a + x)
    .sinkToList();
  s3.start();
  await lookOnce(clock);
  expect(totals).toEqual([1, 3, 6, 10]);
  await writeFile(path, '{"value": 5}\n', { flag: 'a' });
  await lookOnce(clock);
  expect(totals).toEqual([1, 3, 6, 10, 15]);
});
