import { expect, test } from 'vitest';
import { slide } from './slide.ts';

test('sliding results after 10,000,000 rows are those of the rows in view', () => {
  const from = performance.now();
  const options = { rows: 10_000_000, window: 3000, batch: 5000, every: 248_999, seed: 1 };
  const { times, error, where } = slide(options);
  const seconds = Math.round((performance.now() - from) / 1000);
  console.log(
    `${options.rows} rows in ${seconds} s: ${times} results, relative error at most ${error} (${where})`,
  );
  expect(times).toBeGreaterThan(2000);
  expect(error, where).toBeLessThan(1e-12);
});
