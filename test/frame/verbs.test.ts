import {
  DataType,
  Field,
  Float64,
  Int32,
  LargeList,
  List,
  makeData,
  Table,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test, vi } from 'vitest';
import {
  concatFrames,
  dictionary,
  float64,
  frameOf,
  fromTable,
  int32,
  runOn,
  StreamingDataFrame,
  schema,
  timestamp,
  toRows,
  utf8,
} from '../../src/index.ts';

const S = schema({ t: timestamp('ms'), k: utf8, x: float64, n: int32 });
type Row = { t: number | null; k: string | null; x: number | null; n: number | null };
const frame = () => new StreamingDataFrame({ schema: S, time: 't' });
const rows = (...xs: (number | null)[]): Row[] =>
  xs.map((x, i) => ({ t: 1000 * i, k: i % 2 === 0 ? 'a' : 'b', x, n: i }));

describe('columns and types', () => {
  test('round rounds float columns, or those named', () => {
    const df = frame();
    const all: unknown[] = [];
    const named: unknown[] = [];
    df.round(1)
      .select('x', 'n')
      .sink((batch) => all.push(...toRows(batch)));
    df.round({ n: -1 })
      .select('x', 'n')
      .sink((batch) => named.push(...toRows(batch)));
    df.emit([{ t: 0, k: 'a', x: 0.25, n: 15 }]);
    expect(all).toEqual([{ x: 0.2, n: 15 }]);
    expect(named).toEqual([{ x: 0.25, n: 20 }]);
    expect(() => df.round(1.5)).toThrow('round needs a whole number of decimals, got 1.5');
    expect(() => df.round({ y: 1 } as never)).toThrow('no column "y"');
  });

  test('astype casts the columns named, or all of them', () => {
    const df = frame();
    const seen: unknown[] = [];
    df.astype({ n: utf8, x: int32 })
      .select('x', 'n')
      .sink((batch) => seen.push(...toRows(batch)));
    df.select('x', 'n')
      .astype(float64)
      .sink((batch) => seen.push(...toRows(batch)));
    df.n.astype(utf8).sink((values) => seen.push(...values));
    df.emit([{ t: 0, k: 'a', x: 2, n: 15 }]);
    expect(seen).toEqual([{ x: 2, n: '15' }, { x: 2, n: 15 }, '15']);
    expect(() => df.astype({ y: int32 } as never)).toThrow('no column "y"');
    expect(() => df.astype(null as never)).toThrow('astype takes a type, or types by column');
  });

  test('dtypes gives the types by name', () => {
    const { x, k } = frame().dtypes!;
    expect([DataType.isFloat(x), DataType.isUtf8(k)]).toEqual([true, true]);
    expect(new StreamingDataFrame().dtypes).toBeUndefined();
  });

  test('toFrame makes a frame of one column, under a name', () => {
    const df = frame();
    const seen: unknown[] = [];
    df.x
      .add(1)
      .toFrame('y')
      .sink((batch) => seen.push(...toRows(batch)));
    df.x.toFrame().sink((batch) => seen.push(...toRows(batch)));
    df.emit(rows(1));
    expect(seen).toEqual([{ y: 2 }, { x: 1 }]);
    expect(() => df.x.add(1).toFrame()).toThrow('x.add(1) has no name of its own; give one');
  });

  test('pipe calls a function with the frame', () => {
    const df = frame();
    const above = (of: typeof df, limit: number) => of.filter((r) => r.x.gt(limit));
    const sum = df.pipe(above, 1).x.sum();
    df.emit(rows(1, 2, 3));
    expect(sum.current).toBe(5);
  });
});

describe('the time key', () => {
  test('is declared by setIndex, also of a computed column, and taken away by resetIndex', () => {
    const df = frame();
    const byN = df.setIndex('n').window({ value: 1 }).x.sum();
    const computed = df.assign({ m: df.n.mul(10) });
    const byM = computed.setIndex('m').window({ value: 15 }).x.sum();
    const dropped = computed.setIndex('m').select('x').window({ value: 15 }).x.sum();
    const renamed = df.rename({ n: 'q' }).setIndex('q');
    df.emit(rows(1, 2, 3));
    expect([byN.current, byM.current, dropped.current]).toEqual([3, 5, 5]);
    expect(renamed.timeKey!.toString()).toBe('q');
    expect(df.timeKey!.toString()).toBe('t');
    expect(df.select('x').timeKey).toBeUndefined();
    expect(() => df.resetIndex().window('1s').x.sum()).toThrow('needs a time key');
    expect(() => df.setIndex('z' as never)).toThrow('no column "z"');
  });
});

describe('tail', () => {
  test('is the last rows of the stream, whatever the batches', () => {
    const df = frame();
    const tail = df.tail(3);
    const each = df.batchTail(2);
    const seen: unknown[] = [];
    each.sink((batch) => seen.push(toRows(batch).map(({ x }) => x)));
    expect(toRows(tail.current!)).toEqual([]);
    df.emit(rows(1, 2, 3, 4));
    df.emit([]);
    df.emit(rows(5));
    expect(toRows(tail.current!).map(({ x }) => x)).toEqual([3, 4, 5]);
    expect(toRows(tail.sort('x', { descending: true }).current!).map(({ x }) => x)).toEqual([5, 4, 3]);
    expect(seen).toEqual([[3, 4], [], [5]]);
    expect(() => df.tail(0)).toThrow('tail needs a whole number of rows of at least 1, got 0');
    expect(() => (tail as never as typeof df).tail(1)).toThrow('needs a stream of new rows');
  });

  test('holds strings however they are encoded, and lists', () => {
    const D = schema({ k: dictionary(utf8) });
    const df = new StreamingDataFrame({ schema: D });
    const tail = df.tail(3);
    const full = df.window(3).full();
    df.emit([{ k: 'a' }, { k: 'b' }]);
    df.emit(new Table({ k: vectorFromArray(['c', 'd'], utf8) }));
    expect(toRows(tail.current!)).toEqual([{ k: 'b' }, { k: 'c' }, { k: 'd' }]);
    expect(toRows(full.current!)).toEqual([{ k: 'b' }, { k: 'c' }, { k: 'd' }]);
  });
});

describe('the content of a window', () => {
  test('is the batches that came, cut', () => {
    const df = frame();
    const full = df.window(700).full();
    const big = { t: new BigInt64Array(600), x: Float64Array.from({ length: 600 }, (_, i) => i) };
    df.emit(big);
    df.emit(big);
    const table = full.current!;
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([100, 600]);
    expect((table.batches[1]!.getChild('x')!.data[0]!.values as Float64Array).buffer).toBe(big.x.buffer);
    expect(table.get(0)!.x).toBe(500);
  });

  test('is given to a function, of frames and of columns', () => {
    const df = frame();
    const span = df.window('2s').apply((table) => table.numRows);
    const median = df.window(3).x.apply((xs) => [...xs].sort()[1]);
    const plus = df.window(2).x.add(1).full();
    const on = df.window({ value: 2, on: 'n' }).x.full();
    df.emit(rows(3, 1, 2, 5));
    expect([span.current, median.current]).toEqual([2, 2]);
    expect([...plus.current!]).toEqual([3, 6]);
    expect([...on.current!]).toEqual([2, 5]);
    expect([...df.x.full().current!]).toEqual([]);
  });
});

describe('sort', () => {
  const snapshot = (given: Row[]) => {
    const df = frame();
    const tail = df.tail(100);
    df.emit(given);
    return tail;
  };

  test('goes by several columns, each in its own direction, and is stable', () => {
    const of = snapshot([
      { t: 0, k: 'b', x: 1, n: 0 },
      { t: 0, k: 'a', x: 1, n: 1 },
      { t: 0, k: 'b', x: 2, n: 2 },
      { t: 0, k: 'a', x: 1, n: 3 },
    ]);
    const ns = (frame: { current: unknown }) => toRows(frame.current as never).map((row) => (row as Row).n);
    expect(ns(of.sort(['k', 'x'], { descending: [false, true] }))).toEqual([1, 3, 2, 0]);
    expect(ns(of.sort('x'))).toEqual([0, 1, 3, 2]);
    expect(ns(of.sort(['x', 'k'], { descending: true }))).toEqual([2, 0, 1, 3]);
  });

  test('puts NaN and null last, or first', () => {
    const of = snapshot(rows(2, null, Number.NaN, -1));
    const xs = (frame: { current: unknown }) => toRows(frame.current as never).map((row) => (row as Row).x);
    expect(xs(of.sort('x'))).toEqual([-1, 2, Number.NaN, null]);
    expect(xs(of.sort('x', { descending: true }))).toEqual([2, -1, Number.NaN, null]);
    expect(xs(of.sort('x', { nulls: 'first' }))).toEqual([Number.NaN, null, -1, 2]);
  });

  test('is refused for streams, names and options that are not there', () => {
    const of = snapshot([]);
    expect(() => (frame() as never as typeof of).sort('x')).toThrow('sort needs a snapshot');
    expect(() => of.sort('y' as never)).toThrow('no column "y"');
    expect(() => of.sort('x', { ascending: false } as never)).toThrow('sort has no option "ascending"');
    expect(() => of.sort(['x', 'k'], { descending: [true] })).toThrow('or 2 of them');
  });
});

describe('explode', () => {
  const lists = () => {
    const type = new List(new Field('item', float64, true));
    return new Table({
      k: vectorFromArray(['a', 'b', 'c', 'd'], utf8),
      xs: vectorFromArray([[1, 2], [], null, [3, null]], type),
    });
  };

  test('gives a row for each element, and one for none', () => {
    const df = new StreamingDataFrame({ schema: lists().schema });
    const seen: unknown[] = [];
    const sum = df.explode('xs').groupby('k').xs.sum();
    df.explode('xs').sink((batch) => seen.push(...toRows(batch)));
    df.emit(lists());
    df.emit(lists().slice(2, 4));
    const rest = [
      { k: 'c', xs: null },
      { k: 'd', xs: 3 },
      { k: 'd', xs: null },
    ];
    expect(seen).toEqual([{ k: 'a', xs: 1 }, { k: 'a', xs: 2 }, { k: 'b', xs: null }, ...rest, ...rest]);
    expect(toRows(sum.current!)).toContainEqual({ k: 'd', xs: 6 });
  });

  test('may leave them out, and refuses what is no list', () => {
    const df = new StreamingDataFrame({ schema: lists().schema });
    const count = df.explode('xs', { empty: 'drop' }).numRows();
    df.emit(lists());
    expect(count.current).toBe(4);
    expect(() => df.explode('k')).toThrow('explode: "k" is utf8, no list');
    expect(() => df.explode('xs', { empty: 'skip' as never })).toThrow("empty must be 'null' or 'drop'");
  });
});

describe('code of your own on batches', () => {
  test('runs once per batch, and its output is typed and checked', () => {
    const df = frame();
    let calls = 0;
    const lengths = df.mapPartitions(
      (batch) => {
        calls++;
        return [{ rows: batch.numRows }];
      },
      { schema: schema({ rows: int32 }) },
    );
    const sum = lengths.rows.sum();
    const max = lengths.rows.max();
    df.emit(rows(1, 2));
    df.emit(rows(1));
    expect([sum.current, max.current, calls]).toEqual([3, 2, 2]);
    const bad = df.mapPartitions(() => [{ rows: 'no' }], { schema: schema({ rows: int32 }) });
    bad.rows.sum();
    expect(() => df.emit(rows(1))).toThrow('mapPartitions: 1 row(s) do not fit: row 0, column "rows"');
  });

  test('what it throws, or gives beside batches, names it', () => {
    const df = frame();
    const thrower = df.mapPartitions(function broken(): never {
      throw new Error('boom');
    });
    const stop = thrower.sink(() => {});
    expect(() => df.emit(rows(1))).toThrow('mapPartitions(broken) threw: boom');
    stop.dispose();
    df.mapPartitions((async () => []) as never).sink(() => {});
    expect(() => df.emit(rows(1))).toThrow(
      'must give a record batch, a table, rows or columns, got a promise',
    );
  });

  test('accumulates a state, which stays where it throws', () => {
    const df = frame();
    const numbered = df.accumulatePartitions(
      (seen: number, batch) => {
        if (batch.numRows === 0) throw new Error('nothing');
        return [seen + batch.numRows, { seen: [seen] }];
      },
      { start: 0, example: { seen: 1 } },
    );
    df.emit(rows(1, 2));
    const out: unknown[] = [];
    numbered.seen.sink((values) => out.push(...values));
    expect(() => df.emit([])).toThrow('nothing');
    df.emit(rows(1));
    df.emit(rows(1));
    expect(out).toEqual([2, 3]);
  });
});

describe('frameOf', () => {
  test('of one stream is one plan', () => {
    const df = frame();
    const glued = new StreamingDataFrame({ a: df.x, b: df.rename({ n: 'q' }).q.add(1) });
    const named = frameOf({ a: df.x.sub(df.x.mean()), k: df.k });
    const seen: unknown[] = [];
    glued.sink((batch) => seen.push(...toRows(batch)));
    named.sink((batch) => seen.push(...toRows(batch)));
    df.emit(rows(1, 3));
    expect(seen).toContainEqual({ a: 3, b: 2 });
    expect(seen).toContainEqual({ a: -1, k: 'a' });
    expect(glued.window('1s').a.sum().current).toBe(0);
    expect(() => frameOf({ a: df.x, b: df.filter(df.x.gt(0)).x })).toThrow('they are filtered differently');
  });

  test('of several goes batch by batch, and names the batch whose lengths differ', () => {
    const df = frame();
    const other = df.mapPartitions((batch) => (batch.numRows === 3 ? [] : [...batch].map(() => ({ y: 7 }))), {
      schema: schema({ y: int32 }),
    });
    const seen: unknown[] = [];
    frameOf({ x: df.x, y: other.y }).sink((batch) => seen.push(...toRows(batch)));
    df.emit(rows(1));
    expect(() => df.emit(rows(1, 2, 3))).toThrow('frameOf: in batch 1, "x" has 3 rows and "y" has 0');
    df.emit(rows(5));
    expect(seen).toEqual([
      { x: 1, y: 7 },
      { x: 5, y: 7 },
    ]);
  });

  test('leaves out a batch of which a part has failed', () => {
    const df = frame();
    const other = df.mapPartitions(
      (batch) => {
        if (batch.numRows === 2) throw new Error('two');
        return { y: new Int32Array(batch.numRows) };
      },
      { schema: schema({ y: int32 }) },
    );
    const seen: unknown[] = [];
    frameOf({ x: df.x, y: other.y }).sink((batch) => seen.push(toRows(batch).map(({ x }) => x)));
    df.emit(rows(1));
    expect(() => df.emit(rows(2, 2))).toThrow('two');
    df.emit(rows(3));
    expect(seen).toEqual([[1], [3]]);
  });

  test('of different sources is refused', () => {
    expect(() => frameOf({ a: frame().x, b: frame().x })).toThrow('"a" and "b" come from different sources');
    expect(() => frameOf({})).toThrow('frameOf needs at least one column');
    expect(() => frameOf({ a: 1 as never })).toThrow('"a" is no column of a frame');
  });
});

describe('results by groups with each other', () => {
  test('go key by key, and null where one has no such key', () => {
    const df = frame();
    const mean = df.groupby('k').x.sum().div(df.groupby('k').x.count());
    const part = df.filter(df.k.eq('a')).groupby('k').x.sum();
    const less = part.sub(df.groupby('k').x.sum());
    const seen: unknown[] = [];
    const share = df.groupby('k').x.sum().div(df.x.sum()).round(2);
    mean.sink((batch) => seen.push(toRows(batch)));
    df.emit(rows(1, 2, 3));
    expect(seen).toEqual([
      [
        { k: 'a', x: 2 },
        { k: 'b', x: 2 },
      ],
    ]);
    expect(toRows(less.current!)).toEqual([
      { k: 'a', x: 0 },
      { k: 'b', x: null },
    ]);
    expect(toRows(mean.sub(1).round(0).current!)).toEqual([
      { k: 'a', x: 1 },
      { k: 'b', x: 1 },
    ]);
    expect(toRows(share.current!)).toEqual([
      { k: 'a', x: 0.67 },
      { k: 'b', x: 0.33 },
    ]);
  });

  test('are refused for rows, and for other keys', () => {
    const df = frame();
    const sums = df.groupby('k').x.sum();
    expect(() => df.add(df as never)).toThrow('rows of streams are not computed with each other');
    expect(() => sums.add(df.groupby('n').x.sum())).toThrow('the groups are by k and by n');
    expect(() => sums.select('x').add(sums)).toThrow('only results by groups that have their keys');
  });
});

describe('union', () => {
  test('gives the rows of all as they come, columns by name', () => {
    const [a, b] = [frame(), frame()];
    const both = a.union(b.select('x', 'n', 'k', 't') as never);
    const seen: unknown[] = [];
    const sum = both.window('10s').x.sum();
    both.sink((batch) => seen.push(...toRows(batch).map(({ k, x }) => [k, x])));
    a.emit(rows(1));
    b.emit(rows(2));
    a.emit(rows(3));
    expect(seen).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
    ]);
    expect(sum.current).toBe(6);
    expect(() => concatFrames(a.select('x'), b.select('n') as never)).toThrow(
      'frame 2 differs from the others',
    );
    expect(() => a.union(a.tail(1) as never)).toThrow('union needs streams of new rows');
  });
});

function fromTableBatch() {
  const df = frame();
  const full = df.window(9).full();
  df.emit(rows(1, 2, 3));
  return full.current!.batches;
}

describe('fromTable', () => {
  test('runs the same steps over a table, and ends', async () => {
    const given = rows(1, 2, 3, 4, 5);
    const df = fromTable(given, { schema: S, time: 't', batchSize: 2 });
    const results = [df.x.sum(), df.groupby('k').x.sum(), df.filter((r) => r.x.gt(3))] as const;
    const [sum, sums, above] = await Promise.all([
      results[0].collect(),
      results[1].collect(),
      results[2].collect(),
    ]);
    expect(sum).toBe(15);
    expect(toRows(sums)).toEqual([
      { k: 'a', x: 9 },
      { k: 'b', x: 6 },
    ]);
    expect(above.batches.length).toBeGreaterThan(1);
    expect(toRows(above).map(({ x }) => x)).toEqual([4, 5]);
    const again = fromTable(above, { time: 't', batchSize: 1 });
    expect(await again.window('1s').x.max().collect()).toBe(5);
    const columns = fromTable({ x: [1, 2, 3] }, { batchSize: 2 });
    expect(await columns.x!.sum().collect()).toBe(6);
    expect(await fromTable([], { schema: S }).x.sum().collect()).toBe(0);
    expect((await fromTable(new Table(S)).collect()).numRows).toBe(0);
    expect(() => fromTable([], { batchSize: 0 })).toThrow('batchSize must be a whole number');
  });

  test('refuses to collect what has gone by', async () => {
    const df = fromTable(rows(1, 2), { schema: S });
    const sum = df.x.sum();
    expect(await sum.collect()).toBe(3);
    expect(await sum.collect()).toBe(3);
    await expect(df.collect()).rejects.toThrow('the source had ended before this was made');
    await expect(df.x.sum().collect()).rejects.toThrow('the source had ended before');
    await expect(df.groupby('k').x.sum().collect()).rejects.toThrow('the source had ended before');
  });

  test('a batch that fails ends it as failed: a part is not the whole', async () => {
    const given = [{ k: '1' }, { k: 'q' }, { k: '3' }];
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const total = runOn(given, (df) => df.k!.cast(int32).sum(), { batchSize: 1 });
    await expect(total).rejects.toThrow('"q" in row 0 does not fit int32');
    const cast = runOn(given, (df) => df.assign({ n: df.k!.cast(int32) }), { batchSize: 1 });
    await expect(cast).rejects.toThrow('"q" in row 0 does not fit int32');
    expect(report).not.toHaveBeenCalled();
    const frame = fromTable(given, { batchSize: 1 });
    await expect(frame.assign({ n: frame.k!.cast(int32) }).collect()).rejects.toThrow('"q" in row 0');
    report.mockRestore();
  });

  test('runOn runs a pipeline of its own each time', async () => {
    const table = new Table(S, fromTableBatch());
    for (let i = 0; i < 2; i++) {
      expect(await runOn(table, (df) => df.x.sum(), { batchSize: 1 })).toBe(6);
      const top = await runOn(table, (df) => df.groupby('k').nlargest(1, 'x'));
      expect(toRows(top).map(({ k, x }) => [k, x])).toEqual([
        ['a', 3],
        ['b', 2],
      ]);
    }
    await expect(runOn(table, (df) => df.filter(((r: { k: unknown }) => r.k) as never))).rejects.toThrow(
      'expected a bool column',
    );
  });

  test('says what failed', async () => {
    const df = fromTable(rows(1), { schema: S });
    await expect(
      df
        .mapPartitions(() => {
          throw new Error('boom');
        })
        .collect(),
    ).rejects.toThrow('boom');
  });
});

describe('columns that are new while a plan runs', () => {
  const numbers = (...xs: number[]) => vectorFromArray(xs, new Float64());
  const lists = () => vectorFromArray([[1, 2]], new List(new Field('item', new Int32(), true)));

  test('are left out of what explode and union give', () => {
    const df = new StreamingDataFrame({ drift: 'add-nullable' });
    const seen: unknown[] = [];
    df.explode('l' as never).sink((batch) => seen.push(...toRows(batch as never)));
    concatFrames(df.select('x'), df.select('x')).sink((batch) => seen.push(batch.numRows));
    concatFrames(
      df,
      df.filter((r) => r.x!.lt(0)),
    ).sink((batch) => seen.push(batch.numCols));
    df.emit(new Table({ x: numbers(1), l: lists() }));
    df.emit(new Table({ x: numbers(2), l: lists(), n: numbers(7) }));
    expect(seen).toEqual([
      { x: 1, l: 1 },
      { x: 1, l: 2 },
      ...[1, 1, 2, 2],
      { x: 2, l: 1 },
      { x: 2, l: 2 },
      ...[1, 1, 2, 2],
    ]);
  });

  test('explode takes lists with large offsets', async () => {
    const { data } = lists();
    const large = makeData({
      type: new LargeList(new Field('item', new Int32(), true)),
      length: 3,
      nullCount: 0,
      valueOffsets: BigInt64Array.of(0n, 1n, 1n, 2n),
      child: data[0]!.children[0]!,
    } as never);
    const table = new Table({ x: numbers(1, 2, 3), l: new Vector([large]) });
    const exploded = await runOn(table.slice(1), (df) => df.explode('l' as never));
    expect(exploded.batches.flatMap((batch) => toRows(batch as never))).toEqual([
      { x: 2, l: null },
      { x: 3, l: 2 },
    ]);
  });

  test('nlargest gives any number of rows', () => {
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    const top = df.nlargest(200_000, 'x');
    df.emit({ x: Float64Array.from({ length: 200_000 }, (_, i) => i) });
    expect(top.current!.numRows).toBe(200_000);
  });

  test('rename takes names only', () => {
    expect(() => frame().rename({ x: 5 } as never)).toThrow(
      'rename: the new name of "x" must be a string, got 5',
    );
    expect(() => frame().rename(null as never)).toThrow('rename takes names by column');
  });
});
