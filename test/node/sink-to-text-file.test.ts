import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readLines } from '../../src/node/read-lines.ts';
import { sinkToTextFile, type TextFileSinkOptions } from '../../src/node/sink-to-text-file.ts';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import { Stream } from '../../src/stream.ts';
import { temporaryFolder } from './folder.ts';

async function writing(before: string | undefined, options?: TextFileSinkOptions) {
  const path = join(await temporaryFolder(), 'out.txt');
  if (before !== undefined) await writeFile(path, before);
  const lines = new Stream<string>();
  const sink = sinkToTextFile(lines, path, options);
  return { path, lines, sink, text: () => readFile(path, 'utf8') };
}

describe('sinkToTextFile', () => {
  test('adds each element to the file, with a newline', async () => {
    const { lines, sink, text } = await writing('old\n');
    await lines.emit('é漢😀');
    await lines.emit('b');
    expect(await text()).toBe('old\né漢😀\nb\n');
    await sink.close();
    expect(sink.disposed).toBe(true);
  });

  test('begins anew with mode w, and ends elements as told', async () => {
    const { lines, sink, text } = await writing('old\n', { mode: 'w', end: ';', flush: true });
    await lines.emit('a');
    await lines.emit('b');
    expect(await text()).toBe('a;b;');
    await sink.close();
  });

  test('makes a file though no element comes', async () => {
    const { sink, text } = await writing(undefined);
    await sink.close();
    expect(await text()).toBe('');
  });

  test('keeps the order of elements whose emitters do not wait, and writes them before it closes', async () => {
    const { lines, sink, path } = await writing(undefined);
    const expected = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    const flows = expected.map((line) => lines.emit(line));
    await sink.close();
    await Promise.all(flows);
    const written: string[] = [];
    for await (const line of readLines(pathToFileURL(path))) written.push(line);
    expect(written).toEqual(expected);
  });

  test('takes nothing more once it is disposed of, and says when the file is closed', async () => {
    const { lines, sink, text } = await writing(undefined);
    const flow = lines.emit('a');
    sink.dispose();
    lines.emit('b');
    await sink.done;
    await flow;
    expect(await text()).toBe('a\n');
    await sink.close();
  });

  test('closes the file when the stream ends', async () => {
    const path = join(await temporaryFolder(), 'out.txt');
    const sink = sinkToTextFile(fromIterable(['a', 'b']), path);
    await sink.done;
    expect(await readFile(path, 'utf8')).toBe('a\nb\n');
  });

  test('ends with its signal', async () => {
    const controller = new AbortController();
    const { lines, sink, text } = await writing(undefined, { signal: controller.signal });
    await lines.emit('a');
    controller.abort();
    await sink.done;
    lines.emit('b');
    expect(await text()).toBe('a\n');
  });

  test('refuses what is no string, and goes on', async () => {
    const { lines, sink, text } = await writing(undefined);
    expect(() => lines.emit(5 as never)).toThrow('a text file takes strings, got number');
    await lines.emit('a');
    await sink.close();
    expect(await text()).toBe('a\n');
  });

  test('tells the emitter and close() of a file that cannot be written', async () => {
    const folder = await temporaryFolder();
    const lines = new Stream<string>();
    const path = join(folder, 'missing', 'out.txt');
    const sink = sinkToTextFile(lines, path);
    const message = `cannot write ${JSON.stringify(path)}: ENOENT: no such file or directory, open '${path}'`;
    await expect(lines.emit('a')).rejects.toMatchObject({
      code: 'not-available',
      message: `${message} (at stream › sinkToTextFile)`,
    });
    await expect(sink.close()).rejects.toThrow(message);
    await sink.done;
    await mkdir(join(folder, 'missing'));
    const again = sinkToTextFile(lines, path);
    await lines.emit('b');
    await again.close();
    expect(await readFile(path, 'utf8')).toBe('b\n');
  });

  test('refuses another mode', () => {
    const options = { mode: 'r' } as object;
    expect(() => sinkToTextFile(new Stream<string>(), 'x', options)).toThrow(
      `mode must be 'a' or 'w', got "r"`,
    );
  });
});
