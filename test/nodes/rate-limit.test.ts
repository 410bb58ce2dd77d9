import { describe, expect, test, vi } from 'vitest';
import { type Clock, sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';
import { VirtualClock } from '../../src/testing/index.ts';

/** A limited stream that writes down when each value came out; `lateness` is that of the first timers. */
function limited(lateness: number[] = []) {
  const clock = new VirtualClock();
  const late: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (ms, task) => clock.setTimer(ms + (lateness.shift() ?? 0), task),
  };
  const source = new Stream<number>({ clock: late });
  const log: [value: number, at: number][] = [];
  const sink = source.rateLimit('10ms').sink((x) => void log.push([x, clock.now()]));
  return { clock, source, log, sink };
}

describe('rateLimit', () => {
  test('lets the first value pass at once and the others an interval apart, in order', async () => {
    const { clock, source, log } = limited();
    expect(source.emit(1)).toBeUndefined();
    for (const x of [2, 3, 4]) void source.emit(x);
    await clock.advance('30ms');
    expect(log).toEqual([
      [1, 0],
      [2, 10],
      [3, 20],
      [4, 30],
    ]);
  });

  test('makes the emitter wait for its turn', async () => {
    const { clock, source, log } = limited();
    const emitting = (async () => {
      for (const x of [1, 2, 3]) await source.emit(x);
      return clock.now();
    })();
    await clock.advance('100ms');
    expect(await emitting).toBe(20);
    expect(log).toEqual([
      [1, 0],
      [2, 10],
      [3, 20],
    ]);
  });

  test('lets a value pass at once after a pause', async () => {
    const { clock, source, log } = limited();
    source.emit(1);
    await clock.advance('25ms');
    expect(source.emit(2)).toBeUndefined();
    void source.emit(3);
    await clock.advance('10ms');
    expect(log).toEqual([
      [1, 0],
      [2, 25],
      [3, 35],
    ]);
  });

  test('makes up for a late timer, by less than an interval', async () => {
    const { clock, source, log } = limited([4, 0, 57]);
    for (const x of [1, 2, 3, 4, 5, 6]) void source.emit(x);
    await clock.advance('1s');
    expect(log.map(([, at]) => at)).toEqual([0, 14, 20, 87, 97, 107]);
  });

  test('lets nobody overtake an element whose timer is late', async () => {
    const { clock, source, log } = limited([4]);
    void source.emit(1);
    void source.emit(2);
    await clock.advance('12ms');
    void source.emit(3);
    await clock.advance('1s');
    expect(log).toEqual([
      [1, 0],
      [2, 14],
      [3, 20],
    ]);
  });

  test('gives the failure of a value to its own emitter', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const onDone = vi.fn();
    source.rateLimit('10ms').sink((x) => {
      if (x === 2) throw new Error('burst');
    });
    source.emit(1);
    const flow = source.emit(2, { metadata: [{ ref: new RefCounter({ onDone }) }] });
    const next = source.emit(3);
    await Promise.all([
      expect(flow).rejects.toThrow('burst (at stream › rateLimit › sink)'),
      clock.advance('20ms'),
    ]);
    await expect(next).resolves.toBeUndefined();
    expect(onDone).toHaveBeenCalledTimes(1);
  });

  test('drops what waits when nothing needs it, and leaves no timer', async () => {
    const { clock, source, log, sink } = limited();
    const onDone = vi.fn();
    source.emit(1);
    const flow = source.emit(2, { metadata: [{ ref: new RefCounter({ onDone }) }] });
    expect(clock.timers).toBe(1);
    sink.dispose();
    await flow;
    expect([clock.timers, log.length]).toEqual([0, 1]);
    expect(onDone.mock.calls[0]![0]).toMatchObject({ code: 'disposed' });
  });

  test('does not wait for slow work below, but its emitters do', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const begun: [number, number][] = [];
    const stream = source.rateLimit('10ms');
    stream.sink((x) => {
      begun.push([x, clock.now()]);
      return sleep(clock, 25);
    });
    const done: [number, number][] = [];
    for (const x of [1, 2, 3]) void Promise.resolve(source.emit(x)).then(() => done.push([x, clock.now()]));
    expect(stream.waiting).toBe(2);
    await clock.advance('1s');
    expect(begun).toEqual([
      [1, 0],
      [2, 10],
      [3, 20],
    ]);
    expect(done).toEqual([
      [1, 25],
      [2, 35],
      [3, 45],
    ]);
  });

  test('goes on from a saved state, and tells onError of what nobody waits for', async () => {
    const { clock, source } = limited();
    const stream = source.rateLimit('10ms');
    stream.sinkToList();
    for (const x of [1, 2, 3]) void source.emit(x);
    await clock.advance('4ms');
    const state = stream.node.saveState?.();
    expect(state).toEqual({ values: [2, 3], leftMs: 6 });
    const again = new VirtualClock();
    const heard: string[] = [];
    const log: [number, number][] = [];
    const other = new Stream<number>({ clock: again });
    const restored = other.rateLimit('10ms', { onError: (error) => heard.push(error.message) });
    restored.node.restoreState?.(state);
    restored.sink((x) => {
      log.push([x, again.now()]);
      if (x === 2) throw new Error('no');
      return x === 3 ? Promise.reject(new Error('no more')) : undefined;
    });
    void other.emit(4);
    await again.advance('1s');
    expect(log).toEqual([
      [2, 6],
      [3, 16],
      [4, 26],
    ]);
    expect(heard).toEqual(['no (at stream › rateLimit › sink)', 'no more (at stream › rateLimit › sink)']);
  });

  test('refuses a bare number', () => {
    expect(() => new Stream<number>().rateLimit(10 as never)).toThrow(
      "interval of rateLimit must be a string with a unit, got 10; write '10ms' or '10s'",
    );
  });

  test('D5-07: with a buffer behind it keeps all lines, in order, at the pace of the slowest', async () => {
    const clock = new VirtualClock();
    const lines = new Stream<string>({ clock });
    const written: unknown[] = [];
    const writeToDatabase = async (record: unknown) => {
      await new Promise<void>((done) => void clock.setTimer(25, done));
      written.push(record);
    };
    lines
      .rateLimit('10ms')
      .map((line) => JSON.parse(line))
      .buffer(2)
      .sink(async (record) => writeToDatabase(record));
    let emitted = 0;
    const emitting = (async () => {
      for (let i = 0; i < 8; i++) {
        await lines.emit(`{"line":${i}}`);
        emitted++;
      }
    })();
    await clock.advance('60ms');
    expect([emitted, written.length]).toEqual([5, 2]);
    await clock.advance('1s');
    await emitting;
    expect(written).toEqual(Array.from({ length: 8 }, (_, line) => ({ line })));
  });
});
