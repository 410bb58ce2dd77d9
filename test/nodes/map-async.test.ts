import { describe, expect, test, vi } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import type { MillraceError } from '../../src/errors.ts';
import type { MapAsyncOptions } from '../../src/nodes/map-async.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

/** A stream whose calls last as many milliseconds as their value says. */
function working(options: MapAsyncOptions<number> = {}, slowMs = 0) {
  const clock = new VirtualClock();
  const source = new Stream<number>({ clock });
  const log: [value: number, at: number][] = [];
  const calls = { now: 0, most: 0, signals: [] as AbortSignal[] };
  const stream = source.mapAsync(async (ms, { signal }) => {
    calls.signals.push(signal);
    calls.most = Math.max(calls.most, ++calls.now);
    await sleep(clock, ms, signal);
    calls.now--;
    return ms;
  }, options);
  const sink = stream.sink((x) => {
    log.push([x, clock.now()]);
    return slowMs === 0 ? undefined : sleep(clock, slowMs);
  });
  return { clock, source, log, calls, stream, sink };
}

describe('mapAsync', () => {
  test('makes one call at a time by default, and gives results in order', async () => {
    const { clock, source, log, calls } = working();
    for (const ms of [30, 10, 20]) void source.emit(ms);
    await clock.advance('1s');
    expect([log, calls.most]).toEqual([
      [
        [30, 30],
        [10, 40],
        [20, 60],
      ],
      1,
    ]);
  });

  test('makes as many calls at once as it may, no more', async () => {
    const { clock, source, log, calls } = working({ parallelism: 3 });
    for (const ms of [30, 10, 20, 10, 10]) void source.emit(ms);
    expect(calls.now).toBe(3);
    await clock.advance('1s');
    expect([log, calls.most]).toEqual([
      [
        [30, 30],
        [10, 30],
        [20, 30],
        [10, 30],
        [10, 30],
      ],
      3,
    ]);
  });

  test('gives results as the calls end where order does not matter', async () => {
    const { clock, source, log } = working({ parallelism: 3, ordered: false });
    for (const ms of [30, 10, 20, 15]) void source.emit(ms);
    await clock.advance('1s');
    expect(log).toEqual([
      [10, 10],
      [20, 20],
      [15, 25],
      [30, 30],
    ]);
  });

  test('lets an emitter go on when its call begins', async () => {
    const { clock, source } = working({ parallelism: 2 });
    const begun: [number, number][] = [];
    expect(source.emit(10)).toBeUndefined();
    expect(source.emit(20)).toBeUndefined();
    for (const ms of [30, 40]) {
      void Promise.resolve(source.emit(ms)).then(() => begun.push([ms, clock.now()]));
    }
    await clock.advance('1s');
    expect(begun).toEqual([
      [30, 10],
      [40, 20],
    ]);
  });

  test('begins no call while twice as many elements are kept', async () => {
    const { clock, source, stream, calls } = working({ parallelism: 2 });
    void source.emit(1000);
    for (let i = 0; i < 6; i++) void source.emit(1);
    await clock.advance('500ms');
    expect([calls.signals.length, stream.waiting]).toEqual([4, 7]);
    await clock.advance('1s');
    expect([calls.signals.length, stream.waiting]).toEqual([7, 0]);
  });

  test('keeps a bounded number of elements while the work below is slow', async () => {
    const { clock, source, log, stream } = working({ parallelism: 2 }, 1000);
    let emitted = 0;
    const emitting = (async () => {
      for (; emitted < 20; emitted++) await source.emit(1);
    })();
    let most = 0;
    for (let s = 0; s < 25; s++) {
      await clock.advance('1s');
      most = Math.max(most, emitted - log.length);
      expect(stream.waiting).toBeLessThanOrEqual(5);
    }
    await emitting;
    expect([log.length, most]).toEqual([20, 4]);
  });

  test.each<[string, (x: number) => number | Promise<number>]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('gives a call that %s to onError, and goes on', async (_, fail) => {
    const errors: [message: string, value: number][] = [];
    const onDone = vi.fn();
    const source = new Stream<number>({ name: 'source' });
    const call = (x: number) => (x === 1 ? fail(x) : x);
    const stream = source.mapAsync(call, { onError: (error, x) => errors.push([error.message, x]) });
    const list = stream.sinkToList();
    for (const x of [1, 2]) void source.emit(x, { metadata: [{ ref: new RefCounter({ onDone }) }] });
    await settle();
    expect([list, stream.dropped]).toEqual([[2], 1]);
    expect(errors).toEqual([['no (at source › mapAsync(call))', 1]]);
    expect(onDone.mock.calls).toEqual([[expect.objectContaining({ code: 'user-code' })], []]);
  });

  test('makes a failed call again, which keeps its place', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const times: number[] = [];
    const list = source
      .mapAsync(
        (x) => {
          if (x === 1 && times.push(clock.now()) < 3) throw new Error('no');
          return x;
        },
        { parallelism: 2, onError: { retry: 2, delay: '10ms' } },
      )
      .sinkToList();
    for (const x of [1, 2, 3]) void source.emit(x);
    await clock.advance('29ms');
    expect([times, list]).toEqual([[0, 10], []]);
    await clock.advance('1ms');
    expect([times, list]).toEqual([
      [0, 10, 30],
      [1, 2, 3],
    ]);
  });

  test('hands what failed each time to a dead-letter stream, with its metadata', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const dead = new Stream<{ value: number; error: MillraceError }>();
    const letters: number[] = [];
    dead.sink(({ value }) => {
      letters.push(value);
      return sleep(clock, 10);
    });
    const onDone = vi.fn();
    source
      .mapAsync(() => Promise.reject(new Error('no')), { onError: { retry: 1, otherwise: dead } })
      .sink(() => {});
    await source.emit(7, { metadata: [{ ref: new RefCounter({ onDone }) }] });
    await clock.advance('105ms');
    expect([letters, onDone.mock.calls]).toEqual([[7], []]);
    await clock.advance('5ms');
    expect(onDone.mock.calls).toEqual([[]]);
  });

  test('gives a failure below to onError', async () => {
    const source = new Stream<number>();
    const heard: string[] = [];
    source
      .mapAsync(async (x) => x * 2, { onError: (error) => heard.push(error.message) })
      .sink((x) => {
        if (x === 2) throw new Error('burst');
      });
    await source.emit(1);
    await settle();
    expect(heard).toEqual(['burst (at stream › mapAsync › sink)']);
  });

  test('aborts the calls when nothing needs it, and tells the counters of every element', async () => {
    const { clock, source, calls, sink, stream, log } = working({
      parallelism: 2,
      onError: () => expect.fail(),
    });
    const onDone = vi.fn();
    const flows = [10, 20, 30].map((ms) =>
      source.emit(ms, { metadata: [{ ref: new RefCounter({ onDone }) }] }),
    );
    sink.dispose();
    await Promise.all(flows);
    expect(calls.signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(onDone.mock.calls.map(([error]) => error.code)).toEqual(['disposed', 'disposed', 'disposed']);
    stream.sink((x) => log.push([x, clock.now()]));
    await source.emit(5);
    await clock.advance('1s');
    expect(log).toEqual([[5, 5]]);
    expect(calls.signals[2]!.aborted).toBe(false);
  });

  test('gives each call a signal of its own, aborted also where it is asked for late', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const aborted: boolean[] = [];
    const signals = new Set<AbortSignal>();
    const sink = source
      .mapAsync(
        async (_, context) => {
          if (signals.size < 2) signals.add(context.signal);
          await sleep(clock, 10);
          aborted.push(context.signal.aborted);
        },
        { parallelism: 3 },
      )
      .sink(() => {});
    for (const x of [1, 2, 3]) void source.emit(x);
    sink.dispose();
    await clock.advance('10ms');
    expect([signals.size, aborted]).toEqual([2, [true, true, true]]);
  });

  test('ends after the last result', async () => {
    const { clock, source, stream, log } = working({ parallelism: 2 }, 5);
    for (const ms of [10, 20]) void source.emit(ms);
    source.dispose();
    await clock.advance('24ms');
    expect([log.length, stream.node.ended]).toEqual([2, false]);
    await clock.advance('1ms');
    expect([log.length, stream.node.ended]).toEqual([2, true]);
  });

  test('saves values whose call has not ended, and results that wait', async () => {
    const { clock, source, stream } = working({ parallelism: 2 });
    for (const ms of [30, 10, 20, 5]) void source.emit(ms);
    await clock.advance('15ms');
    expect(stream.node.saveState?.()).toEqual({
      calls: [{ value: 30 }, { value: 10, result: 10 }, { value: 20 }, { value: 5 }],
    });
  });

  test.each([0, 1.5, -1, Number.NaN])('refuses the parallelism %d', (parallelism) => {
    expect(() => new Stream<number>().mapAsync(async (x) => x, { parallelism })).toThrow(
      `parallelism of mapAsync must be a whole number from 1, got ${parallelism}`,
    );
  });
});
