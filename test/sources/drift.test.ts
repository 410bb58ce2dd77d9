import { Float64, Int32, Int64, type RecordBatch, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { fromPeriodic, type Rows, type StreamingDataFrame, toRows } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { recordBatch } from '../support/columns.ts';

type PeriodicOptions = NonNullable<Parameters<typeof fromPeriodic>[1]>;

/** A source that gives these, one a second. */
function sourceOf(results: Rows[], options: Partial<PeriodicOptions> = {}) {
  const clock = new VirtualClock();
  const left = [...results];
  const source = fromPeriodic(() => left.shift(), { interval: '1s', clock, ...options } as PeriodicOptions);
  return { source, clock };
}

const x = (...values: (number | null)[]) => recordBatch({ x: vectorFromArray(values, new Float64()) });
const other = recordBatch({ y: vectorFromArray(['a'], new Utf8()), x: vectorFromArray([2], new Int32()) });

describe('a frame of a source', () => {
  test('sets aside what the source would leave out', async () => {
    const { source, clock } = sourceOf([x(1), other, x(3)]);
    const df = (source as never as { toDataFrame(options: object): StreamingDataFrame }).toDataFrame({
      drift: 'quarantine',
    });
    const aside: RecordBatch[] = [];
    const rows: unknown[] = [];
    df.quarantined.sink(({ batch }) => void aside.push(batch));
    df.sink((batch) => void rows.push(...toRows(batch)));
    await clock.advance('3s');
    expect(rows).toEqual([{ x: 1 }, { x: 3 }]);
    expect(aside).toEqual([other]);
    expect(df.driftCounts.quarantined).toBe(1);
  });

  test('takes new columns with add-nullable, of rows and of batches', async () => {
    const { source, clock } = sourceOf([[{ x: 1 }], [{ x: 2, z: true }], other, [{ x: 3 }]]);
    const df = (source as never as { toDataFrame(options: object): StreamingDataFrame }).toDataFrame({
      drift: 'add-nullable',
    });
    const rows: unknown[] = [];
    df.sink((batch) => void rows.push(...toRows(batch)));
    await clock.advance('4s');
    expect(rows).toEqual([
      { x: 1 },
      { x: 2, z: true },
      { x: 2, z: null, y: 'a' },
      { x: 3, z: null, y: null },
    ]);
  });
});

describe('a source', () => {
  test("with int64: 'number' gives numbers, and leaves out a batch with one beyond 2^53", async () => {
    const wide = (...values: bigint[]) => recordBatch({ n: vectorFromArray(values, new Int64()) });
    const { source, clock } = sourceOf([wide(1n), wide(2n ** 60n), [{ n: 2n }]], { int64: 'number' });
    const rows: unknown[] = [];
    (source as never as { sink(fn: (batch: RecordBatch) => void): void }).sink((batch) => {
      rows.push(...toRows(batch));
    });
    await clock.advance('3s');
    expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
    expect(source.counts.rejectedRows).toBe(1);
  });
});
