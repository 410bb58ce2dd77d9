import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { casesUnder, replay } from './replay.ts';

describe('recorded results of streamz', () => {
  for (const recorded of casesUnder(fileURLToPath(new URL('./cases', import.meta.url)))) {
    test(recorded.id, async ({ skip }) => {
      const result = await replay(recorded);
      if (result.status === 'skipped') skip(`${result.reason} is not there yet`);
      if (result.status === 'failed') throw new Error(result.difference);
    });
  }
});
