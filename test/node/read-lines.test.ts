import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type ChunkSource, readLines } from '../../src/node/read-lines.ts';
import { temporaryFolder } from './folder.ts';

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const list: string[] = [];
  for await (const line of lines) list.push(line);
  return list;
}

describe('readLines', () => {
  test('gives the lines of a file without their newlines; the last needs none', async () => {
    const path = join(await temporaryFolder(), 'lines.txt');
    await writeFile(path, '\uFEFFone\r\n\ntwo\nlast');
    const lines = ['one', '', 'two', 'last'];
    expect(await all(readLines(path))).toEqual(lines);
    expect(await all(readLines(pathToFileURL(path)))).toEqual(lines);
  });

  test('reads a Readable, an iterable of bytes or of texts, wherever they are cut', async () => {
    const bytes = Buffer.from('é漢\n😀\n');
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await all(readLines(Readable.from(single)))).toEqual(['é漢', '😀']);
    expect(await all(readLines(single))).toEqual(['é漢', '😀']);
    expect(await all(readLines(['a', 'b\nc']))).toEqual(['ab', 'c']);
    expect(await all(readLines(new Response('a\nb').body as unknown as ChunkSource))).toEqual(['a', 'b']);
  });

  test('reads texts whatever the encoding of bytes is', async () => {
    expect(await all(readLines(['a\né'], { encoding: 'utf-16le' }))).toEqual(['a', 'é']);
  });

  test('ends what it reads from when the loop is left', async () => {
    let ended = false;
    function* chunks() {
      try {
        yield 'a\nb\n';
        yield 'c\n';
      } finally {
        ended = true;
      }
    }
    for await (const line of readLines(chunks())) {
      expect(line).toBe('a');
      break;
    }
    expect(ended).toBe(true);
  });

  test('ends when its signal aborts, though no further bytes come', async () => {
    const controller = new AbortController();
    const stuck = new Readable({ read() {} });
    stuck.push('a\nb');
    const seen: string[] = [];
    for await (const line of readLines(stuck, { signal: controller.signal })) {
      seen.push(line);
      controller.abort();
    }
    expect(seen).toEqual(['a']);
  });

  test('says which file cannot be read', async () => {
    await expect(all(readLines('/no/such/file'))).rejects.toMatchObject({
      name: 'SourceError',
      code: 'source-failed',
      message: expect.stringMatching(/^cannot read "\/no\/such\/file": ENOENT/),
    });
  });

  test('says how far an input was read that fails', async () => {
    async function* failing() {
      yield 'a\n';
      throw new Error('cut off');
    }
    const seen: string[] = [];
    const reading = (async () => {
      for await (const line of readLines(failing())) seen.push(line);
    })();
    await expect(reading).rejects.toMatchObject({
      message: 'cannot read the input: cut off',
      position: { byte: 2 },
    });
    expect(seen).toEqual(['a']);
  });

  test('fails on a line that is too long', async () => {
    await expect(all(readLines(['ok\ntoo long\n'], { maxLine: 4 }))).rejects.toMatchObject({
      code: 'limit-exceeded',
      position: { row: 1, byte: 3 },
    });
  });
});
