import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  float64,
  fromFetch,
  fromIterable,
  Stream,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

const S = schema({ t: timestamp('ms'), name: utf8, a: float64 });
const lines = '{"t":0,"name":"x","a":1}\n{"t":1,"name":"y","a":2}\n';
const ndjson = () => new Response(lines, { headers: { 'content-type': 'application/x-ndjson' } });

interface Trade {
  t: number;
  name: string;
  a: number;
}

describe('a frame of a source', () => {
  test('ends with it, and so do its rows, columns, results and groups', async () => {
    const seen: unknown[] = [];
    const frames = [
      (df: StreamingDataFrame) => df,
      (df: StreamingDataFrame) => df.filter((r) => r.a!.gt(1)),
      (df: StreamingDataFrame) => df.a!,
      (df: StreamingDataFrame) => df.a!.sum(),
      (df: StreamingDataFrame) => df.window(5).a!.sum(),
      (df: StreamingDataFrame) => df.groupby('name').size(),
    ];
    for (const make of frames) {
      const df = fromFetch(ndjson(), { schema: S }).toDataFrame() as unknown as StreamingDataFrame;
      for await (const _ of make(df)) seen.push(make.name);
    }
    expect(seen).toHaveLength(frames.length);
  });

  test('throws the failure of its source, so that a part is not taken for the whole', async () => {
    const failed = fromFetch(new Response('', { status: 500 }), { schema: S, onError: () => {} });
    const read = async (): Promise<void> => {
      for await (const _ of failed.toDataFrame()) expect.fail('there is nothing to read');
    };
    await expect(read()).rejects.toThrow('response answered 500');
  });

  test('takes rows by hand as well', () => {
    const df = fromIterable<Trade[]>([]).toDataFrame({ schema: S });
    const count = df.numRows();
    df.emit([{ t: 0, name: 'x', a: 1 }]);
    expect(count.current).toBe(1);
  });

  test('keeps the types of the schema when it names a time key', () => {
    const df = fromFetch('data:,', { schema: S, onError: () => {} }).toDataFrame({ time: 't' });
    expectTypeOf(df.a.sum().current).toEqualTypeOf<number | undefined>();
    // @ts-expect-error: there is no such column
    expect(() => df.nmae).toThrow(/did you mean "name"/);
    // @ts-expect-error: there is no such column
    expect(() => fromFetch('data:,', { schema: S, onError: () => {} }).toDataFrame({ time: 'tmie' })).toThrow(
      /tmie/,
    );
  });
});

describe('rows typed by an interface', () => {
  test('go into streams and frames', () => {
    const trades: Trade[] = [{ t: 0, name: 'x', a: 1 }];
    const typed = new Stream<Trade[]>();
    const untyped = new Stream();
    const totals = [typed.toDataFrame({ schema: S }), untyped.toDataFrame({ schema: S })].map((df) =>
      df.a.sum(),
    );
    typed.emit(trades);
    untyped.emit(trades);
    const own = new StreamingDataFrame({ schema: S });
    totals.push(own.a.sum());
    own.emit(trades);
    expect(totals.map((total) => total.current)).toEqual([1, 1, 1]);
    // @ts-expect-error: numbers are no rows
    expect(() => new Stream<number>().toDataFrame({ schema: S })).not.toThrow();
  });
});

describe('columns that are called like methods', () => {
  test('are reached by col on frames, windows and groups', () => {
    const df = new StreamingDataFrame({ schema: schema({ name: utf8, size: float64 }) });
    const window = df.window(2).col.size.sum();
    const groups = df.groupby('name').col.size.sum();
    df.emit([1, 2, 4].map((size) => ({ name: 'x', size })));
    expect(window.current).toBe(6);
    expect(toRows(groups.current!)).toEqual([{ name: 'x', size: 7 }]);
    expect(() => (df.window(2).col as unknown as Record<string, unknown>).sise).toThrow(
      /did you mean "size"/,
    );
  });
});

describe('a column read in a callback', () => {
  type Columns = Record<'a' | 'b', { gt(x: number): object }>;
  const on = schema({ a: float64, b: float64 });

  test.each<[string, (r: Columns) => unknown]>([
    ['&&', (r) => r.a && r.b.gt(5)],
    ['?:', (r) => (r.a ? r.a : r.b).gt(5)],
    ['&& of a pattern', ({ a, b }) => a && b.gt(5)],
  ])('and lost to %s is noticed, where it is not in the result', (_operator, condition) => {
    const df = new StreamingDataFrame({ schema: on });
    expect(() => df.filter(condition as never)).toThrow(/built but not used: a;/);
  });

  const flag = String(on.fields.length) === '2';
  test.each<[string, (r: Columns) => unknown]>([
    ['by a pattern', ({ a, b: _b }) => a.gt(5)],
    ['for a choice by a plain value', ({ a, b }) => (flag ? a.gt(5) : b.gt(5))],
    ['twice', (r) => [r.a, r.a.gt(5)][1]],
  ])('%s need not be used', (_how, condition) => {
    const df = new StreamingDataFrame({ schema: on });
    const rows = df.filter(condition as never).numRows();
    df.emit([
      { a: 6, b: 1 },
      { a: 1, b: 6 },
    ]);
    expect(rows.current).toBe(1);
    const record = ({ a, b: _b }: Columns): object => ({ z: a.gt(5), n: 1 });
    expect(df.assign(record as never).columns).toEqual(['a', 'b', 'z', 'n']);
  });
});
