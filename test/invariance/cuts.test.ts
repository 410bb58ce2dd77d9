import { expect, test } from 'vitest';
import { checkFamilies } from './check-families.ts';
import { families } from './pipelines.ts';
import { invarianceRows } from './rows.ts';

/** A part of what `npm run test:long` tries: each family with two of its sets of columns, in turns of tests. */
test.each([0, 1, 2, 3])(
  'no answer depends on how rows are cut into batches, part %d',
  async (part) => {
    const own = families
      .filter((_, i) => i % 4 === part)
      .map(({ name, pipelines }, i) => ({
        name,
        pipelines: pipelines.map((_, k) => pipelines[(k + i) % pipelines.length]!),
      }));
    const { failures, fewest } = await checkFamilies(own, {
      rows: invarianceRows(120, 1),
      cuts: 3,
      atATime: 3,
    });
    expect(failures).toEqual([]);
    expect(fewest).toBe(3);
  },
  300_000,
);
