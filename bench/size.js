/**
 * Size of what an application loads: `node bench/size.js`.
 *
 * Bundles some imports as an application would and prints bytes minified and after gzip, without apache-arrow, Vega and dagre,
 * and the largest modules of the whole entry.
 */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const entries = {
  'import { Stream }': `export { Stream } from '${root}src/index.ts';`,
  'a frame from a poll': `export { fromPoll, float64, schema, Stream, StreamingDataFrame } from '${root}src/index.ts';`,
  'all of millrace': `export * from '${root}src/index.ts';`,
  'millrace/chart': `export * from '${root}src/chart/index.ts';`,
};

/** @param {string} code @param {boolean} minify */
async function bundle(code, minify) {
  const id = '\0entry';
  const result = await build({
    configFile: false,
    root,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (/** @type {string} */ name) => (name === 'entry' ? id : undefined),
        load: (/** @type {string} */ name) => (name === id ? { code, moduleSideEffects: true } : undefined),
      },
    ],
    build: {
      write: false,
      minify,
      target: 'es2022',
      rolldownOptions: {
        input: 'entry',
        preserveEntrySignatures: 'strict',
        external: [/^apache-arrow/, /^vega/, /^@dagrejs/, /^node:/],
      },
    },
  });
  return /** @type {any} */ (result).output.filter((/** @type {any} */ { type }) => type === 'chunk');
}

const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
for (const [name, code] of Object.entries(entries)) {
  const chunks = await bundle(code, true);
  const sizes = chunks.map((/** @type {any} */ chunk) => [
    Buffer.byteLength(chunk.code),
    gzipSync(chunk.code).length,
  ]);
  const sum = (/** @type {number} */ k) =>
    sizes.reduce((/** @type {number} */ all, /** @type {number[]} */ size) => all + (size[k] ?? 0), 0);
  console.log(
    `${name.padEnd(22)}${kilobytes(sum(0))} minified${kilobytes(sum(1))} gzip; chunks ${sizes.map((/** @type {number[]} */ size) => kilobytes(size[1] ?? 0).trim()).join(', ')}`,
  );
}
const [whole] = await bundle(entries['a frame from a poll'], false);
const modules = Object.entries(whole.modules)
  .map(([file, { renderedLength }]) => ({ file: file.slice(root.length), length: renderedLength }))
  .sort((a, b) => b.length - a.length);
/** @type {Map<string, number>} */
const folders = new Map();
for (const { file, length } of modules) {
  const folder = file.split('/').slice(0, 2).join('/');
  folders.set(folder, (folders.get(folder) ?? 0) + length);
}
console.log('\nfolders of a frame from a poll, not minified');
for (const [folder, length] of [...folders].sort((a, b) => b[1] - a[1]).slice(0, 12))
  console.log(`${kilobytes(length)}  ${folder}`);
console.log('\nlargest modules of a frame from a poll, not minified');
for (const { file, length } of modules.slice(0, Number(process.argv[2] ?? 15)))
  console.log(`${kilobytes(length)}  ${file}`);
