import { exec } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complaintsOf, launchBrowser } from './support/chromium.ts';
import { exampleIn } from './support/example.ts';
import { serveFolder } from './support/site.ts';

interface Manifest {
  readonly sideEffects: boolean;
  readonly exports: Record<string, string | Record<string, string>>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const minutes = 60_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const entries = Object.entries(manifest.exports).filter(([name]) => name !== './package.json');

/** Installs without asking the network for what the cache holds. */
const install = 'npm install --prefer-offline --no-audit --no-fund --ignore-scripts';

let folder: string;
let app: string;
let packed: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-package-'));
  app = join(folder, 'app');
  await run('npm run build', root);
  const [pack] = JSON.parse(
    await run(`npm pack --ignore-scripts --json --pack-destination ${JSON.stringify(folder)}`, root),
  ) as [{ filename: string; files: { path: string }[] }];
  packed = pack.files.map((file) => file.path);

  const { vite, vega, 'vega-embed': embed, 'vega-lite': lite } = manifest.devDependencies;
  const { '@typescript/native': typescript } = manifest.devDependencies;
  const { '@types/node': nodeTypes, '@types/ws': wsTypes } = manifest.devDependencies;
  await mkdir(app);
  await writeFiles(app, {
    'package.json': JSON.stringify({
      private: true,
      type: 'module',
      dependencies: {
        millrace: `file:../${pack.filename}`,
        'apache-arrow': manifest.dependencies['apache-arrow'],
        '@types/node': nodeTypes,
        '@types/ws': wsTypes,
        typescript,
        vite,
        vega,
        'vega-embed': embed,
        'vega-lite': lite,
      },
    }),
    'index.html':
      '<!doctype html><title>example</title><div id="chart"></div><script type="module" src="/main.ts"></script>',
    'main.ts': exampleIn(readFileSync(join(root, 'README.md'), 'utf8'), 'ten-lines'),
    // Where declarations cannot be followed, types become `any` and the marked line is no error.
    'names.ts': `${entries.map(([name], i) => `import * as entry${i} from '${importNameOf(name)}';`).join('\n')}
import type { ErrorCode } from 'millrace';
// @ts-expect-error: there is no such code
export const wrong: ErrorCode = 'no such code';
export const all = [${entries.map((_, i) => `entry${i}`).join(', ')}];
`,
    'node.ts': `import { fromWebSocket, fromWebSocketMessages, Stream, toWebSocket } from 'millrace';
export * from 'millrace/node';
export * from 'millrace/testing';
import type { WebSocket as Socket } from 'ws';
declare const webSocket: typeof Socket;
declare const socket: Socket;
fromWebSocket('ws://localhost', { webSocket });
fromWebSocketMessages('ws://localhost', { as: 'json', webSocket });
toWebSocket(new Stream(), 'ws://localhost', { webSocket });
toWebSocket(new Stream(), socket);
`,
    'node-only.json': JSON.stringify({
      compilerOptions: {
        ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false },
        ...{
          module: 'Node16',
          moduleResolution: 'Node16',
          target: 'ES2022',
          lib: ['ES2023'],
          types: ['node'],
        },
      },
      files: ['node.ts'],
    }),
    'bundler.json': tsconfig({ module: 'ESNext', moduleResolution: 'bundler' }, ['main.ts', 'names.ts']),
    'node16.json': tsconfig({ module: 'Node16', moduleResolution: 'Node16' }, ['names.ts']),
  });
  await run(install, app);
}, 5 * minutes);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test.each(entries)('holds what its entry %s names', (_name, target) => {
    for (const path of Object.values(target)) expect(packed).toContain(path.replace('./', ''));
    expect(Object.keys(target)).toEqual(['types', 'default']);
  });

  test('has a file in dist for each file of src, and nothing else of the project', () => {
    const allowed =
      /^(dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    expect(packed.filter((path) => !allowed.test(path))).toEqual([]);
    const stems = (pattern: RegExp) => packed.flatMap((path) => pattern.exec(path)?.[1] ?? []).sort();
    expect(stems(/^dist\/(.+)\.js$/)).toEqual(stems(/^src\/(.+)\.ts$/));
    expect(stems(/^dist\/(.+)\.d\.ts$/)).toEqual(stems(/^src\/(.+)\.ts$/));
  });

  test.each(['LICENSE', 'CHANGELOG.md', 'README.md'])('brings %s', (file) => {
    expect(packed).toContain(file);
  });

  test('declares millrace/node without types of Node', () => {
    const seen = new Set<string>();
    const outside: string[] = [];
    const follow = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const declarations = readFileSync(file, 'utf8').replace(/\/\*.*?\*\//gs, '');
      for (const [, from] of declarations.matchAll(/(?:from |import\()'([^']+)'/g)) {
        if (from!.startsWith('.')) follow(join(file, '..', from!.replace(/\.ts$/, '.d.ts')));
        else outside.push(from!);
      }
    };
    follow(join(root, 'dist/node/index.d.ts'));
    expect(seen.size).toBeGreaterThan(10);
    expect([...new Set(outside)]).toEqual(['apache-arrow']);
  });

  test('declares that importing it does nothing', () => {
    expect(manifest.sideEffects).toBe(false);
  });
});

describe('an application that installed it', () => {
  test.each(entries)('imports %s in Node, where there is no DOM', async (name) => {
    const program = `import(${JSON.stringify(importNameOf(name))}).then((all) => console.log(Object.keys(all).length))`;
    await writeFiles(app, { 'import.mjs': program });
    expect(Number(await run('node import.mjs', app))).toBeGreaterThan(0);
  });

  test('reads its own files by millrace/node in plain Node', async () => {
    await writeFiles(app, {
      'read.mjs': `import { fromTextFile, readLines } from 'millrace/node';
const source = fromTextFile('read.mjs', { follow: false });
const parts = source.sinkToList();
await source.done;
const lines = [];
for await (const line of readLines('read.mjs')) lines.push(line + '\\n');
console.log(parts.length > 5, parts.join('') === lines.join(''));
`,
    });
    expect(await run('node read.mjs', app)).toBe('true true\n');
  });

  test.each(['bundler', 'node16', 'node-only'])(
    'passes the type check of TypeScript 7, project %s',
    async (config) => {
      expect(await typeErrors('node_modules/typescript/bin/tsc', config)).toEqual([]);
    },
    3 * minutes,
  );

  test(
    'passes the type check of TypeScript 5.9',
    async ({ skip }) => {
      const missing = await run(`${install} --no-save typescript-5.9@npm:typescript@5.9.3`, app).then(
        () => false,
        () => true,
      );
      skip(missing, 'typescript 5.9.3 is not in the cache of npm and the registry does not answer');
      const tsc = 'node_modules/typescript-5.9/bin/tsc';
      for (const config of ['bundler', 'node16', 'node-only']) {
        expect(await typeErrors(tsc, config)).toEqual([]);
      }
    },
    3 * minutes,
  );

  test(
    'builds the ten-line example with Vite and shows its chart, which moves',
    async () => {
      await run('node node_modules/vite/bin/vite.js build', app);
      const site = await serveFolder(join(app, 'dist'));
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage();
        const complaints = complaintsOf(page);
        await page.goto(site.url);
        const drawing = page.locator('#chart').locator('canvas, svg').first();
        await drawing.waitFor({ state: 'attached', timeout: 20_000 }).catch(() => {
          throw new Error(`no chart appeared: ${complaints.join('; ')}`);
        });
        const picture = (): Promise<string> =>
          page.locator('#chart canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
        const first = await picture();
        await expect.poll(picture, { timeout: 20_000 }).not.toBe(first);
        const second = await picture();
        await expect.poll(picture, { timeout: 20_000 }).not.toBe(second);
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
        await site.close();
      }
    },
    3 * minutes,
  );
});

function importNameOf(entry: string): string {
  return entry.replace('.', 'millrace');
}

function tsconfig(resolution: Record<string, string>, files: string[]): string {
  const strict = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: [] };
  const lib = ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'];
  return JSON.stringify({ compilerOptions: { ...resolution, ...strict, target: 'ES2022', lib }, files });
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
