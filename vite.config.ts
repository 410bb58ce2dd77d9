import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { searchForWorkspaceRoot } from 'vite';
import type { ViteUserConfig } from 'vitest/config';
import { demoServer } from './demo/server/plugin.ts';
import { browserFlags, findBrowser } from './test/find-browser.js';

/** Found while the page runs, these would make the development server reload it. */
const bundledFirst = ['@dagrejs/dagre', 'apache-arrow', 'vega', 'vega-embed', 'vega-lite'];

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

const config: ViteUserConfig = {
  // The built demo opens from any folder of any server.
  base: './',
  cacheDir: '.cache/vite',
  // Server parts of the demo: counters of the machine, flights over a socket.
  plugins: process.env.VITEST ? [] : [demoServer()],
  // The code shown on the page imports the library as users do.
  resolve: {
    alias: [
      { find: /^millrace$/, replacement: source('index.ts') },
      { find: /^millrace\/chart$/, replacement: source('chart/index.ts') },
      { find: /^millrace\/node$/, replacement: source('node/index.ts') },
      { find: /^millrace\/testing$/, replacement: source('testing/index.ts') },
    ],
  },
  server: {
    host: 'localhost',
    strictPort: false,
    fs: { allow: [searchForWorkspaceRoot(process.cwd()), realpathSync('node_modules')] },
  },
  preview: { host: 'localhost', strictPort: false },
  optimizeDeps: { include: bundledFirst },
  build: { outDir: 'dist-demo', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1500 },
  worker: { format: 'es' },
  test: {
    // Time in tests is virtual; this only ends a test that hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**'],
        },
      },
      {
        extends: true,
        // A page is cross-origin isolated only when its workers come with these headers too.
        server: {
          headers: {
            'Cross-Origin-Opener-Policy': 'same-origin',
            'Cross-Origin-Embedder-Policy': 'require-corp',
          },
        },
        optimizeDeps: { include: [...bundledFirst, 'fast-check'] },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/global-setup.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: findBrowser() ?? 'no-browser-found', args: browserFlags },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
};

export default config;
