import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';
import { Elements, gate } from '../support/elements.ts';

describe('partition', () => {
  test('emits arrays of n elements, and the rest at the end', () => {
    const source = new Stream<number>();
    const parts = source.partition(2);
    const list = parts.sinkToList();
    for (const x of [1, 2, 3, 4, 5]) source.emit(x);
    expect([list.slice(), parts.node.waiting]).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      1,
    ]);
    source.dispose();
    expect([list.at(-1), parts.node.ended]).toEqual([[5], true]);
  });

  test('puts elements of equal keys together; what is left at the end goes out oldest first', () => {
    const rows = new Stream<{ k: string; x: number }>();
    const list: string[][] = [];
    rows.partition(2, { key: 'k' }).sink((part) => list.push(part.map(({ k, x }) => `${k}${x}`)));
    for (const [x, k] of ['a', 'b', 'c', 'a', 'c', 'a'].entries()) rows.emit({ k, x });
    rows.dispose();
    expect(list).toEqual([['a0', 'a3'], ['c2', 'c4'], ['b1'], ['a5']]);
  });

  test('keeps nothing of keys whose elements are out', () => {
    const source = new Stream<number>();
    const parts = source.partition(2, { key: (x) => x >> 1 });
    parts.sink(() => {});
    for (let x = 0; x < 1000; x++) source.emit(x);
    expect(parts.node.saveState!()).toEqual([]);
  });

  test('emits fewer when the first of them has waited for the timeout', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const list: [number, number[]][] = [];
    source.partition(3, { timeout: '1s' }).sink((part) => list.push([clock.now(), part]));
    source.emit(1);
    await clock.advance('600ms');
    source.emit(2);
    await clock.advance('5s');
    for (const x of [3, 4, 5]) source.emit(x);
    expect(clock.timers).toBe(0);
    await clock.advance('5s');
    source.emit(6);
    source.dispose();
    expect(clock.timers).toBe(0);
    expect(list).toEqual([
      [1000, [1, 2]],
      [5600, [3, 4, 5]],
      [10600, [6]],
    ]);
  });

  test('has a timeout for each key', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const list: [number, number[]][] = [];
    source.partition(2, { timeout: '1s', key: (x) => x % 2 }).sink((part) => list.push([clock.now(), part]));
    source.emit(1);
    await clock.advance('300ms');
    source.emit(2);
    await clock.advance('2s');
    expect(list).toEqual([
      [1000, [1]],
      [1300, [2]],
    ]);
  });

  test('holds emitters up while work on an array that went out by the clock goes on', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const { begun, enter, open } = gate();
    source.partition(2, { timeout: '1s' }).sink(enter);
    await source.emit(1);
    await clock.advance('1s');
    let done = false;
    void Promise.resolve(source.emit(2)).then(() => {
      done = true;
    });
    await settle();
    expect([begun, done]).toEqual([[[1]], false]);
    open();
    await settle();
    expect(done).toBe(true);
  });

  test('has few arrays under way where the work is far slower than the timeout', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    let [underWay, most] = [0, 0];
    const seen: number[] = [];
    const sink = source.partition(10, { timeout: '5ms' }).sink(async (part) => {
      seen.push(...part);
      most = Math.max(most, ++underWay);
      await sleep(clock, 1000);
      underWay--;
    });
    const feeding = (async () => {
      for (let i = 0; !sink.disposed; i++) {
        await source.emit(i);
        await sleep(clock, 1);
      }
    })();
    await clock.advance('30s');
    sink.dispose();
    await clock.advance('2s');
    await feeding;
    expect(seen).toEqual(Array.from(seen, (_, i) => i));
    expect(most).toBeLessThanOrEqual(2);
  });

  test('lets the emitter of the last element wait for the work on the array', async () => {
    const source = new Stream<number>();
    const elements = new Elements();
    const { enter, open } = gate();
    source.partition(2).sink(enter);
    expect(elements.emit(source, 1)).toBeUndefined();
    const flow = elements.emit(source, 2);
    await settle();
    expect(elements.done).toEqual([]);
    open();
    await flow;
    expect(elements.done).toEqual(['1', '2']);
  });

  test('tells the policy of what fails by the clock or at the end, and the counters', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const elements = new Elements();
    const onError = vi.fn();
    const parts = source.partition(2, { timeout: '1s', onError });
    parts.sink(() => {
      throw new Error('no');
    });
    elements.emit(source, 1);
    await clock.advance('1s');
    elements.emit(source, 2);
    source.dispose();
    expect(onError.mock.calls.map(([error, part]) => [error.message, part])).toEqual([
      ['no (at stream › partition › sink)', [1]],
      ['no (at stream › partition › sink)', [2]],
    ]);
    expect(elements.failed).toEqual({ 1: 'user-code', 2: 'user-code' });
    expect(parts.node.ended).toBe(true);
  });

  test('an element whose key fails leaves the others as they are', () => {
    const source = new Stream<number>();
    const key = (x: number): number => {
      if (x < 0) throw new Error('no key');
      return 0;
    };
    const list = source.partition(2, { key }).sinkToList();
    source.emit(1);
    expect(() => source.emit(-1)).toThrow('no key (at stream › partition)');
    source.emit(2);
    expect(list).toEqual([[1, 2]]);
  });

  test('goes on with the time that was left when its state was saved', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const parts = source.partition(2, { timeout: '1s' });
    parts.sink(() => {});
    source.emit(1);
    await clock.advance('400ms');
    const state = structuredClone(parts.node.saveState!());
    for (const isActive of [false, true]) {
      const later = new VirtualClock({ now: 1e6 });
      const again = new Stream<number>({ clock: later }).partition(2, { timeout: '1s' });
      const list: unknown[] = [];
      const listen = () => again.sink((part) => list.push([later.now() - 1e6, part]));
      if (isActive) listen();
      again.node.restoreState!(state);
      if (!isActive) listen();
      await later.advance('599ms');
      expect(list).toEqual([]);
      await later.advance('1ms');
      expect(list).toEqual([[600, [1]]]);
    }
  });

  test('drops what waits when nothing needs it, and the counters hear of it', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const elements = new Elements();
    const sink = source.partition(2, { timeout: '1s' }).sink(() => {});
    elements.emit(source, 1);
    sink.dispose();
    expect([elements.failed, clock.timers]).toEqual([{ 1: 'disposed' }, 0]);
  });

  test('is flattened to what it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (values, n) => {
        const source = new Stream<number>();
        const list = source.partition(n).flatten().sinkToList();
        for (const value of values) source.emit(value);
        source.dispose();
        expect(list).toEqual(values);
      }),
    );
  });

  test.each([
    [() => new Stream<number>().partition(0), 'size of partition must be a whole number from 1, got 0'],
    [
      () => new Stream<number>().partition(2, { timeout: 5 as never }),
      'timeout of partition must be a string',
    ],
  ])('refuses %s', (build, message) => {
    expect(build).toThrow(message);
  });

  test('may be larger than a call can have arguments', () => {
    const size = 200_000;
    const program = () => {
      const source = new Stream<number>();
      const list = source.partition(size).partition(1).sinkToList();
      return { source, list };
    };
    const before = program();
    const onDone = vi.fn();
    const metadata = [{ ref: new RefCounter({ onDone }) }];
    for (let i = 0; i < size - 1; i++) void before.source.emit(i, { metadata });
    const after = program();
    after.source.graph.restore(before.source.graph.snapshot());
    for (const { source, list } of [before, after]) {
      void source.emit(size, { metadata });
      expect(list.flat()).toEqual([expect.toSatisfy((part: number[]) => part.length === size)]);
    }
    expect(onDone).toHaveBeenCalledOnce();
  });
});
