import { describe, expect, test, vi } from 'vitest';
import { type Clock, sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import type { TimedWindowOptions } from '../../src/nodes/timed-window.ts';
import { Stream } from '../../src/stream.ts';
import { VirtualClock } from '../../src/testing/index.ts';

function windowed(options: TimedWindowOptions<number> = {}, { slowMs = 0, lateMs = 0 } = {}) {
  const clock = new VirtualClock();
  const late: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (ms, task) => clock.setTimer(ms + lateMs, task),
  };
  const source = new Stream<number>({ clock: late });
  const log: [values: number[], at: number][] = [];
  const stream = source.timedWindow('10ms', options);
  const sink = stream.sink((values) => {
    log.push([values, clock.now()]);
    return slowMs === 0 ? undefined : sleep(clock, slowMs);
  });
  return { clock, source, log, stream, sink };
}

describe('timedWindow', () => {
  test('gives the values of each interval as a list, and none where nothing came', async () => {
    const { clock, source, log } = windowed();
    for (const x of [1, 2]) source.emit(x);
    await clock.advance('9ms');
    source.emit(3);
    await clock.advance('20ms');
    source.emit(4);
    await clock.advance('20ms');
    expect(log).toEqual([
      [[1, 2, 3], 10],
      [[4], 30],
    ]);
  });

  test('gives empty lists, too, where that is asked for', async () => {
    const { clock, source, log } = windowed({ empty: true });
    await clock.advance('25ms');
    source.emit(1);
    await clock.advance('15ms');
    expect(log).toEqual([
      [[], 10],
      [[], 20],
      [[1], 30],
      [[], 40],
    ]);
  });

  test('does not drift with timers that are late', async () => {
    const { clock, log } = windowed({ empty: true }, { lateMs: 3 });
    await clock.advance('100ms');
    expect(log.map(([, at]) => at)).toEqual([13, 23, 33, 43, 53, 63, 73, 83, 93]);
  });

  test('goes on while the work below is not done, to the next time after it', async () => {
    const { clock, source, log } = windowed({}, { slowMs: 15 });
    source.emit(1);
    await clock.advance('10ms');
    void source.emit(2);
    await clock.advance('10ms');
    void source.emit(3);
    await clock.advance('30ms');
    expect(log).toEqual([
      [[1], 10],
      [[2, 3], 30],
    ]);
  });

  test('holds up emitters while the work on the window before is not done', async () => {
    const { clock, source, log, stream } = windowed({}, { slowMs: 25 });
    const times: number[] = [];
    const emitting = (async () => {
      for (let x = 0; x < 6; x++) {
        if (x === 3) await sleep(clock, 10);
        await source.emit(x);
        times.push(clock.now());
        expect(stream.waiting).toBeLessThanOrEqual(3);
      }
    })();
    await clock.advance('1s');
    await emitting;
    expect(times).toEqual([0, 0, 0, 35, 35, 35]);
    expect(log).toEqual([
      [[0, 1, 2], 10],
      [[3, 4, 5], 40],
    ]);
  });

  test('gives the rest at once when the source ends, and leaves no timer', async () => {
    const { clock, source, log, stream } = windowed();
    source.emit(1);
    await clock.advance('12ms');
    source.emit(2);
    source.dispose();
    expect([log, stream.node.ended, clock.timers]).toEqual([
      [
        [[1], 10],
        [[2], 12],
      ],
      true,
      0,
    ]);
  });

  test('puts the metadata of its values one after the other, and holds them until its work is done', async () => {
    const { clock, source } = windowed({}, { slowMs: 5 });
    const onDone = vi.fn();
    for (const x of [1, 2])
      void source.emit(x, { metadata: [{ ref: new RefCounter({ onDone: () => onDone(x) }) }] });
    await clock.advance('14ms');
    expect(onDone).not.toHaveBeenCalled();
    await clock.advance('1ms');
    expect(onDone.mock.calls).toEqual([[1], [2]]);
  });

  test('begins anew for a new sink, and leaves no timer without', async () => {
    const { clock, source, stream, sink, log } = windowed();
    source.emit(1);
    await clock.advance('4ms');
    sink.dispose();
    expect([stream.waiting, clock.timers]).toEqual([0, 0]);
    stream.sink((values) => log.push([values, clock.now()]));
    source.emit(2);
    await clock.advance('20ms');
    expect(log).toEqual([[[2], 14]]);
  });

  test('goes on after its end when another stream is connected above', async () => {
    const clock = new VirtualClock();
    const first = new Stream<number>({ clock });
    const union = first.union(new Stream<number>({ clock }));
    const stream = union.timedWindow('10ms');
    const list = stream.sinkToList();
    for (const node of union.node.upstreams) node.dispose();
    expect([stream.node.ended, clock.timers]).toEqual([true, 0]);
    const late = new Stream<number>({ clock });
    late.connect(union);
    late.emit(1);
    late.emit(2);
    expect([list, stream.node.ended]).toEqual([[], false]);
    await clock.advance('10ms');
    expect(list).toEqual([[1, 2]]);
  });

  test('goes on from a saved state at the times of the one saved', async () => {
    const first = windowed();
    await first.clock.advance('14ms');
    first.source.emit(1);
    const state = first.stream.node.saveState?.();
    expect(state).toEqual({ values: [1], leftMs: 6 });
    const second = windowed();
    second.stream.node.restoreState?.(state);
    second.source.emit(2);
    await second.clock.advance('7ms');
    second.source.emit(3);
    await second.clock.advance('10ms');
    expect(second.log).toEqual([
      [[1, 2], 6],
      [[3], 16],
    ]);
  });

  test('refuses a bare number and an interval of nothing', () => {
    expect(() => new Stream().timedWindow(1 as never)).toThrow(
      'interval of timedWindow must be a string with a unit',
    );
    expect(() => new Stream().timedWindow('0s')).toThrow(
      "interval of timedWindow must be above zero, got '0s'",
    );
  });
});

describe('timedWindowUnique', () => {
  const lists = async (keep: 'first' | 'last' | undefined) => {
    const clock = new VirtualClock();
    const source = new Stream<{ id: string; x: number }>({ clock });
    const list = source.timedWindowUnique('10ms', { key: ({ id }) => id, keep }).sinkToList();
    const released: number[] = [];
    const emit = (id: string, x: number) =>
      source.emit(
        { id, x },
        { metadata: [{ ref: new RefCounter({ onDone: () => void released.push(x) }) }] },
      );
    for (const [id, x] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['c', 4],
    ] as const)
      emit(id, x);
    const early = [...released];
    await clock.advance('10ms');
    emit('a', 5);
    await clock.advance('10ms');
    return [
      list.map((values) => values.map(({ id, x }) => `${id}${x}`).join(' ')),
      early,
      released.toSorted(),
    ];
  };

  test('keeps the first of each key, and releases the others at once', async () => {
    expect(await lists(undefined)).toEqual([['a1 b2 c4', 'a5'], [3], [1, 2, 3, 4, 5]]);
  });

  test('keeps the last of each key, at its own place', async () => {
    expect(await lists('last')).toEqual([['b2 a3 c4', 'a5'], [1], [1, 2, 3, 4, 5]]);
  });

  test('takes the value itself for the key', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const list = source.timedWindowUnique('10ms').sinkToList();
    for (const x of [1, 2, 1, Number.NaN, Number.NaN]) source.emit(x);
    await clock.advance('10ms');
    expect(list).toEqual([[1, 2, Number.NaN]]);
  });

  test('holds up the emitters of repeats, too, while the work below is not done', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    source.timedWindowUnique('10ms').sink(() => sleep(clock, 5));
    source.emit(1);
    await clock.advance('10ms');
    void source.emit(1);
    expect(source.emit(1)).toBeInstanceOf(Promise);
  });

  test('refuses another choice', () => {
    expect(() => new Stream().timedWindowUnique('1s', { keep: 'newest' as never })).toThrow(
      `keep of timedWindowUnique must be "first" or "last", got "newest"`,
    );
  });
});
