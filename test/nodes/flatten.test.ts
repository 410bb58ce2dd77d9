import { describe, expect, test } from 'vitest';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';
import { Elements, gate } from '../support/elements.ts';

describe('flatten', () => {
  test.each<[string, Iterable<unknown>, unknown[]]>([
    ['an array', [1, [2], 3], [1, [2], 3]],
    ['a string, by characters', 'a🙂b', ['a', '🙂', 'b']],
    ['a map, by entries', new Map([['a', 1]]), [['a', 1]]],
    ['a set', new Set([2, 1]), [2, 1]],
    ['a typed array', Int8Array.of(1, 2), [1, 2]],
    ['an iterator', [7, 8].values(), [7, 8]],
    ['something empty', [], []],
  ])('emits the elements of %s', (_, value, expected) => {
    const source = new Stream<Iterable<unknown>>();
    const list = source.flatten().sinkToList();
    source.emit(value);
    expect(list).toEqual(expected);
  });

  test('is called concat as well', () => {
    const source = new Stream<number[]>();
    const list = source.concat().sinkToList();
    source.emit([1, 2]);
    expect(list).toEqual([1, 2]);
  });

  test.each([
    [5, '5'],
    [null, 'null'],
    [{ a: 1 }, 'an object of Object'],
    [(async function* () {})(), 'an async iterable'],
  ])('refuses %o', (value, got) => {
    const source = new Stream<Iterable<unknown>>();
    source.flatten().sinkToList();
    expect(() => source.emit(value as never)).toThrow(
      `flatten takes arrays and other iterables, got ${got} (at stream › flatten)`,
    );
  });

  test('gives each element to asynchronous work when that on the one before is done', async () => {
    const source = new Stream<number[]>();
    const elements = new Elements();
    const { begun, enter, open } = gate();
    source.flatten().sink(enter);
    const flow = source.emit([1, 2], { metadata: elements.metadata('array') });
    expect(begun).toEqual([1]);
    open();
    await settle();
    expect([begun, elements.done]).toEqual([[1, 2], []]);
    open();
    await flow;
    expect(elements.done).toEqual(['array']);
  });

  test('ends when the rest is out', async () => {
    const source = new Stream<number[]>();
    const read: number[] = [];
    const reading = (async () => {
      for await (const x of source.flatten()) read.push(x);
    })();
    void source.emit([1, 2, 3]);
    source.dispose();
    await reading;
    expect(read).toEqual([1, 2, 3]);
  });

  test('stops in the middle when nothing needs it, and the counters hear of it', async () => {
    const source = new Stream<Iterable<number>>();
    const elements = new Elements();
    const { begun, enter, open } = gate();
    let isClosed = false;
    const endless = function* (): Iterable<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        isClosed = true;
      }
    };
    const sink = source.flatten().sink(enter);
    const flow = source.emit(endless(), { metadata: elements.metadata('endless') });
    sink.dispose();
    open();
    await flow;
    expect([begun, isClosed, elements.failed]).toEqual([[0], true, { endless: 'disposed' }]);
    const first = source.flatten().slice({ end: 2 }).sinkToList();
    source.emit(endless());
    expect(first).toEqual([0, 1]);
  });

  test('gives the metadata to the last element', () => {
    const source = new Stream<number[]>();
    const elements = new Elements();
    const seen: unknown[] = [];
    source.flatten().sink((x) => seen.push([x, elements.done.length]));
    source.emit([1, 2], { metadata: elements.metadata('array') });
    source.emit([], { metadata: elements.metadata('empty') });
    expect(seen).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(elements.done).toEqual(['array', 'empty']);
  });

  test('lets timers run while it gives elements to work that is done from promise to promise', async () => {
    const source = new Stream<Iterable<number>>();
    function* forever() {
      for (let i = 0; ; i++) yield i;
    }
    const sink = source.flatten().sink(async () => {});
    setTimeout(() => sink.dispose());
    await source.emit(forever());
    expect(sink.disposed).toBe(true);
  });
});

test('an element is done when all its parts are, though the last one is dropped or done first', async () => {
  const clock = new VirtualClock();
  const source = new Stream<number[]>({ clock });
  const ends: number[] = [];
  source
    .flatten()
    .filter((x) => x < 3)
    .delay('1s')
    .sink(() => {});
  void source.emit([1, 2, 3], {
    metadata: [{ ref: new RefCounter({ onDone: () => void ends.push(clock.monotonic()) }) }],
  });
  expect(ends).toEqual([]);
  await clock.advance('5s');
  expect(ends).toEqual([1000]);
});
