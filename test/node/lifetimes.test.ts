import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromFilenames } from '../../src/node/from-filenames.ts';
import { fromHttpServer } from '../../src/node/from-http-server.ts';
import { fromProcess } from '../../src/node/from-process.ts';
import { fromTcp } from '../../src/node/from-tcp.ts';
import { fromTextFile } from '../../src/node/from-text-file.ts';
import { sinkToTextFile } from '../../src/node/sink-to-text-file.ts';
import { Stream } from '../../src/stream.ts';
import { settle } from '../../src/testing/index.ts';
import { temporaryFolder } from './folder.ts';

test('however often they are begun and ended, no file, socket or timer stays open', async ({ skip }) => {
  skip(process.platform !== 'linux', 'only Linux lists the open files of a process');
  const folder = await temporaryFolder();
  const path = join(folder, 'lines.txt');
  await writeFile(path, 'a\nb\n');

  /** Ends each source at another point of its work. */
  const cycle = async (i: number): Promise<void> => {
    const [tcp, http] = [fromTcp({ port: 0 }), fromHttpServer({ port: 0 })];
    const sources = [fromTextFile(path), fromFilenames(folder), tcp, http];
    if (i % 20 === 0) sources.push(fromProcess('cat', [path]));
    for (const source of sources) source.start();
    if (i % 3 === 0) await Promise.all([tcp.address, http.address]);
    for (let turns = i % 7; turns > 0; turns--) await settle();
    if (i % 2 === 0) for (const source of sources) source.stop();
    for (const source of sources) source.dispose();
    const lines = new Stream<string>();
    const sink = sinkToTextFile(lines, join(folder, 'out.txt'));
    lines.emit('x');
    await sink.close();
  };
  const open = (): number => readdirSync('/proc/self/fd').length;

  for (let i = 0; i < 20; i++) await cycle(i);
  while (process.getActiveResourcesInfo().includes('ProcessWrap')) await settle();
  for (let i = 0; i < 50; i++) await settle();
  const before = open();
  for (let i = 0; i < 300; i++) await cycle(i);
  // What was begun is ended a few turns later; what leaks, never. The test runner may open a file of its own.
  while (open() > before + 5) await settle();
  while (process.getActiveResourcesInfo().includes('ProcessWrap')) await settle();
  expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
});
