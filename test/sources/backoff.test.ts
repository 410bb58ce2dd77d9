import { describe, expect, test } from 'vitest';
import { backoffMs, retryAfterMs } from '../../src/sources/backoff.ts';

describe('backoffMs', () => {
  test('doubles its bound up to the longest, and takes a random part of it', () => {
    const bound = (failures: number, random = 1) =>
      backoffMs(failures, { minMs: 100, maxMs: 1000, random: () => random });
    expect([1, 2, 3, 4, 5, 10_000].map((n) => bound(n))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(bound(3, 0.5)).toBe(200);
    expect(bound(3, 0)).toBe(0);
  });
});

describe('retryAfterMs', () => {
  const now = Date.UTC(2024, 0, 1);
  test.each([
    ['120', 120_000],
    ['0', 0],
    ['Mon, 01 Jan 2024 00:01:00 GMT', 60_000],
    ['Sun, 31 Dec 2023 23:59:00 GMT', 0],
    ['soon', undefined],
    ['-3', undefined],
    ['5.5', undefined],
    ['', undefined],
    [null, undefined],
  ])('reads %j as %s', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
