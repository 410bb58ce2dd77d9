import { describe, expect, test } from 'vitest';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

describe('a node gives out one element at a time', () => {
  test('so that a sink that emits does not turn the order round for those after it', () => {
    const source = new Stream<number>();
    const seen: string[] = [];
    source.sink((x) => {
      seen.push(`a${x}`);
      if (x < 3) void source.emit(x + 1);
    });
    source.sink((x) => void seen.push(`b${x}`));
    expect(source.emit(1)).toBeUndefined();
    expect(seen).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  test('and the first emitter hears of what goes wrong later', () => {
    const source = new Stream<number>();
    const seen: number[] = [];
    source.sink((x) => {
      if (x < 4) void source.emit(x + 1);
      if (x === 2) throw new Error('two is too much');
    });
    source.sinkToList().length = 0;
    source.sink((x) => void seen.push(x));
    expect(() => source.emit(1)).toThrow('two is too much');
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('and waits for asynchronous work of the later ones too', async () => {
    const source = new Stream<number>();
    const done: number[] = [];
    source
      .map((x) => x + 1)
      .filter((x) => x < 5)
      .connect(source);
    source.sink(async (x) => {
      await settle();
      done.push(x);
    });
    await source.emit(0);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });

  test('and holds the references of the later ones until they are done', () => {
    const source = new Stream<number>();
    const log: string[] = [];
    source.sink((x) => {
      log.push(`sink ${x}`);
      if (x > 0) return;
      const ref = new RefCounter({ onDone: () => void log.push('released') });
      void source.emit(1, { metadata: [{ ref }] });
      log.push('emitted');
    });
    void source.emit(0);
    expect(log).toEqual(['sink 0', 'emitted', 'sink 1', 'released']);
  });

  test('and lets go of the later ones when it is disposed of', () => {
    const source = new Stream<number>();
    const errors: unknown[] = [];
    source.sink((x) => {
      if (x > 0) return;
      void source.emit(1, {
        metadata: [{ ref: new RefCounter({ onDone: (error) => void errors.push(error) }) }],
      });
      source.dispose();
    });
    void source.emit(0);
    expect(errors).toEqual([expect.objectContaining({ code: 'disposed' })]);
  });
});

describe('a loop', () => {
  const million = 1_000_000;

  test('of a million hops does not overflow the stack, and timers run meanwhile', async () => {
    const source = new Stream<number>();
    source
      .map((x) => x + 1)
      .filter((x) => x < million)
      .connect(source);
    let last = 0;
    source.sink((x) => {
      last = x;
    });
    let atTimer = -1;
    setTimeout(() => {
      atTimer = last;
    });
    await source.emit(0);
    expect(last).toBe(million - 1);
    expect(atTimer).toBeGreaterThanOrEqual(0);
    expect(atTimer).toBeLessThan(million - 1);
  });

  test('is worked off in the call where time stands still', () => {
    const source = new Stream<number>({ clock: new VirtualClock() });
    source
      .map((x) => x + 1)
      .filter((x) => x < 50_000)
      .connect(source);
    const list = source.sinkToList();
    expect(source.emit(0)).toBeUndefined();
    expect(list).toHaveLength(50_000);
  });

  /** Each look costs a millisecond. */
  const hurriedClock = () => {
    let ms = 0;
    const timers: (() => void)[] = [];
    const clock = {
      now: () => ms,
      monotonic: () => ms++,
      setTimer: (_: number, task: () => void) => {
        timers.push(task);
        return { cancel() {} };
      },
    };
    return { clock, timers };
  };

  test('that rests lets elements from outside wait for their turn', async () => {
    const { clock, timers } = hurriedClock();
    const source = new Stream<number>({ clock });
    source
      .map((x) => x + 1)
      .filter((x) => x < 2000 && x !== 1_000_001)
      .connect(source);
    const list = source.sinkToList();
    const first = source.emit(0);
    expect(timers).toHaveLength(1);
    const second = source.emit(1_000_000);
    expect([first, second]).toEqual([expect.any(Promise), expect.any(Promise)]);
    expect(list.length).toBeLessThan(2000);
    while (timers.length > 0) timers.shift()!();
    await first;
    await second;
    expect(list).toHaveLength(2001);
    expect(list.filter((x) => x < 2000)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });

  test('by a sink that emits, too, where nothing else is below', async () => {
    const { clock, timers } = hurriedClock();
    const source = new Stream<number>({ clock });
    const seen: number[] = [];
    source.sink((x) => {
      seen.push(x);
      if (x < 2000) void source.emit(x + 1);
    });
    const first = source.emit(0);
    expect(timers).toHaveLength(1);
    const second = source.emit(1_000_000);
    expect(seen).not.toContain(1_000_000);
    while (timers.length > 0) timers.shift()!();
    await first;
    await second;
    expect(seen.filter((x) => x <= 2000)).toEqual(Array.from({ length: 2001 }, (_, i) => i));
    expect(seen.filter((x) => x > 2000)).toEqual([1_000_000]);
  });

  test('lets what is emitted when an element is done come after those that wait', () => {
    const source = new Stream<number>();
    const list = source.sinkToList();
    source.sink((x) => {
      if (x !== 0) return;
      const ref = new RefCounter({ onDone: () => void source.emit(9) });
      void source.emit(1, { metadata: [{ ref }] });
      for (const next of [2, 3]) void source.emit(next);
    });
    void source.emit(0);
    expect(list).toEqual([0, 1, 2, 3, 9]);
  });

  test('through an asynchronous node does not hold up that node', async () => {
    const source = new Stream<number>();
    const seen: number[] = [];
    const buffered = source.buffer(1);
    buffered.sink((x) => void seen.push(x));
    const twice = buffered.filter((x) => x < 7);
    twice.map((x) => 2 * x + 1).connect(source);
    twice.map((x) => 2 * x + 2).connect(source);
    await source.emit(0);
    await settle();
    await settle();
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, i) => i));
  });
});
