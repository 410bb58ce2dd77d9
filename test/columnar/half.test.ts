import { Float16, makeData } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { columnOf, vectorOf } from '../../src/columnar/arrow.ts';
import { floatsOfHalves, halvesOfFloats, roundToHalf } from '../../src/columnar/half.ts';
import { take } from '../../src/columnar/take.ts';
import { float16, StreamingDataFrame, schema, toRows } from '../../src/index.ts';

const every = Uint16Array.from({ length: 65_536 }, (_, i) => i);

describe('half floats', () => {
  test('are what apache-arrow takes them for, all of them, and come back as the same bits but for NaN', () => {
    const vector = vectorOf(columnOf(makeData({ type: new Float16(), data: every })));
    const floats = floatsOfHalves(every, every.length);
    const back = halvesOfFloats(floats, floats.length);
    for (let i = 0; i < every.length; i++) {
      if (Number.isNaN(floats[i])) continue;
      if (!Object.is(floats[i], vector.get(i)) || back[i] !== i)
        throw new Error(`${i} is ${floats[i]}, then ${back[i]}`);
    }
    expect(floats.filter(Number.isNaN)).toHaveLength(2 * 1023);
  });

  test.each([
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [65_519, 65_504],
    [65_520, Number.POSITIVE_INFINITY],
    [2 ** -25, 0],
    [2 ** -25 * 1.01, 2 ** -24],
    [-(2 ** -14) + 2 ** -26, -(2 ** -14)],
    [0.1, 0.0999755859375],
  ])('%d is rounded to %d', (value, half) => {
    expect(roundToHalf(value)).toBe(half);
  });

  test('are computed with and grouped by as numbers', () => {
    const df = new StreamingDataFrame({ schema: schema({ h: float16 }) });
    const sum = df.h.sum();
    const least = df.h.min();
    const groups = df.groupby('h').size();
    const rows: unknown[] = [];
    df.assign({ twice: df.h.mul(2) })
      .filter((r) => r.h.gt(0.5))
      .sink((batch) => rows.push(...toRows(batch)));
    df.emit([{ h: 0.5 }, { h: 1.5 }, { h: 1.5 }, { h: null }, { h: -0 }]);
    expect(rows).toEqual([
      { h: 1.5, twice: 3 },
      { h: 1.5, twice: 3 },
    ]);
    expect(sum.current).toBe(3.5);
    expect(least.current).toBe(0);
    expect(toRows(groups.current!).map((row) => Object.values(row))).toEqual([
      [0, 1],
      [0.5, 1],
      [1.5, 2],
    ]);
  });

  test('keep their bits when rows are taken', () => {
    const taken = take(
      columnOf(makeData({ type: new Float16(), data: every.subarray(0, 4) })),
      Uint32Array.of(3, 1),
    );
    expect([...vectorOf(taken).data[0]!.values]).toEqual([3, 1]);
  });
});
