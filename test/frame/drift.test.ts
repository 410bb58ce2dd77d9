import {
  Dictionary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  makeData,
  Null,
  Table,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type DriftReport,
  float64,
  int32,
  int64,
  type QuarantinedBatch,
  StreamingDataFrame,
  schema,
  toRows,
  utf8,
} from '../../src/index.ts';
import { recordBatch } from '../support/columns.ts';

afterEach(() => vi.restoreAllMocks());

const xy = () =>
  recordBatch({ x: vectorFromArray([1, 2], new Int32()), y: vectorFromArray(['a', 'b'], new Utf8()) });

function collected(frame: object): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = [];
  (frame as StreamingDataFrame).sink((batch) => rows.push(...toRows(batch)));
  return rows;
}

describe('the order of columns', () => {
  test('is no drift: columns are found by name, in plans that run too', () => {
    const df = new StreamingDataFrame();
    const rows = collected(df);
    const sum = (df as never as { x: { sum(): { current: number } } }).x.sum();
    const big = collected(df.filter((r) => r.x!.gt(1)));
    df.emit(xy());
    df.emit(
      recordBatch({
        y: vectorFromArray(['c', null], new Dictionary(new Utf8(), new Int16())),
        x: vectorFromArray([3, null], new Int32()),
      }),
    );
    expect(rows.map((row) => Object.values(row))).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [null, null],
    ]);
    expect(big).toEqual([
      { x: 2, y: 'b' },
      { x: 3, y: 'c' },
    ]);
    expect(sum.current).toBe(6);
  });
});

describe('a batch of another schema', () => {
  test('is refused by default, with what differs field by field, and the next goes on', () => {
    const df = new StreamingDataFrame({
      schema: schema({ x: int32, y: utf8, z: float64 }, { required: ['z'] }),
    });
    const rows = collected(df);
    const batch = recordBatch({
      x: vectorFromArray(['1'], new Utf8()),
      z: vectorFromArray([null], new Float64()),
      extra: vectorFromArray([1], new Int32()),
    });
    expect(() => df.emit(batch)).toThrow(
      'the batch does not have the schema of the stream: field "x" is utf8 instead of int32; no field "y"; field "z" has 1 nulls but is not nullable; unexpected field "extra"',
    );
    df.emit([{ x: 1, y: 'a', z: 2 }]);
    expect(rows).toEqual([{ x: 1, y: 'a', z: 2 }]);
  });

  test('is set aside with quarantine, and the next goes on', () => {
    const df = new StreamingDataFrame({ drift: 'quarantine' });
    const aside: QuarantinedBatch[] = [];
    df.quarantined.sink((each) => void aside.push(each));
    const rows = collected(df);
    df.emit(xy());
    const odd = recordBatch({ x: vectorFromArray([1.5], new Float64()) });
    df.emit(odd);
    df.emit(xy());
    expect(rows).toHaveLength(4);
    expect(aside).toHaveLength(1);
    expect(aside[0]!.batch).toBe(odd);
    expect(aside[0]!.difference).toBe('field "x" is float64 instead of int32; no field "y"');
    expect(aside[0]!.fields.map(({ kind, name }) => [kind, name])).toEqual([
      ['type', 'x'],
      ['missing', 'y'],
    ]);
    expect(df.driftCounts).toEqual({ added: 0, ignored: 0, missing: 0, widened: 0, quarantined: 1 });
  });

  test('fits with add-nullable where nothing is lost: nulls for what is missing, wider types', () => {
    const reports: DriftReport[] = [];
    const df = new StreamingDataFrame({
      schema: schema({ x: float64, n: int64, y: utf8 }),
      drift: 'add-nullable',
      onDrift: (report) => reports.push(report),
    });
    const rows = collected(df);
    const total = df.n.sum();
    for (let i = 0; i < 2; i++) {
      df.emit(
        recordBatch({
          n: vectorFromArray([1, null], new Int32()),
          x: vectorFromArray([0.5, 1], new Float32()),
        }),
      );
    }
    df.emit(
      recordBatch({ n: vectorFromArray([null], new Null()), extra: vectorFromArray([1], new Int32()) }),
    );
    expect(rows).toEqual([
      { x: 0.5, n: 1n, y: null },
      { x: 1, n: null, y: null },
      { x: 0.5, n: 1n, y: null },
      { x: 1, n: null, y: null },
      { x: null, n: null, y: null },
    ]);
    expect(total.current).toBe(2n);
    expect(df.driftCounts).toEqual({ added: 0, ignored: 1, missing: 4, widened: 5, quarantined: 0 });
    expect(reports.map(({ kind, column }) => `${kind} ${column}`)).toEqual([
      'widened x',
      'widened n',
      'missing y',
      'missing x',
      'ignored extra',
    ]);
    // An int64 may not be a double, nor a string a number.
    expect(() => df.emit(recordBatch({ x: vectorFromArray([1n], new Int64()) }))).toThrow(
      'field "x" is int64 instead of float64',
    );
  });

  test('adds its new columns with add-nullable where no schema is declared', () => {
    const df = new StreamingDataFrame({ drift: 'add-nullable' });
    const rows = collected(df);
    const filtered = collected(df.filter((r) => r.x!.gt(1)));
    const sum = (df as never as { x: { sum(): { current: number } } }).x.sum();
    df.emit(xy());
    df.emit(
      recordBatch({
        z: vectorFromArray([0.5], new Float64()),
        x: vectorFromArray([7], new Int32()),
        y: vectorFromArray(['c'], new Utf8()),
      }),
    );
    df.emit(xy());
    expect(df.columns).toEqual(['x', 'y', 'z']);
    expect(rows.slice(1)).toEqual([
      { x: 2, y: 'b' },
      { x: 7, y: 'c', z: 0.5 },
      { x: 1, y: 'a', z: null },
      { x: 2, y: 'b', z: null },
    ]);
    expect(filtered).toEqual([
      { x: 2, y: 'b' },
      { x: 7, y: 'c', z: 0.5 },
      { x: 2, y: 'b', z: null },
    ]);
    expect(sum.current).toBe(13);
    expect(df.driftCounts).toMatchObject({ added: 1, missing: 1 });
  });

  test('that no policy is for is refused by name', () => {
    expect(() => new StreamingDataFrame({ drift: 'quarantin' as never })).toThrow(
      'drift: no choice "quarantin"; did you mean "quarantine"? there are error, add-nullable, quarantine',
    );
  });
});

describe('rows with fields that the first had not', () => {
  const first = [{ x: 1 }];
  const later = [
    { x: 2, y: 'a' },
    { x: 3, y: 'b', z: 1 },
  ];

  test('are kept without them, which is counted and said once', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const df = new StreamingDataFrame();
    const rows = collected(df);
    df.emit(first);
    df.emit(later);
    df.emit(later);
    expect(rows).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }, { x: 2 }, { x: 3 }]);
    expect(df.driftCounts.ignored).toBe(6);
    expect(warn.mock.calls).toEqual([
      [
        'millrace: field "y" is not in the schema, which the first rows made, and is left out; declare a schema, or give onDrift',
      ],
      [
        'millrace: field "z" is not in the schema, which the first rows made, and is left out; declare a schema, or give onDrift',
      ],
    ]);
  });

  test('add them with add-nullable', () => {
    const df = new StreamingDataFrame({ drift: 'add-nullable' });
    const rows = collected(df);
    df.emit(first);
    df.emit(later);
    df.emit(first);
    expect(rows).toEqual([
      { x: 1 },
      { x: 2, y: 'a', z: null },
      { x: 3, y: 'b', z: 1 },
      { x: 1, y: null, z: null },
    ]);
    expect(df.driftCounts.added).toBe(2);
  });

  test('are taken as they are where a schema is declared', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    const rows = collected(df);
    df.emit(later);
    expect(rows).toEqual([{ x: 2 }, { x: 3 }]);
    expect(warn).not.toHaveBeenCalled();
    expect(df.driftCounts.ignored).toBe(0);
  });
});

describe('a first column of nothing but nulls', () => {
  test('is of type null, and of the first type that comes', () => {
    const df = new StreamingDataFrame();
    const rows = collected(df);
    const named = collected(df.filter((r) => r.k!.gt(0)));
    df.emit([{ k: 1, name: null }]);
    expect(df.schema!.fields.map(({ type }) => String(type))).toEqual(['Float64', 'Null']);
    df.emit([
      { k: 2, name: 'a' },
      { k: 3, name: null },
    ]);
    expect(df.schema!.fields.map(({ type }) => String(type))).toEqual(['Float64', 'Utf8']);
    const all = [
      { k: 1, name: null },
      { k: 2, name: 'a' },
      { k: 3, name: null },
    ];
    expect(rows).toEqual(all);
    expect(named).toEqual(all);
  });

  test('can be summed from the beginning where numbers come later', () => {
    const df = new StreamingDataFrame();
    const sum = (df as never as { x: { sum(): { current: number } } }).x.sum();
    df.emit([{ x: null }]);
    expect(sum.current).toBe(0);
    df.emit([{ x: 2.5 }, { x: null }]);
    expect(sum.current).toBe(2.5);
  });

  test('is said to be no number where something else comes', () => {
    const df = new StreamingDataFrame();
    const sum = (df as never as { x: { sum(): { current: number } } }).x.sum();
    df.emit([{ x: null }]);
    expect(() => df.emit([{ x: 'a' }])).toThrow(
      'column "x" had only nulls when this was made, was taken for float64 and is utf8; declare a schema',
    );
    expect(sum.current).toBe(0);
  });

  test('of Arrow type null takes on a type too', () => {
    const df = new StreamingDataFrame();
    const rows = collected(df);
    df.emit(recordBatch({ x: vectorFromArray([null, null], new Null()) }));
    df.emit(recordBatch({ x: vectorFromArray(['a'], new Utf8()) }));
    df.emit([{ x: 'b' }]);
    expect(rows).toEqual([{ x: null }, { x: null }, { x: 'a' }, { x: 'b' }]);
  });
});

describe("int64: 'number'", () => {
  test('gives numbers, from bytes of any size, and sums them as numbers', () => {
    const df = new StreamingDataFrame({ schema: schema({ n: int64 }), int64: 'number' });
    const rows = collected(df.filter((r) => (r.n as never as { gt(n: number): never }).gt(1)));
    const sum = df.n.sum();
    df.emit(recordBatch({ n: vectorFromArray([1n, 2n ** 53n - 1n, null], new Int64()) }));
    df.emit([{ n: 5 }]);
    expect(rows).toEqual([{ n: 2 ** 53 - 1 }, { n: 5 }]);
    expect(sum.current).toBe(2 ** 53 + 5);
  });

  test('refuses a batch with an integer beyond 2^53 and goes on', () => {
    const df = new StreamingDataFrame({ int64: 'number' });
    const rows = collected(df);
    df.emit(recordBatch({ n: vectorFromArray([1n], new Int64()) }));
    expect(() => df.emit(recordBatch({ n: vectorFromArray([0n, -(2n ** 53n) - 1n], new Int64()) }))).toThrow(
      'column "n": -9007199254740993 in row 1 is beyond 2^53 and no exact number',
    );
    expect(() => df.emit([{ n: 2n ** 60n }])).toThrow('column "n": 1152921504606846976 in row 0');
    df.emit([{ n: 2n }]);
    expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
  });
});

test('numbers beyond 2^53 that lie under a null do not count', () => {
  const data = makeData({
    type: new Int64(),
    length: 2,
    nullCount: 1,
    nullBitmap: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0),
    data: BigInt64Array.of(5n, 2n ** 62n),
  });
  const df = new StreamingDataFrame({ int64: 'number' });
  const total = df.col.x!.sum();
  df.emit(new Table({ x: new Vector([data]) }));
  expect(total.current).toBe(5);
});
