import { tableFromArrays } from 'apache-arrow';
import { expect, test } from 'vitest';
import { toColumns } from '../src/columnar/columns.ts';
import { sleep } from '../src/core/clock.ts';
import { RefCounter } from '../src/core/metadata.ts';
import { fromIterable } from '../src/sources/from-iterable.ts';
import { Stream } from '../src/stream.ts';
import { settle, VirtualClock } from '../src/testing/index.ts';

const inc = (x: number): number => x + 1;
const dec = (x: number): number => x - 1;

test('D5-03: accumulate; a state that differs from the result', () => {
  const source = new Stream<number>();
  const totals = source.accumulate((a, x) => a + x).sinkToList();
  for (const x of [1, 2, 3, 4]) source.emit(x);
  expect(totals).toEqual([1, 3, 6, 10]);

  const words = new Stream<string>();
  const counts = words
    .accumulate(
      (seen, word) => {
        seen.add(word);
        return [seen, seen.size] as const;
      },
      { start: new Set<string>(), returnsState: true },
    )
    .sinkToList();
  for (const word of ['cat', 'dog', 'cat', 'ant']) words.emit(word);
  expect(counts).toEqual([1, 2, 2, 3]);
});

test('D5-04: a sliding window of elements', () => {
  const source = new Stream<number>();
  const list = source.slidingWindow(3, { returnPartial: false }).sinkToList();
  for (const x of [1, 2, 3, 4, 5]) source.emit(x);
  expect(list).toEqual([
    [1, 2, 3],
    [2, 3, 4],
    [3, 4, 5],
  ]);
});

test('D5-06: zip', () => {
  const source = new Stream<number>();
  const [a, b] = [source.map(inc), source.map(dec)];
  const list = a
    .zip(b)
    .map(([x, y]) => x + y)
    .sinkToList();
  source.emit(10);
  expect(list).toEqual([20]);
});

test('D5-09: a feedback loop that reads every page of a site once', () => {
  const site = new Map([
    ['/', ['/a', '/b']],
    ['/a', ['/', '/c']],
    ['/b', ['/c']],
    ['/c', ['/']],
  ]);
  const urls = new Stream<string>();
  const pages = urls.unique();
  const read = pages.sinkToList();
  const links = pages.map((url) => site.get(url)!).flatten();
  links.connect(urls);
  urls.emit('/');
  expect(read).toEqual(['/', '/a', '/b', '/c']);
});

test('a loop through an asynchronous node is over when the reference counter of its first element says so', async () => {
  const clock = new VirtualClock();
  const site = (x: number): number[] => [2 * x, 2 * x + 1, 2 * x].filter((y) => y < 64);
  const urls = new Stream<number>({ clock });
  const pages = urls.unique();
  const links = pages
    .mapAsync((x) => sleep(clock, (x * 7) % 13).then(() => site(x)), { parallelism: 4 })
    .flatten();
  links.connect(urls);
  const read = pages.sinkToList();
  let readThen = -1;
  const onDone = (): void => {
    readThen = read.length;
    urls.dispose();
  };
  void urls.emit(1, { metadata: [{ ref: new RefCounter({ onDone }) }] });
  await clock.advance('10s');
  expect(readThen).toBe(63);
  expect(new Set(read).size).toBe(63);
  expect(clock.timers).toBe(0);
});

test('D5-10: frames through a plain stream', () => {
  const readCsv = (text: string) => {
    const [, ...lines] = text.trim().split('\n');
    return tableFromArrays({ value: Float64Array.from(lines, Number) }).batches[0]!;
  };
  const files = new Stream<string>();
  const totals = files
    .map(readCsv)
    .map((t) => toColumns(t).value.sum())
    .accumulate((x, y) => x + y)
    .sinkToList();
  files.emit('value\n1\n2\n');
  files.emit('value\n');
  files.emit('value\n4.5\n');
  expect(totals).toEqual([3, 3, 7.5]);
});

test('D5-12: collect and flush', () => {
  const [s1, s2] = [new Stream<number>(), new Stream<string>()];
  const c = s1.collect();
  const list = c.sinkToList();
  s2.sink(() => c.flush());
  for (const x of [1, 2]) s1.emit(x);
  s2.emit('now');
  s2.emit('now');
  expect(list).toEqual([[1, 2], []]);
});

test('D5-12: partition with timeout and key, unique, pluck, starmap', async () => {
  const clock = new VirtualClock();
  const source = new Stream<number>({ clock });
  const timed = source.partition(5, { timeout: '1s' }).sinkToList();
  const keyed = source.partition(2, { key: (x) => x % 2 }).sinkToList();
  const changes = source.unique({ maxsize: 1 }).sinkToList();
  for (const x of [1, 2, 2, 3]) source.emit(x);
  await clock.advance('1s');
  expect([timed, keyed, changes]).toEqual([
    [[1, 2, 2, 3]],
    [
      [2, 2],
      [1, 3],
    ],
    [1, 2, 3],
  ]);

  const rows = new Stream<{ name: string; x: number }>();
  const names = rows.pluck('name').sinkToList();
  rows.emit({ name: 'Alice', x: 1 });
  const tuples = new Stream<[number, string, boolean, number]>();
  const picked = tuples.pluck([0, 3]);
  const sums = picked.starmap((x, y) => x + y).sinkToList();
  const pairs = picked.sinkToList();
  tuples.emit([1, 'a', true, 4]);
  expect([names, pairs, sums]).toEqual([['Alice'], [[1, 4]], [5]]);
});

test('D5-12: zipLatest, combineLatest', () => {
  const [p, q] = [new Stream<number>(), new Stream<string>()];
  const lossless = p.zipLatest(q).sinkToList();
  const latest = p.combineLatest(q, { emitOn: p }).sinkToList();
  p.emit(1);
  q.emit('x');
  p.emit(2);
  q.emit('y');
  expect([lossless, latest]).toEqual([
    [
      [1, 'x'],
      [2, 'x'],
    ],
    [[2, 'x']],
  ]);
});

const lines = [
  { name: 'Alice', x: 1, y: 2 },
  { name: 'Bob', x: 1, y: 9 },
  { name: 'Alice', x: 1, y: 4 },
  { name: 'Alice', x: 2, y: 7 },
].map((row) => JSON.stringify(row));

test('D5-40: batches of lines as a frame', async () => {
  const source = fromIterable(lines);
  const records = source
    .partition(3)
    .toBatch()
    .map((text) => JSON.parse(text) as { name: string; x: number; y: number });
  const f = records.toDataFrame({ example: { name: 'Alice', x: 1, y: 2 } });
  const alice = f.filter(f.name.eq('Alice'));
  const means = alice.groupby(alice.x).y.mean();
  const d = means.stream.sinkToList({ max: 10 });
  await source.done;
  await settle();
  expect(d.map((batch) => batch.toArray().map((row) => row.toJSON()))).toEqual([
    [{ x: 1, y: 3 }],
    [
      { x: 1, y: 3 },
      { x: 2, y: 7 },
    ],
  ]);
});

test('D5-41: a running total of one field of lines', async () => {
  const source = fromIterable(['{"value":1}', '{"value":2}', '{"value":4}']);
  const list = source
    .map((text) => JSON.parse(text) as { value: number })
    .pluck('value')
    .accumulate((a, x) => a + x)
    .sinkToList();
  await source.done;
  expect(list).toEqual([1, 3, 7]);
});
