import { describe, expect, onTestFinished, test } from 'vitest';
import { toOpfs } from '../../../src/sinks/to-opfs.ts';
import { fromIterable } from '../../../src/sources/from-iterable.ts';
import { fromOpfs } from '../../../src/sources/from-opfs.ts';
import { Stream } from '../../../src/stream.ts';
import { collect } from '../../sources/collect.ts';

/** A path of one test in a folder of its own. */
function freshPath(): string {
  const folder = crypto.randomUUID();
  onTestFinished(async () => {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(folder, { recursive: true }).catch(() => {});
  });
  return `${folder}/in/rows.txt`;
}

async function linesOf(path: string): Promise<string[]> {
  const source = fromOpfs(path);
  const values = source.sinkToList();
  await source.done;
  return values;
}

describe('toOpfs', () => {
  test('writes a file that fromOpfs reads, when the stream has ended', async () => {
    const path = freshPath();
    const sink = toOpfs(fromIterable(['a', 'ä', '']), path);
    await sink.done;
    expect(sink.bytes).toBe(6);
    expect(await linesOf(path)).toEqual(['a', 'ä', '']);
  });

  test('begins anew, or appends', async () => {
    const path = freshPath();
    await toOpfs(fromIterable(['a', 'b']), path).done;
    await toOpfs(fromIterable([{ c: 1 }, { c: 2 }]), path, { append: true, serialize: ({ c }) => `c${c}` })
      .done;
    expect(await linesOf(path)).toEqual(['a', 'b', 'c1', 'c2']);
    await toOpfs(fromIterable([Uint8Array.of(0x64), new Uint8Array([0x65]).buffer]), path).done;
    expect(await linesOf(path)).toEqual(['de']);
  });

  test('holds up emitters until their element is written, in order', async () => {
    const path = freshPath();
    const stream = new Stream<string>();
    const sink = toOpfs(stream, path, { end: '|' });
    const flows = ['a', 'b', 'c'].map((text) => stream.emit(text));
    await flows[2];
    expect(sink.bytes).toBe(6);
    stream.emit('d');
    sink.dispose();
    await sink.done;
    const source = fromOpfs(path, { delimiter: '|' });
    const { values } = collect(source);
    await source.done;
    expect(values).toEqual(['a', 'b', 'c', 'd']);
  });

  test('fails the element that is neither text nor bytes, and writes the others', async () => {
    const path = freshPath();
    const stream = new Stream<unknown>();
    const sink = toOpfs(stream, path);
    await stream.emit('a');
    expect(() => stream.emit(5)).toThrow(
      'only texts and bytes can be written, got number; give the option serialize',
    );
    sink.dispose();
    await sink.done;
    expect(await linesOf(path)).toEqual(['a']);
  });

  test('fails emitters, and its end, where the file cannot be opened', async () => {
    const path = freshPath();
    await toOpfs(fromIterable(['a']), path).done;
    const stream = new Stream<string>();
    const sink = toOpfs(stream, `${path}/below-a-file`);
    const done = sink.done.catch((error: Error) => error.message);
    await expect(stream.emit('x')).rejects.toThrow(/cannot open .*below-a-file/);
    sink.dispose();
    expect(await done).toMatch(/cannot open/);
  });

  test('writes in place in a worker', async () => {
    const path = freshPath();
    const worker = new Worker(new URL('../sources/opfs-worker.ts', import.meta.url), { type: 'module' });
    const write = (lines: string[], append: boolean): Promise<number> =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage({ path, lines, append });
      });
    expect(await write(['a', 'bä', 'c'], false)).toBe(8);
    expect(await write(['d'], true)).toBe(2);
    expect(await linesOf(path)).toEqual(['a', 'bä', 'c', 'd']);
    expect(await write(['e'], false)).toBe(2);
    expect(await linesOf(path)).toEqual(['e']);
    worker.terminate();
  });
});

describe('fromOpfs', () => {
  test('gives bytes, and reads anew for each who listens', async () => {
    const path = freshPath();
    await toOpfs(fromIterable(['ab']), path).done;
    for (let i = 0; i < 2; i++) {
      const source = fromOpfs(path, { as: 'bytes' });
      const { values } = collect(source);
      await source.done;
      expect(values.flatMap((bytes) => [...bytes])).toEqual([0x61, 0x62, 0x0a]);
    }
  });

  test('fails where there is no such file', async () => {
    const source = fromOpfs('nowhere/at/all.txt');
    const { errors } = collect(source);
    await source.done;
    expect(errors[0]!.code).toBe('source-failed');
    expect(errors[0]!.message).toMatch(/^cannot open "nowhere\/at\/all.txt": /);
  });

  test('refuses what names no file, and ways out', () => {
    for (const path of ['', '/', 'a/', '.', '..'])
      expect(() => fromOpfs(path)).toThrow('path must name a file');
    expect(() => fromOpfs('../a')).toThrow('path must not lead out of its folder');
  });
});
