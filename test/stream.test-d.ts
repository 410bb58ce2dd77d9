// Checked by tsc, never run: what the compiler infers, and what it refuses.
import { seconds } from '../src/core/duration.ts';
import { PassNode } from '../src/core/node.ts';
import type { NodeMetrics } from '../src/graph/observer.ts';
import { Stream } from '../src/stream.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <A, B>(_: Equal<A, B>): void => {};

const numbers = new Stream<number>();
const words = new Stream<string>();
const mixed = new Stream<number | string>();

const lengths = words.map((word) => word.length);
is<typeof lengths, Stream<number>>(true);

const narrowed = mixed.filter((value) => typeof value === 'string');
is<typeof narrowed, Stream<string>>(true);
const guarded = mixed.filter((value): value is number => typeof value === 'number');
is<typeof guarded, Stream<number>>(true);
const truthy = mixed.filter((value) => value);
is<typeof truthy, Stream<number | string>>(true);
// @ts-expect-error a promise is always truthy
mixed.filter(async (value) => value === 1);
// @ts-expect-error a promise is always truthy
mixed.remove(async (value) => value === 1);
mixed.filter((value): unknown => value).remove((value): unknown => value);

const sums = numbers.accumulate((a, x) => a + x);
is<typeof sums, Stream<number>>(true);
const lines = numbers.accumulate((text, x) => `${text} ${x}`, { start: '' });
is<typeof lines, Stream<string>>(true);
const distinct = words.accumulate((seen, word) => [seen.add(word), seen.size] as const, {
  start: new Set<string>(),
  returnsState: true,
});
is<typeof distinct, Stream<number>>(true);
const startless = numbers.accumulate((last, x): [number, string] => [x, `${x - last}`], {
  returnsState: true,
});
is<typeof startless, Stream<number | string>>(true);

const both = numbers.union(words, new Stream<boolean>());
is<typeof both, Stream<number | string | boolean>>(true);

const fetched = words.mapAsync(async (word, { signal }) => (signal.aborted ? 0 : word.length), {
  parallelism: 2,
});
is<typeof fetched, Stream<number>>(true);
const plain = words.mapAsync((word) => word.length, { onError: { retry: 2, otherwise: 'skip' } });
is<typeof plain, Stream<number>>(true);
const windows = words.timedWindow(seconds(2), { empty: true });
is<typeof windows, Stream<string[]>>(true);
const distinctWords = words.timedWindowUnique('1s', { key: (word) => word.length, keep: 'last' });
is<typeof distinctWords, Stream<string[]>>(true);
const calm = words
  .buffer({ maxBytes: 100, sizeOf: (word) => word.length, overflow: 'keepLatest' })
  .latest()
  .delay('1s', { maxsize: 2 })
  .throttle('1s')
  .debounce('1s')
  .sample('1s')
  .dedupe({ within: '1s', key: (word) => word.length })
  .tail(3);
is<typeof calm, Stream<string>>(true);
// @ts-expect-error: a bare number has no unit
numbers.delay(10);
// @ts-expect-error: no such policy
numbers.buffer({ size: 1, overflow: 'drop' });

const list = numbers.buffer(3).rateLimit('1s').sinkToList();
is<typeof list, number[]>(true);

numbers.connect(mixed);
numbers.connect(new Stream<unknown>());
// @ts-expect-error: a stream of strings does not take numbers
mixed.connect(words);
// @ts-expect-error: neither does emit
words.emit(1);
// @ts-expect-error: nor the function below it
numbers.map((x: string) => x);
// @ts-expect-error: a duration has a unit
numbers.rateLimit(10);
// @ts-expect-error: the state is a number, as the start says
numbers.accumulate((a, x) => `${a}${x}`, { start: 0 });

const reading = async (): Promise<void> => {
  for await (const value of numbers) is<typeof value, number>(true);
};
void reading;

const pairs = new Stream<[number, string]>();
const tuple: [Stream<[number, string, boolean]>, Stream<[number, ...string[]]>] = [
  numbers.zip(words, new Stream<boolean>()),
  numbers.zip(...[words, words]),
];
void tuple;
const zipped = numbers.zip(words, new Stream<boolean>());
for await (const value of zipped) is<typeof value, [number, string, boolean]>(true);
const withLiteral = numbers.zip('literal', words, { maxsize: 3 });
for await (const value of withLiteral) is<typeof value, [number, string, string]>(true);
const withObject = numbers.zip(words, { deep: 1 });
for await (const value of withObject) is<typeof value, [number, string, { deep: number }]>(true);
const lagging = zipped.lagging;
is<typeof lagging, string[]>(true);
const latest = numbers.combineLatest(words, pairs, { emitOn: words });
is<typeof latest, Stream<[number, string, [number, string]]>>(true);
const lossless = numbers.zipLatest(words);
is<typeof lossless, Stream<[number, string]>>(true);
// @ts-expect-error: only streams can be combined
numbers.combineLatest(7);

const repeated = pairs.starmap((n, word) => word.repeat(n));
is<typeof repeated, Stream<string>>(true);
// @ts-expect-error: numbers are no arguments
numbers.starmap((x: number) => x);
// @ts-expect-error: the second argument is a string
pairs.starmap((n: number, m: number) => n + m);

const rows = new Stream<{ name: string; x: number }>();
const names = rows.pluck('name');
is<typeof names, Stream<string>>(true);
const picked = rows.pluck(['x', 'name']);
is<typeof picked, Stream<[number, string]>>(true);
const second = pairs.pluck(1);
is<typeof second, Stream<string>>(true);
// @ts-expect-error: there is no such field
rows.pluck('y');

const characters = words.flatten();
is<typeof characters, Stream<string>>(true);
const entries = new Stream<Map<string, number>>().concat();
is<typeof entries, Stream<[string, number]>>(true);
// @ts-expect-error: a number has no elements
numbers.flatten();

const states = numbers.scan((text, x) => `${text}${x}`, { start: '', withState: true });
is<typeof states, Stream<[state: string, result: string]>>(true);
const means = numbers.accumulate((n: number, x) => [n + 1, String(x)] as const, {
  start: 0,
  returnsState: true,
  withState: true,
});
is<typeof means, Stream<[state: number, result: string]>>(true);

const timedWindows = numbers.slidingWindow(3).partition(2);
is<typeof timedWindows, Stream<number[][]>>(true);
const counts = words.frequencies();
is<typeof counts, Stream<Map<string, number>>>(true);
rows.partition(2, { key: 'name', timeout: '1s' });
rows.unique({ key: (row) => row.x });
// @ts-expect-error: there is no such field
rows.partition(2, { key: 'y' });
// @ts-expect-error: a duration has a unit
rows.partition(2, { timeout: 1 });

const collected = words.collect();
void collected.flush();
is<typeof collected extends Stream<string[]> ? true : false, true>(true);

const records = words
  .partition(100)
  .toBatch()
  .map((text) => JSON.parse(text) as { name: string; x: number });
const totals = records.pluck('x').sum();
is<typeof totals, Stream<number>>(true);
// @ts-expect-error: records have no sum
records.sum();
const frame = records.toDataFrame({ example: { name: 'Alice', x: 1 } });
frame.filter(frame.name.eq('Alice')).x.sum();
// @ts-expect-error: a name is text
frame.name.gt(5);
// @ts-expect-error: the example has no such column
frame.y;
const elements = records.toStream();
is<typeof elements, Stream<{ name: string; x: number }>>(true);

const picture = numbers.visualize({ rankdir: 'TB', live: '1s' });
is<typeof picture, SVGSVGElement>(true);
// @ts-expect-error: pictures run left to right or top to bottom
numbers.visualize({ rankdir: 'RL' });
const figures = numbers.metrics();
is<typeof figures, Stream<readonly NodeMetrics[]>>(true);
figures.toDataFrame();

Stream.registerApi('twice', class extends PassNode<number> {});
Stream.registerApi('half', (stream: Stream<number>, by: number) => stream.map((x) => x / by), {
  static: false,
});
// @ts-expect-error: neither a class of nodes nor a function
Stream.registerApi('five', 5);
