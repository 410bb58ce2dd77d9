import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../src/core/duration.ts';

describe('the browser of the tests', () => {
  test('gives pages that are cross-origin isolated', () => {
    expect(globalThis.crossOriginIsolated).toBe(true);
    expect(typeof SharedArrayBuffer).toBe('function');
  });

  test('runs the sources as they are', () => {
    expect(parseDuration('1h30m')).toBe(5_400_000_000_000n);
  });

  test('reads and writes Arrow', async () => {
    const { tableFromArrays, tableFromIPC, tableToIPC } = await import('apache-arrow');
    const table = tableFromIPC(tableToIPC(tableFromArrays({ x: Float64Array.of(1, 2) })));
    expect(table.getChild('x')?.toArray()).toEqual(Float64Array.of(1, 2));
  });
});
