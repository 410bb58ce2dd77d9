import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/**
 * The library as the sources say it now, built for Node below `.cache/` and loaded from there.
 *
 * @param {string} benchmark names the folder
 * @returns {Promise<typeof import('../src/index.ts')>}
 */
export async function library(benchmark) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const outDir = fileURLToPath(new URL(`../.cache/bench-${benchmark}`, import.meta.url));
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir,
      target: 'es2022',
      rolldownOptions: { input: `${root}src/index.ts`, output: { entryFileNames: 'millrace.js' } },
    },
  });
  return import(`${outDir}/millrace.js`);
}
