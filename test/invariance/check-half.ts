import { expect } from 'vitest';
import { checkFamilies } from './check-families.ts';
import { families } from './pipelines.ts';
import { invarianceRows } from './rows.ts';

/** Cuts of each family of pipelines. */
const wanted = 1000;
const minutes = Number(process.env.MILLRACE_LONG_MINUTES ?? 17);

/**
 * The long run over every other family. Ends early where it takes longer than the environment variable
 * `MILLRACE_LONG_MINUTES` says, and says how far it came.
 */
export async function checkHalf(which: 0 | 1): Promise<void> {
  const own = families.filter((_, i) => i % 2 === which);
  const rows = invarianceRows(10_000, 1);
  const from = performance.now();
  const options = { rows, cuts: wanted, atATime: 12, milliseconds: minutes * 60_000 };
  const { pipelines, cuts, fewest, failures } = await checkFamilies(own, options);
  const seconds = Math.round((performance.now() - from) / 1000);
  console.log(
    `half ${which + 1}: ${cuts} cuts of ${rows.numRows} rows, of ${pipelines} pipelines in ${own.length} families, ` +
      `at least ${fewest} of the ${wanted} cuts of each family, in ${seconds} s`,
  );
  expect(failures).toEqual([]);
}
