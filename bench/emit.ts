// What one element costs on its way through the graph, beside RxJS.
import { map, Subject, scan } from 'rxjs';
import { Stream } from '../src/stream.ts';

export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: string;
}

const elements = 1_000_000;
const rounds = 7;

const inc = (x: number): number => x + 1;
const add = (total: number, x: number): number => total + x;
let last = 0;
const keep = (x: number): void => {
  last = x;
};

const pairs: [name: string, ours: () => (x: number) => void, theirs: () => (x: number) => void][] = [
  [
    'emit: source to sink',
    () => {
      const source = new Stream<number>();
      source.sink(keep);
      return (x) => void source.emit(x);
    },
    () => {
      const source = new Subject<number>();
      source.subscribe(keep);
      return (x) => source.next(x);
    },
  ],
  [
    'emit: map, accumulate, sink',
    () => {
      const source = new Stream<number>();
      source.map(inc).accumulate(add).sink(keep);
      return (x) => void source.emit(x);
    },
    () => {
      const source = new Subject<number>();
      source.pipe(map(inc), scan(add)).subscribe(keep);
      return (x) => source.next(x);
    },
  ],
  [
    'emit: 10 maps, sink',
    () => {
      const source = new Stream<number>();
      let stream = source;
      for (let i = 0; i < 10; i++) stream = stream.map(inc);
      stream.sink(keep);
      return (x) => void source.emit(x);
    },
    () => {
      const source = new Subject<number>();
      const inc10 = [map(inc), map(inc), map(inc), map(inc), map(inc)] as const;
      source
        .pipe(...inc10)
        .pipe(...inc10)
        .subscribe(keep);
      return (x) => source.next(x);
    },
  ],
];

/** Nanoseconds per element: the best of several rounds, ours and theirs in turn. */
export function run(): Row[] {
  const rows: Row[] = [];
  const emitters = pairs.map(([name, ours, theirs]) => ({ name, ours: ours(), theirs: theirs() }));
  for (const { ours, theirs } of emitters) for (const emit of [ours, theirs]) nanoseconds(emit);
  for (const { name, ours, theirs } of emitters) {
    const best = { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY };
    for (let round = 0; round < rounds; round++) {
      best.ours = Math.min(best.ours, nanoseconds(ours));
      best.theirs = Math.min(best.theirs, nanoseconds(theirs));
    }
    rows.push({ name, ...best, unit: 'ns per element' });
  }
  if (!(last > 0)) throw new Error('no element arrived');
  return rows;
}

function nanoseconds(emit: (x: number) => void): number {
  const begin = performance.now();
  for (let i = 0; i < elements; i++) emit(i);
  return ((performance.now() - begin) * 1e6) / elements;
}
