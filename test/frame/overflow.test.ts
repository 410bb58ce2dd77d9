import { describe, expect, test } from 'vitest';
import { int32, int64, StreamingDataFrame, schema, toRows, utf8 } from '../../src/index.ts';

const S = schema({ name: utf8, id: int64, small: int32 });
const row = (name: string, id: bigint, small = 1) => ({ name, id, small });
const largest = 2n ** 63n - 1n;

describe('a batch whose total does not fit its type', () => {
  test('is refused and leaves nothing behind, over all time', () => {
    const df = new StreamingDataFrame({ schema: S });
    const total = df.id.sum();
    const count = df.id.count();
    df.emit([row('a', 1n)]);
    expect(() => df.emit([row('a', largest)])).toThrow(/9223372036854775808 does not fit/);
    expect(total.current).toBe(1n);
    df.emit([row('a', 2n)]);
    expect(total.current).toBe(3n);
    // A branch of its own, which had no reason to refuse the batch.
    expect(count.current).toBe(3);
  });

  test('is refused by groups and windows', () => {
    const df = new StreamingDataFrame({ schema: S });
    const groups = df.groupby('name').id.sum();
    const window = df.window(2).id.sum();
    df.emit([row('a', 5n), row('b', 1n)]);
    expect(() => df.emit([row('c', 1n), row('b', largest)])).toThrow(/does not fit/);
    expect(toRows(groups.current!)).toEqual([
      { name: 'a', id: 5n },
      { name: 'b', id: 1n },
    ]);
    expect(window.current).toBe(6n);
    df.emit([row('a', 1n)]);
    expect(toRows(groups.current!)).toEqual([
      { name: 'a', id: 6n },
      { name: 'b', id: 1n },
    ]);
    expect(window.current).toBe(2n);
  });

  test('of small integers is refused beyond 2^53 - 1', () => {
    const df = new StreamingDataFrame({ schema: schema({ small: int32 }) });
    const total = df.small.sum();
    const small = new Int32Array(2 ** 20).fill(2 ** 31 - 1);
    for (let i = 0; i < 4; i++) df.emit({ small });
    expect(total.current).toBe(2 ** 22 * (2 ** 31 - 1));
    expect(() => df.emit({ small })).toThrow(/does not fit the exact integers of a number/);
    expect(total.current).toBe(2 ** 22 * (2 ** 31 - 1));
    df.emit([{ small: 1 }]);
    expect(total.current).toBe(2 ** 22 * (2 ** 31 - 1) + 1);
  });

  test.each([['followed'], ['not followed']])('of a snapshot leaves the one before, %s', (how) => {
    const df = new StreamingDataFrame({ schema: S });
    const total = df
      .groupby('name')
      .agg({ id: ['id', 'max'] })
      .id.sum();
    if (how === 'followed') total.sink(() => {});
    df.emit([row('a', 5n), row('b', 6n)]);
    expect(() => df.emit([row('a', largest)])).toThrow(/does not fit/);
    expect(total.current).toBe(11n);
  });

  test('is refused when a sum that was null for too few values comes out', () => {
    const df = new StreamingDataFrame({ schema: S });
    const total = df.id.sum({ minCount: 65 });
    total.sink(() => {});
    // Their sum is 2^64, of which 64 bits hold nothing.
    for (let i = 0; i < 64; i++) df.emit([row('a', 2n ** 58n)]);
    expect(() => df.emit([row('a', 1n)])).toThrow(/does not fit/);
    expect(total.current).toBeNull();
  });
});
