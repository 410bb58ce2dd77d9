import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';

/** Each file in a process of its own, two at a time: the files share out the work evenly. */
const config: ViteUserConfig = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: '.cache/vite-long',
  test: {
    environment: 'node',
    include: ['test/**/*.long.ts'],
    testTimeout: 40 * 60_000,
    maxWorkers: 2,
    disableConsoleIntercept: true,
  },
};

export default config;
