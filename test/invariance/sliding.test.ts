import { expect, test } from 'vitest';
import { slide } from './slide.ts';

test('sliding results are those of the rows in view, whatever has passed through', () => {
  const { times, error, where } = slide({ rows: 120_000, window: 2000, batch: 700, every: 9001, seed: 1 });
  expect(times).toBeGreaterThan(500);
  expect(error, where).toBeLessThan(1e-12);
}, 120_000);
