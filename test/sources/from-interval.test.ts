import { describe, expect, test } from 'vitest';
import { fromInterval, type IntervalTick } from '../../src/sources/from-interval.ts';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.ts';
import { collect } from './collect.ts';

describe('fromInterval', () => {
  test('gives the numbers from 0, one per interval', async () => {
    const clock = new VirtualClock();
    const { values } = collect(fromInterval(undefined, { interval: '1s', clock }));
    await clock.advance('999ms');
    expect(values).toEqual([]);
    await clock.advance('2001ms');
    expect(values).toEqual([0, 1, 2]);
    const atOnce = collect(fromInterval(undefined, { immediate: true, clock }));
    await clock.advance('1s');
    expect(atOnce.values).toEqual([0, 1, 2]);
  });

  test('gives what the function gives, whatever it is, promises awaited', async () => {
    const clock = new VirtualClock({ now: 1000 });
    const ticks: Omit<IntervalTick, 'signal'>[] = [];
    const results: unknown[] = [undefined, null, Promise.resolve('c'), [1, 2], { e: 1 }];
    const source = fromInterval(
      ({ signal, ...tick }) => {
        expect(signal.aborted).toBe(false);
        ticks.push(tick);
        return results[tick.tick];
      },
      { interval: '100ms', clock },
    );
    const { values } = collect(source);
    await clock.advance('500ms');
    expect(values).toEqual([undefined, null, 'c', [1, 2], { e: 1 }]);
    expect(ticks.slice(0, 2)).toEqual([
      { tick: 0, now: 1100, last: 1000 },
      { tick: 1, now: 1200, last: 1100 },
    ]);
  });

  test('never overlaps, work below included, and keeps to its times without drift', async () => {
    const clock = new VirtualClock();
    const calls: number[] = [];
    const sleep = (ms: number) => new Promise<void>((wake) => clock.setTimer(ms, wake));
    const source = fromInterval(
      async ({ now, tick }) => {
        calls.push(now);
        await sleep(tick === 1 ? 150 : 30);
      },
      { interval: '100ms', clock },
    );
    source.sink(() => sleep(20));
    await clock.advance('600ms');
    expect(calls).toEqual([100, 200, 400, 500, 600]);
  });

  test('reports a function that throws or rejects, and goes on with the next tick', async () => {
    const clock = new VirtualClock();
    const source = fromInterval(
      ({ tick }) => {
        if (tick === 1) throw new Error('no');
        return tick === 2 ? Promise.reject(new Error('never')) : tick;
      },
      { interval: '1s', clock },
    );
    const { values, errors } = collect(source);
    await clock.advance('4s');
    expect(values).toEqual([0, 3]);
    expect(errors.map((e) => [e.code, e.message, e.position])).toEqual([
      ['user-code', 'function threw on tick 1: no', { message: 1 }],
      ['user-code', 'function threw on tick 2: never', { message: 2 }],
    ]);
  });

  test('calls nothing once nobody listens, aborts its signal, and begins anew', async () => {
    const clock = new VirtualClock();
    const signals: AbortSignal[] = [];
    const source = fromInterval(
      ({ signal, tick }) => {
        signals.push(signal);
        return signals.length === 2 ? new Promise<number>(() => {}) : tick;
      },
      { interval: '1s', clock },
    );
    const first: number[] = [];
    const sink = source.sink((tick) => first.push(tick));
    await clock.advance('5s');
    sink.dispose();
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(clock.timers).toBe(0);
    const { values } = collect(source);
    await clock.advance('2s');
    expect([first, values]).toEqual([[0], [0, 1]]);
  });

  test('refuses an interval of zero', () => {
    expect(() => fromInterval(undefined, { interval: '0s' })).toThrow(
      "interval must be above zero, got '0s'",
    );
  });
});
