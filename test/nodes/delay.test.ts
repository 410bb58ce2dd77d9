import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { seconds } from '../../src/core/duration.ts';
import type { DelayOptions } from '../../src/nodes/delay.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

function delayed(options: DelayOptions<number> = {}, slowMs = 0) {
  const clock = new VirtualClock();
  const source = new Stream<number>({ clock });
  const log: [value: number, at: number][] = [];
  const stream = source.delay('10ms', options);
  const sink = stream.sink((x) => {
    log.push([x, clock.now()]);
    return slowMs === 0 ? undefined : sleep(clock, slowMs);
  });
  return { clock, source, log, stream, sink };
}

describe('delay', () => {
  test('brings each element an interval after it came', async () => {
    const { clock, source, log, stream } = delayed();
    source.emit(1);
    source.emit(2);
    await clock.advance('4ms');
    source.emit(3);
    expect(stream.waiting).toBe(3);
    await clock.advance('20ms');
    source.emit(4);
    await clock.advance('10ms');
    expect(log).toEqual([
      [1, 10],
      [2, 10],
      [3, 14],
      [4, 34],
    ]);
    expect([stream.waiting, clock.timers]).toEqual([0, 0]);
  });

  test('does not hold up the emitter', () => {
    const { source } = delayed();
    expect([1, 2, 3].map((x) => source.emit(x))).toEqual([undefined, undefined, undefined]);
  });

  test('holds up emitters beyond maxsize until there is room', async () => {
    const { clock, source, log } = delayed({ maxsize: 2 });
    const admitted: [number, number][] = [];
    for (const x of [1, 2, 3, 4]) {
      void Promise.resolve(source.emit(x)).then(() => admitted.push([x, clock.now()]));
      await clock.advance('1ms');
    }
    await clock.advance('1s');
    expect(admitted).toEqual([
      [1, 0],
      [2, 1],
      [3, 10],
      [4, 11],
    ]);
    expect(log.map(([, at]) => at)).toEqual([10, 11, 12, 13]);
  });

  test('gives one after the other where the work below is slow', async () => {
    const { clock, source, log } = delayed({}, 4);
    for (const x of [1, 2, 3]) source.emit(x);
    await clock.advance('1s');
    expect(log).toEqual([
      [1, 10],
      [2, 14],
      [3, 18],
    ]);
  });

  test('brings what is left at its time when the source ends, and ends then', async () => {
    const { clock, source, log, stream } = delayed();
    source.emit(1);
    await clock.advance('3ms');
    source.emit(2);
    source.dispose();
    await clock.advance('9ms');
    expect([log, stream.node.ended]).toEqual([[[1, 10]], false]);
    await clock.advance('1ms');
    expect([log.at(-1), stream.node.ended]).toEqual([[2, 13], true]);
  });

  test('leaves no timer when nothing needs it', async () => {
    const { clock, source, log, stream, sink } = delayed();
    source.emit(1);
    sink.dispose();
    expect([clock.timers, stream.waiting]).toEqual([0, 0]);
    await clock.advance('1s');
    expect(log).toEqual([]);
  });

  test('saves what is left of each delay', async () => {
    const { clock, source, stream } = delayed();
    source.emit(1);
    await clock.advance('4ms');
    source.emit(2);
    const again = delayed();
    again.stream.node.restoreState?.(stream.node.saveState?.());
    await again.clock.advance('1s');
    expect(again.log).toEqual([
      [1, 6],
      [2, 10],
    ]);
  });

  test('takes a number with a unit, and refuses one without', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const list = source.delay(seconds(1.5)).sinkToList();
    source.emit(1);
    await clock.advance('1499ms');
    expect(list).toEqual([]);
    await clock.advance('1ms');
    expect(list).toEqual([1]);
    expect(() => source.delay(10 as never)).toThrow(
      "interval of delay must be a string with a unit, got 10; write '10ms' or '10s'",
    );
    expect(() => source.delay('1s', { maxsize: 0 })).toThrow(
      'maxsize of delay must be a whole number from 1, got 0',
    );
    await settle();
  });
});
