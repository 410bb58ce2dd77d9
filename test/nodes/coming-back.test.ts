import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { Stream } from '../../src/stream.ts';
import { VirtualClock } from '../../src/testing/index.ts';

describe('a stream connected above a node that has ended', () => {
  test.each([
    ['flatten', (stream: Stream<number>) => stream.map((x) => [x]).flatten()],
    ['partition', (stream: Stream<number>) => stream.partition(2).flatten()],
    ['partitionUnique', (stream: Stream<number>) => stream.partitionUnique(2).flatten()],
    ['collect', (stream: Stream<number>) => stream.collect().flatten()],
    ['buffer', (stream: Stream<number>) => stream.buffer(2)],
    ['rateLimit', (stream: Stream<number>) => stream.rateLimit('1ms')],
  ])('lets a %s go on, and end once more when that stream does', async (_, build) => {
    const clock = new VirtualClock();
    const [first, second] = [new Stream<number>({ clock }), new Stream<number>({ clock })];
    const all = first.union();
    const below = build(all);
    const seen: number[] = [];
    below.sink((x) => {
      seen.push(x);
      return sleep(clock, 10);
    });
    void first.emit(1);
    first.dispose(); // what was held back is still under way
    second.connect(all);
    await clock.advance('1s');
    void second.emit(2);
    await clock.advance('1s');
    expect(below.node.ended).toBe(false);
    second.dispose();
    await clock.advance('1s');
    expect([below.node.ended, seen]).toEqual([true, [1, 2]]);
  });

  test.each([
    ['zip', (a: Stream<number>, b: Stream<number>): Stream<unknown> => a.zip(b)],
    ['combineLatest', (a: Stream<number>, b: Stream<number>): Stream<unknown> => a.combineLatest(b)],
    ['zipLatest', (a: Stream<number>, b: Stream<number>): Stream<unknown> => a.zipLatest(b)],
  ])('is left by a %s that was over', (_, join) => {
    const [a, b, late] = [new Stream<number>(), new Stream<number>(), new Stream<number>()];
    const joined = join(a, b);
    const below = joined.union();
    below.sinkToList();
    a.dispose();
    expect(below.node.ended).toBe(true);
    late.connect(joined);
    expect([below.node.ended, late.node.downstreams]).toEqual([true, []]);
  });
});

describe('a stream that is disconnected', () => {
  test.each([
    ['union', (a: Stream<number>, b: Stream<number>): Stream<unknown> => a.union(b)],
    ['combineLatest', (a: Stream<number>, b: Stream<number>): Stream<unknown> => a.combineLatest(b)],
  ])('leaves a %s ended whose other streams have', (_, join) => {
    const [a, b] = [new Stream<number>(), new Stream<number>()];
    const both = join(a.slice({ end: 1 }), b);
    both.sinkToList();
    a.emit(1);
    expect(both.node.ended).toBe(false);
    b.disconnect(both);
    expect(both.node.ended).toBe(true);
  });

  test.each([
    ['zip', (a: Stream<number>, b: Stream<number>) => a.zip(b), (s: Stream<number>) => s],
    [
      'zip of an ended stream',
      (a: Stream<number>, b: Stream<number>) => b.zip(a),
      (s: Stream<number>) => s.slice({ end: 1 }),
    ],
    ['zipLatest', (a: Stream<number>, b: Stream<number>) => b.zipLatest(a), (s: Stream<number>) => s],
  ])('since a %s is over does not end it before its last tuple is out', (_, join, side) => {
    const source = new Stream<number>();
    const log: unknown[] = [];
    const zipped = join(side(source), source.partition(2).flatten());
    zipped['@@observable']().subscribe({
      next: (x) => void log.push(x),
      complete: () => void log.push('end'),
    });
    source.emit(1);
    source.dispose();
    expect(log).toEqual([[1, 1], 'end']);
  });

  test('lets a zip end that had to wait for it with the last of another stream', () => {
    const [a, b, c] = [new Stream<number>(), new Stream<number>(), new Stream<number>()];
    const zipped = a.zip(b, c);
    const list = zipped.sinkToList();
    for (const x of [1, 2]) {
      void a.emit(x);
      void c.emit(x);
    }
    void c.emit(3);
    a.dispose();
    b.disconnect(zipped);
    expect(list).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect([zipped.node.ended, zipped.waiting, zipped.dropped]).toEqual([true, 0, 1]);
  });

  test('by what an end sets off is not told of that end any more', () => {
    const source = new Stream<number>();
    source['@@observable']().subscribe({ complete: () => source.disconnect(below) });
    const below = source.union();
    below.sinkToList();
    source.dispose();
    expect(below.node.ended).toBe(false);
  });
});
