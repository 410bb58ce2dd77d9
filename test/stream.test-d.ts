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
