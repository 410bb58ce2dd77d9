import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Stream } from '../../src/index.ts';
import { loadPlugins } from '../../src/node/load-plugins.ts';

let app: string;

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'millrace-plugins-'));
  await install(
    'doubling',
    { nodes: { doubled: './lib/doubled.js' } },
    {
      'lib/doubled.js': 'export const doubled = (stream) => stream.map((x) => 2 * x);',
    },
  );
  await install(
    '@scope/kept',
    { sinks: { kept: './kept.js' } },
    {
      'kept.js': 'export default (stream, list) => stream.sink((x) => list.push(x));',
    },
  );
  await install('plain', undefined);
  await install('odd', { charts: {} });
  await install('outside', { nodes: { far: './../plain/index.js' } });
  await install('listed', { nodes: ['./a.js'] });
});

afterAll(() => rm(app, { recursive: true, force: true }));

afterEach(() => {
  for (const name of ['doubled', 'kept']) Reflect.deleteProperty(Stream.prototype, name);
});

async function install(name: string, millrace: unknown, files: Record<string, string> = {}): Promise<void> {
  const folder = join(app, 'node_modules', name);
  const manifest = JSON.stringify({ name, type: 'module', exports: {}, millrace });
  for (const [path, text] of Object.entries({ ...files, 'package.json': manifest })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const call = <R>(on: object, name: string, ...args: unknown[]): R =>
  (Reflect.get(on, name) as (...args: unknown[]) => R).apply(on, args);

describe('loadPlugins of millrace/node', () => {
  test('reads what packages declare and loads their modules when first used', async () => {
    await loadPlugins(['doubling', '@scope/kept'], { from: join(app, 'main.js') });
    const source = new Stream<number>();
    const list: number[] = [];
    call(call<Stream<number>>(source, 'doubled'), 'kept', list);
    await source.emit(2);
    await source.emit(3);
    expect(list).toEqual([4, 6]);
  });

  test('looks for packages as the file does that asks, and takes manifests, too', async () => {
    const kept = async () => (stream: Stream<unknown>, list: unknown[]) =>
      stream.sink((x) => void list.push(x));
    await loadPlugins(['doubling', { sinks: { kept } }], {
      from: pathToFileURL(join(app, 'deep', 'main.js')),
      eager: true,
    });
    const source = new Stream<number>();
    const list: number[] = [];
    call(call<Stream<number>>(source, 'doubled'), 'kept', list);
    expect(source.emit(1)).toBeUndefined();
    expect(list).toEqual([2]);
  });

  test.each([
    ['missing', 'package "missing" cannot be found from'],
    ['plain', 'package "plain": its package.json has no field "millrace" that declares plugins'],
    ['odd', 'package "odd": "millrace" has "charts", expected "nodes", "sources" and "sinks"'],
    [
      'outside',
      'package "outside": plugin "far" is at "./../plain/index.js", expected a path inside, such as "./far.js"',
    ],
    ['listed', 'the name of a method must be an identifier, got "0"'],
  ])('refuses %s, and puts nothing on', async (name, message) => {
    const loading = loadPlugins(['doubling', name], { from: join(app, 'main.js') });
    await expect(loading).rejects.toThrow(message);
    expect('doubled' in Stream.prototype).toBe(false);
  });
});
