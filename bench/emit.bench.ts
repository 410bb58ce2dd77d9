import { map, Subject, scan } from 'rxjs';
import { Stream } from '../src/stream.ts';
import type { BenchCase } from './bench.ts';

const elements = 100_000;
const numbers = Array.from({ length: elements }, (_, i) => i % 1000);
const inc = (x: number): number => x + 1;
const add = (total: number, x: number): number => total + x;

/** A sum that the end of a graph adds to. */
class Total {
  value = 0;
  readonly take = (x: number): void => {
    this.value += x;
  };
}

/** Emits all numbers one after the other and gives the sum of what came out. */
const feed = (emit: (x: number) => unknown, total: Total): number => {
  total.value = 0;
  for (let i = 0; i < elements; i++) emit(numbers[i]!);
  return total.value;
};

interface Shape {
  readonly title: string;
  readonly ours: (source: Stream<number>, take: (x: number) => void) => void;
  readonly theirs: (source: Subject<number>, take: (x: number) => void) => void;
  /** The same sum by a loop. */
  readonly limit: () => number;
}

const inc10 = [map(inc), map(inc), map(inc), map(inc), map(inc)] as const;

const shapes: readonly Shape[] = [
  {
    title: 'source, sink',
    ours: (source, take) => source.sink(take),
    theirs: (source, take) => source.subscribe(take),
    limit: () => sumOf((x) => x),
  },
  {
    title: 'map, accumulate, map, sink',
    ours: (source, take) => source.map(inc).accumulate(add, { start: 0 }).map(mod).sink(take),
    theirs: (source, take) => source.pipe(map(inc), scan(add, 0), map(mod)).subscribe(take),
    limit: () => {
      let total = 0;
      return sumOf((x) => {
        total += x + 1;
        return mod(total);
      });
    },
  },
  {
    title: '10 maps, sink',
    ours: (source, take) => {
      let stream = source;
      for (let i = 0; i < 10; i++) stream = stream.map(inc);
      stream.sink(take);
    },
    theirs: (source, take) =>
      source
        .pipe(...inc10)
        .pipe(...inc10)
        .subscribe(take),
    limit: () => sumOf((x) => x + 10),
  },
  {
    title: '100 sinks',
    ours: (source, take) => {
      for (let i = 0; i < 100; i++) source.sink(take);
    },
    theirs: (source, take) => {
      for (let i = 0; i < 100; i++) source.subscribe(take);
    },
    limit: () => sumOf((x) => 100 * x),
  },
];

function mod(x: number): number {
  return x % 1000;
}

function sumOf(fn: (x: number) => number): number {
  let total = 0;
  for (let i = 0; i < elements; i++) total += fn(numbers[i]!);
  return total;
}

export const cases: readonly BenchCase[] = shapes.map(({ title, ours, theirs, limit }) => {
  const total = new Total();
  const source = new Stream<number>();
  ours(source, total.take);
  const observed = new Total();
  const subject = new Subject<number>();
  theirs(subject, observed.take);
  return {
    title: `${elements.toLocaleString('en')} elements, one at a time: ${title}`,
    amount: elements,
    unit: 'element',
    limit,
    ours: () => feed((x) => source.emit(x), total),
    rivals: { rxjs: () => feed((x) => subject.next(x), observed) },
  };
});
