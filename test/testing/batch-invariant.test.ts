import { expect, test } from 'vitest';
import {
  float64,
  int32,
  type Stream,
  type StreamingDataFrame,
  schema,
  timestamp,
  utf8,
} from '../../src/index.ts';
import { difference } from '../../src/testing/difference.ts';
import { assertBatchInvariant, BatchInvarianceError, type Followable } from '../../src/testing/index.ts';

const S = schema({ t: timestamp('ms'), k: utf8, x: float64, n: int32 });
const strange = [null, Number.NaN, Number.POSITIVE_INFINITY, 1e16, -0];
const rows = Array.from({ length: 200 }, (_, i) => ({
  t: 10 * i - (i % 7 === 0 ? 35 : 0),
  k: ['a', 'b', null][(i * i) % 3]!,
  x: i % 11 === 3 ? strange[i % 5]! : Math.sin(i) * 10 ** (i % 6),
  n: i % 13,
}));
const options = { schema: S, time: 't', cuts: 30 } as const;

test('what does not depend on batches passes', async () => {
  await assertBatchInvariant((df) => df.window('300ms').groupby('k').x.sum(), rows, options);
  await assertBatchInvariant((df) => df.assign({ c: df.n.cumsum() }).filter((r) => r.x.gt(0)), rows, options);
  await assertBatchInvariant((df) => df.x.cumsum().over(df.k), rows, options);
  await assertBatchInvariant((df) => df.window(20).x.std(), rows, options);
});

/** The sum of the sums of batches in which no number is missing. */
function lossy(df: { readonly stream: Stream<{ getChild(name: string): unknown }> }): Followable {
  const totals = df.stream.map((batch) => {
    const values = [...(batch.getChild('x') as Iterable<number | null>)];
    return values.includes(null) ? 0 : values.reduce<number>((a, b) => a + b!, 0);
  });
  return { kind: 'snapshot', stream: totals.accumulate((a: number, b: number) => a + b) };
}

test('a failing cut is made as small as can be and printed with its rows', async () => {
  const given = Array.from({ length: 50 }, (_, i) => ({ x: i === 20 ? null : 1 }));
  const found = await assertBatchInvariant((df) => lossy(df as never), given, {
    schema: schema({ x: float64 }),
  }).catch((error: unknown) => error);
  expect(found).toBeInstanceOf(BatchInvarianceError);
  const { batches, rows: left, message } = found as BatchInvarianceError;
  expect(batches).toEqual([1, 1]);
  expect(left).toHaveLength(2);
  expect(left).toContainEqual({ x: null });
  expect(message).toContain('smallest cut: 2 rows in batches of 1, 1');
  expect(message).toContain('result: 1 instead of 0');
});

test('a pipeline that fails for some cuts only is found too', async () => {
  const refusing = (df: StreamingDataFrame): Followable => {
    const stream = df.stream.map((batch) => {
      if (batch.numRows === 0) throw new Error('no rows');
      return [batch.numRows > 0];
    });
    return { kind: 'append', stream: stream.map(() => []) };
  };
  const found = assertBatchInvariant((df) => refusing(df as never), rows, options);
  await expect(found).rejects.toThrow('no rows');
});

test('a pipeline that fails over one batch fails with its own error', async () => {
  const build = (): Followable => {
    throw new TypeError('not this way');
  };
  await expect(assertBatchInvariant(build, rows, options)).rejects.toThrow(new TypeError('not this way'));
});

test('differences are told by their place', () => {
  expect(difference([{ x: 1 }, { x: Number.NaN }], [{ x: 1 }, { x: Number.NaN }], 0)).toBeUndefined();
  expect(difference(1 + 1e-13, 1, 1e-12)).toBeUndefined();
  expect(difference([{ x: 1n }], [{ x: 2n }], 1)).toBe('result[0].x: 1n instead of 2n');
  expect(difference(Number.POSITIVE_INFINITY, 1, 1)).toBe('result: Infinity instead of 1');
  expect(difference([1], [1, 2], 0)).toBe('result: 1 rows instead of 2');
  expect(difference({ a: null }, { a: 0 }, 0)).toBe('result.a: null instead of 0');
});
