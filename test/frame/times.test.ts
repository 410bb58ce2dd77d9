import {
  type DataType,
  Field,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampNanosecond,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { float64, readIpc, StreamingDataFrame, schema, timestamp, toIpc, toRows } from '../../src/index.ts';

const ns = 1_700_000_000_123_456_789n;

describe('timestamps', () => {
  test('of nanoseconds come out as they went in, before 1970 too', () => {
    const df = new StreamingDataFrame({ schema: schema({ t: timestamp('ns') }) });
    const got: unknown[] = [];
    df.filter(df.t.gt(-(2n ** 62n))).sink((batch) => got.push(...toRows(batch).map((row) => row.t)));
    const least = df.t.min();
    df.emit([
      { t: ns },
      { t: -1n },
      { t: '1969-12-31T23:59:59.999999999Z' },
      { t: new Date(-1) },
      { t: null },
    ]);
    expect(got).toEqual([ns, -1n, -1n, -1_000_000n]);
    expect(least.current).toBe(-1_000_000n);
  });

  test('of other units are milliseconds, or whole units, before 1970 too', () => {
    const df = new StreamingDataFrame({
      schema: schema({ s: timestamp('s'), ms: timestamp('ms'), us: timestamp('us', 'Asia/Tokyo') }),
    });
    const got: unknown[] = [];
    df.sink((batch) => got.push(...toRows(batch)));
    df.emit([{ s: -1500, ms: -1500, us: -1500 }]);
    expect(got).toEqual([{ s: -2000, ms: -1500, us: -1_500_000n }]);
  });

  test('keep their zone through filters, names and bytes, and groups', async () => {
    const zoned = schema({ t: timestamp('ns', 'Europe/Berlin'), x: float64 });
    const df = new StreamingDataFrame({ schema: zoned });
    const types: string[] = [];
    const batches: RecordBatch[] = [];
    df.filter(df.x.gt(0))
      .rename({ t: 'when' })
      .sink((batch) => {
        batches.push(batch);
        types.push(String(batch.schema.fields[0]!.type));
      });
    const groups = df.groupby('t').x.sum();
    df.emit([
      { t: ns, x: 1 },
      { t: ns, x: 2 },
      { t: ns + 1n, x: 4 },
    ]);
    expect(types).toEqual(['Timestamp<NANOSECOND, Europe/Berlin>']);
    expect(String(groups.current!.schema.fields[0]!.type)).toBe(types[0]);
    expect(toRows(groups.current!)).toEqual([
      { t: ns, x: 3 },
      { t: ns + 1n, x: 4 },
    ]);
    for await (const batch of readIpc(toIpc(batches))) {
      expect(String(batch.schema.fields[0]!.type)).toBe(types[0]);
      expect((toRows(batch) as { when: bigint }[]).map(({ when }) => when)).toEqual([ns, ns, ns + 1n]);
    }
  });

  test('of another zone or unit are drift', () => {
    const df = new StreamingDataFrame({ schema: schema({ t: timestamp('ns', 'UTC') }) });
    const batchOf = (type: DataType) => {
      const fields = [new Field('t', type, true)];
      const t = makeData({ type, length: 1, data: BigInt64Array.of(1n) } as never);
      return new RecordBatch(
        new Schema(fields),
        makeData({ type: new Struct(fields), length: 1, nullCount: 0, children: [t] as never }),
      );
    };
    df.sink(() => {});
    df.emit(batchOf(new TimestampNanosecond('UTC')) as never);
    expect(() => df.emit(batchOf(new TimestampNanosecond('Asia/Tokyo')) as never)).toThrow(
      'field "t" is timestamp(ns, Asia/Tokyo) instead of timestamp(ns, UTC)',
    );
  });

  test('a nanosecond inside a window are in it', () => {
    const df = new StreamingDataFrame({ schema: schema({ t: timestamp('ns'), x: float64 }), time: 't' });
    const sum = df.window('10s').x.sum();
    const seen: unknown[] = [];
    sum.sink((value) => seen.push(value));
    df.emit([{ t: 0n, x: 1 }]);
    df.emit([{ t: 1n, x: 2 }]);
    df.emit([{ t: 10_000_000_000n, x: 4 }]);
    expect(seen).toEqual([1, 3, 6]);
  });

  test('that are null or missing in the time key are no rows of a window', () => {
    const df = new StreamingDataFrame({ schema: schema({ t: timestamp('ns'), x: float64 }), time: 't' });
    const sum = df.window('10s').x.sum();
    const size = df.window('10s').numRows();
    df.emit([{ t: 0n, x: 1 }, { t: null, x: 10 }, { x: 100 }, { t: 5n, x: 2 }]);
    expect(sum.current).toBe(3);
    expect(size.current).toBe(2);
  });
});
