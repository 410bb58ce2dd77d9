import { exec } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const minutes = 60_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const example = join(root, 'docs/plugin-example');
const install = 'npm install --prefer-offline --no-audit --no-fund --ignore-scripts';
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

let folder: string;
let app: string;
let packed: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-plugin-package-'));
  app = join(folder, 'app');
  // Built apart: another test may be building `dist`.
  const own = join(folder, 'millrace');
  await mkdir(own);
  for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    await cp(join(root, file), join(own, file));
  }
  await run(`npx tsc -p src/tsconfig.build.json --outDir ${JSON.stringify(join(own, 'dist'))}`, root);
  const millrace = await pack(own);
  const plugin = await pack(example);
  packed = plugin.files.map(({ path }) => path).sort();
  await mkdir(app);
  await writeFiles(app, {
    'package.json': JSON.stringify({
      private: true,
      type: 'module',
      dependencies: {
        millrace: `file:../${millrace.filename}`,
        'millrace-plugin-example': `file:../${plugin.filename}`,
        'apache-arrow': dependencies['apache-arrow'],
        typescript: devDependencies['@typescript/native'],
      },
    }),
    // Where declarations cannot be followed, types become `any` and the marked lines are no errors.
    'typed.ts': `import { fromIterable, Node, Stream, type Flow, type Metadata } from 'millrace';
import 'millrace-plugin-example';

class Twice<T> extends Node<T, T> {
  override update(value: T, metadata: Metadata): Flow {
    return this.emitEach([value, value], metadata);
  }
}

declare module 'millrace' {
  interface Stream<T> {
    twice(): Stream<T>;
  }
}

Stream.registerApi('twice', Twice);
const lengths: Stream<number> = fromIterable(['a']).repeat(2).twice().map((text) => text.length);
export const sink = lengths.sinkToMap(new Map<string, number>(), String);
sink.dispose();
export const numbers: Stream<number> = Stream.countdown(3);
// @ts-expect-error: the elements are texts
export const wrong: Stream<number> = fromIterable(['a']).twice();
// @ts-expect-error: repeat takes a number
fromIterable(['a']).repeat('2');
// @ts-expect-error: there is no such source
Stream.countup(3);
`,
    'bundler.json': tsconfig({ module: 'ESNext', moduleResolution: 'bundler' }),
    'node16.json': tsconfig({ module: 'Node16', moduleResolution: 'Node16' }),
  });
  await run(install, app);
}, 5 * minutes);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the example of a package of plugins', () => {
  test('packs its modules, its types and nothing else', () => {
    expect(packed).toEqual([
      'README.md',
      'countdown.js',
      'index.d.ts',
      'index.js',
      'package.json',
      'repeat.js',
      'sink-to-map.js',
    ]);
  });

  test.each([
    [
      'by its name, in Node',
      "import { loadPlugins } from 'millrace/node'; const plugins = 'millrace-plugin-example';",
    ],
    [
      'by its manifest',
      "import { loadPlugins } from 'millrace'; import { plugins } from 'millrace-plugin-example';",
    ],
  ])('is loaded %s, when first used', async (_how, head) => {
    const program = `${head}
import { Stream } from 'millrace';
await loadPlugins(plugins);
const newest = new Map();
const elements = [];
const source = Stream.countdown(2);
const repeated = source.repeat(2);
repeated.sink((x) => void elements.push(x));
repeated.sinkToMap(newest, (x) => x % 2);
for await (const _ of repeated);
console.log(JSON.stringify([elements, [...newest]]));
`;
    await writeFiles(app, { 'main.mjs': program });
    expect(JSON.parse(await run('node main.mjs', app))).toEqual([
      [2, 2, 1, 1, 0, 0],
      [
        [0, 0],
        [1, 1],
      ],
    ]);
  });

  test('says what was wrong with its arguments', async () => {
    const program = `import { loadPlugins } from 'millrace/node';
import { Stream } from 'millrace';
await loadPlugins('millrace-plugin-example', { eager: true });
try { new Stream().repeat(0) } catch (error) { console.log(error.message) }
`;
    await writeFiles(app, { 'main.mjs': program });
    expect(await run('node main.mjs', app)).toBe('n of repeat must be a whole number from 1, got 0\n');
  });

  test.each(['bundler', 'node16'])(
    'has methods that TypeScript 7 sees, resolution %s',
    async (config) => {
      expect(await typeErrors('node_modules/typescript/bin/tsc', config)).toEqual([]);
    },
    minutes,
  );

  test(
    'has methods that TypeScript 5.9 sees',
    async ({ skip }) => {
      const missing = await run(`${install} --no-save typescript-5.9@npm:typescript@5.9.3`, app).then(
        () => false,
        () => true,
      );
      skip(missing, 'typescript 5.9.3 is not in the cache of npm and the registry does not answer');
      const tsc = 'node_modules/typescript-5.9/bin/tsc';
      expect([...(await typeErrors(tsc, 'bundler')), ...(await typeErrors(tsc, 'node16'))]).toEqual([]);
    },
    3 * minutes,
  );
});

interface Pack {
  readonly filename: string;
  readonly files: readonly { path: string }[];
}

async function pack(from: string): Promise<Pack> {
  const output = await run(
    `npm pack --ignore-scripts --json --pack-destination ${JSON.stringify(folder)}`,
    from,
  );
  return (JSON.parse(output) as [Pack])[0];
}

function tsconfig(resolution: Record<string, string>): string {
  const strict = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: [] };
  const lib = ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'];
  return JSON.stringify({
    compilerOptions: { ...resolution, ...strict, target: 'ES2022', lib },
    files: ['typed.ts'],
  });
}

/** Lines of the compiler about our files; those of other packages are not ours to mend. */
async function typeErrors(tsc: string, config: string): Promise<string[]> {
  const output = await run(`node ${tsc} -p ${config}.json --pretty false`, app).catch(
    (error: { stdout: string }) => error.stdout,
  );
  const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
  return lines.filter((line) => !/^node_modules\/(?!millrace)/.test(line));
}

async function run(command: string, cwd: string): Promise<string> {
  const { NODE_ENV: _, npm_config_local_prefix: __, ...env } = process.env;
  return (await promisify(exec)(command, { cwd, env })).stdout;
}

async function writeFiles(into: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(into, name), text);
}
