import { describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { type Metadata, RefCounter } from '../../src/core/metadata.ts';
import { type Flow, Node } from '../../src/core/node.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

/** Emits each value `n` times. */
class Repeat<T> extends Node<T, T> {
  readonly #n: number;

  constructor(n: number) {
    super();
    this.#n = n;
  }

  override update(value: T, metadata: Metadata): Flow {
    return this.emitEach(Array<T>(this.#n).fill(value), metadata);
  }
}

/** A loop that counts up to `end`, with something put into it. */
function counting(end: number, put: (s: Stream<number>) => Stream<number> = (s) => s, clock = systemClock) {
  const source = new Stream<number>({ clock });
  put(source)
    .map((x) => x + 1)
    .filter((x) => x < end)
    .connect(source);
  return source;
}

const million = 1_000_000;

describe('a loop of a million hops', () => {
  test('ends with the promise of emit, lets timers run meanwhile, and does not fill the stack', async () => {
    const source = counting(million);
    let last = 0;
    source.sink((x) => {
      last = x;
    });
    let lastAtTimer = 0;
    systemClock.setTimer(0, () => {
      lastAtTimer = last;
    });
    await source.emit(0);
    expect(last).toBe(million - 1);
    expect(lastAtTimer).toBeGreaterThan(0);
    expect(lastAtTimer).toBeLessThan(million - 1);
  });

  test('waits for an asynchronous sink', async () => {
    const source = counting(million);
    let done = 0;
    source.sink(async () => {
      await undefined;
      done++;
    });
    let doneAtTimer = 0;
    systemClock.setTimer(0, () => {
      doneAtTimer = done;
    });
    await source.emit(0);
    expect(done).toBe(million);
    expect(doneAtTimer).toBeGreaterThan(0);
    expect(doneAtTimer).toBeLessThan(million);
  });

  test.each<[string, (s: Stream<number>) => Stream<number>]>([
    ['a buffer', (s) => s.buffer(1)],
    [
      'a buffer and another',
      (s) =>
        s
          .buffer(1)
          .map((x) => x)
          .buffer(1),
    ],
    ['promises that are done at once', (s) => s.mapAsync(async (x) => x)],
    ['several of them', (s) => s.mapAsync(async (x) => x, { parallelism: 3 })],
  ])('goes through %s, and lets timers run', async (_, put) => {
    const source = counting(million, put);
    let last = 0;
    const over = new Promise<void>((resolve) => {
      source.sink((x) => {
        last = x;
        if (x === million - 1) resolve();
      });
    });
    let lastAtTimer = 0;
    systemClock.setTimer(0, () => {
      lastAtTimer = last;
    });
    await source.emit(0);
    await over;
    expect(lastAtTimer).toBeGreaterThan(0);
    expect(lastAtTimer).toBeLessThan(million - 1);
  });
});

describe('a loop that gets two elements for each', () => {
  const paths = (end: number) =>
    Array.from({ length: end }, (_, level) => 2 ** level).reduce((a, b) => a + b, 0);

  test.each<[string, (s: Stream<number>, clock: VirtualClock) => Stream<number>]>([
    ['buffer', (s) => s.buffer(1)],
    ['delay', (s) => s.delay('1ms', { maxsize: 1 })],
    ['rateLimit', (s) => s.rateLimit('1ms')],
    ['mapAsync', (s, clock) => s.mapAsync((x) => sleep(clock, 1).then(() => x))],
    [
      'mapAsync, unordered',
      (s, clock) => s.mapAsync((x) => sleep(clock, 1).then(() => x), { ordered: false }),
    ],
    ['a buffer before mapAsync', (s, clock) => s.buffer(1).mapAsync((x) => sleep(clock, 1).then(() => x))],
    ['timedWindow', (s) => s.timedWindow('1ms').through(new Each<number>())],
  ])('does not stand still in %s', async (_, put) => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const seen: number[] = [];
    put(source, clock)
      .map((x) => x + 1)
      .filter((x) => x < 7)
      .through(new Repeat(2))
      .connect(source);
    source.sink((x) => {
      seen.push(x);
      return sleep(clock, 1);
    });
    const done: unknown[] = [];
    void source.emit(0, { metadata: [{ ref: new RefCounter({ onDone: (error) => done.push(error) }) }] });
    await clock.advance('10s');
    await settle();
    expect([seen.length, done]).toEqual([paths(7), [undefined]]);
  });
});

/** The elements of each list, one by one. */
class Each<T> extends Node<T[], T> {
  override update(values: T[], metadata: Metadata): Flow {
    return this.emitEach(values, metadata);
  }
}

/** Lists of `n`. */
class Lists<T> extends Node<T, T[]> {
  readonly #n: number;
  #values: T[] = [];

  constructor(n: number) {
    super();
    this.#n = n;
  }

  override get waiting(): number {
    return this.#values.length;
  }

  override update(value: T): Flow {
    if (this.#values.push(value) < this.#n) return;
    const values = this.#values;
    this.#values = [];
    return this.emit(values);
  }
}

describe('a consumer a thousand times slower than the source', () => {
  test('holds up the source, so that only the stated numbers are kept anywhere', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const second = new Stream<number[]>({ clock });
    const buffered = source.buffer(10);
    const lists = buffered.through(new Lists<number>(5));
    const delayed = lists.delay('3ms', { maxsize: 4 });
    const mapped = second.mapAsync((values) => sleep(clock, 1).then(() => values), { parallelism: 2 });
    const last = mapped.buffer({ maxBytes: 30, sizeOf: (values) => 4 * values.length });
    delayed.connect(second);
    const seen: number[] = [];
    last.sink(async (values) => {
      await sleep(clock, 5000);
      seen.push(...values);
    });
    const total = 400;
    let emitted = 0;
    const emitting = (async () => {
      for (; emitted < total; emitted++) {
        await source.emit(emitted);
        await sleep(clock, 1);
      }
    })();
    // Waiting in the nodes, one worked on below each that passes elements on by itself, and one list that waits for room.
    const bound = 10 + 1 + 5 + (4 + 1 + 1) * 5 + (4 + 1 + 1) * 5 + (1 + 1) * 5;
    let most = 0;
    for (let s = 0; s < 500 && seen.length < total; s++) {
      await clock.advance('1s');
      most = Math.max(most, emitted - seen.length);
      expect(buffered.waiting).toBeLessThanOrEqual(11);
      expect(delayed.waiting).toBeLessThanOrEqual(5);
      expect(mapped.waiting).toBeLessThanOrEqual(5);
      expect(last.waiting).toBeLessThanOrEqual(2);
    }
    await emitting;
    expect(seen).toEqual(Array.from({ length: total }, (_, x) => x));
    expect(most).toBeGreaterThan(40);
    expect(most).toBeLessThanOrEqual(bound);
  });
});

describe('a loop', () => {
  test('holds up the emitter also when it has been opened and closed again', async () => {
    const clock = new VirtualClock();
    const [head, back] = [new Stream<number>({ clock }), new Stream<number>({ clock })];
    head.connect(back);
    back.filter((x) => x < 0).connect(head);
    back.sink(() => sleep(clock, 10));
    head.disconnect(back);
    head.connect(back);
    let isDone = false;
    void Promise.resolve(head.emit(1)).then(() => {
      isDone = true;
    });
    await clock.advance('9ms');
    expect(isDone).toBe(false);
    await clock.advance('1ms');
    expect(isDone).toBe(true);
  });
});
