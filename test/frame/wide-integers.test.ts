import { Int64, Uint64, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  float64,
  int32,
  int64,
  readIpc,
  StreamingDataFrame,
  schema,
  toIpc,
  toRows,
  uint64,
  utf8,
} from '../../src/index.ts';
import { recordBatch } from '../support/columns.ts';

afterEach(() => vi.restoreAllMocks());

const largest = 2n ** 63n - 1n;

describe('sums of 64-bit integers', () => {
  test('are exact where doubles are not', () => {
    const df = new StreamingDataFrame({ schema: schema({ n: int64, u: uint64 }) });
    const n = df.n.sum();
    const u = df.u.sum();
    df.emit([
      { n: 2n ** 53n, u: 2n ** 64n - 3n },
      { n: 1n, u: 1n },
      { n: 1n, u: 1n },
    ]);
    expect(n.current).toBe(2n ** 53n + 2n);
    expect(u.current).toBe(2n ** 64n - 1n);
  });

  test('that do not fit are an error that names node and column, and leave the sum as it was', () => {
    const df = new StreamingDataFrame({ schema: schema({ n: int64 }) });
    const sum = df.n.sum();
    df.emit([{ n: largest }]);
    expect(() => df.emit([{ n: 1n }])).toThrow(
      /column "n": sum: 9223372036854775808 does not fit Int64.* \(at source › frame › sum\(n\)\)/,
    );
    expect(sum.current).toBe(largest);
    df.emit([{ n: -1n }]);
    expect(sum.current).toBe(largest - 1n);
  });

  test('become decimals, or wrap around, where that is asked for', () => {
    const df = new StreamingDataFrame({ schema: schema({ k: utf8, n: int64, u: uint64, i: int32 }) });
    const decimal = df.n.sum({ overflow: 'decimal' });
    const wrap = df.n.sum({ overflow: 'wrap' });
    const unsigned = df.u.sum({ overflow: 'wrap' });
    const small = df.i.sum({ overflow: 'wrap' });
    const groups = df.groupby('k').sum({ overflow: 'decimal' });
    const window = df.window(1).n.sum({ overflow: 'decimal' });
    expect(decimal.current).toBe('0');
    df.emit([
      { k: 'a', n: largest, u: 2n ** 64n - 1n, i: 1 },
      { k: 'a', n: 1n, u: 3n, i: 2 },
    ]);
    expect(decimal.current).toBe('9223372036854775808');
    expect(wrap.current).toBe(-(2n ** 63n));
    expect(unsigned.current).toBe(2n);
    expect(small.current).toBe(3);
    expect(window.current).toBe('1');
    expect(toRows(groups.current!)).toEqual([
      { k: 'a', n: '9223372036854775808', u: '18446744073709551618', i: 3 },
    ]);
  });

  test('wrap as 64 bits do, whatever the values and batches', () => {
    const value = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 4 }), { maxLength: 5 }), (batches) => {
        const df = new StreamingDataFrame({ schema: schema({ n: int64 }) });
        const wrap = df.n.sum({ overflow: 'wrap' });
        const decimal = df.n.sum({ overflow: 'decimal' });
        for (const batch of batches) df.emit(batch.map((n) => ({ n })));
        const total = batches.flat().reduce((sum, n) => sum + n, 0n);
        expect(wrap.current).toBe(BigInt.asIntN(64, total));
        expect(decimal.current).toBe(String(total));
      }),
      { numRuns: 50 },
    );
  });

  test('refuse an overflow that there is not', () => {
    const df = new StreamingDataFrame({ schema: schema({ n: int64 }) });
    expect(() => df.n.sum({ overflow: 'warp' as never })).toThrow(
      'sum: option "overflow" must be one of error, decimal, wrap, not "warp"; did you mean "wrap"?',
    );
  });
});

describe('64-bit integers beside floats', () => {
  test('are rounded, which is said once where one is beyond 2^53', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const df = new StreamingDataFrame({ schema: schema({ n: int64, x: float64 }) });
    const got: unknown[] = [];
    df.assign({ y: df.n.add(df.x) }).sink((batch) => got.push(...toRows(batch).map((row) => row.y)));
    df.emit([{ n: 5n, x: 0.5 }]);
    expect(warn).not.toHaveBeenCalled();
    df.emit([{ n: 2n ** 53n + 1n, x: 0 }]);
    df.emit([{ n: 2n ** 60n, x: 0 }]);
    expect(got).toEqual([5.5, 2 ** 53, 2 ** 60]);
    expect(warn.mock.calls).toEqual([
      ['millrace: n.add(x): 64-bit integers beyond 2^53 are rounded where they meet floats'],
    ]);
  });
});

describe("readIpc with int64: 'number'", () => {
  test('gives batches whose 64-bit integers are numbers, or fails', async () => {
    const read = async (...batches: Parameters<typeof toIpc>[0][]) => {
      const rows: unknown[] = [];
      for (const each of batches)
        for await (const batch of readIpc(toIpc(each), { int64: 'number' })) rows.push(...toRows(batch));
      return rows;
    };
    const good = recordBatch({
      n: vectorFromArray([1n, null, -5n], new Int64()),
      u: vectorFromArray([0n, 2n ** 53n - 1n, null], new Uint64()),
    });
    expect(await read([good])).toEqual([
      { n: 1, u: 0 },
      { n: null, u: 2 ** 53 - 1 },
      { n: -5, u: null },
    ]);
    const bad = recordBatch({ n: vectorFromArray([2n ** 53n + 1n], new Int64()) });
    await expect(read([bad])).rejects.toMatchObject({ code: 'overflow' });
  });
});
