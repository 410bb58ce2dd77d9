import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { VirtualClock } from '../../src/testing/index.ts';

describe('VirtualClock', () => {
  test('starts where it is told and moves only when told', async () => {
    const clock = new VirtualClock({ now: new Date('2024-02-29T12:00:00Z') });
    expect(clock.monotonic()).toBe(0);
    await clock.advance('1h');
    await clock.advance({ ms: 0.5 });
    expect(clock.now()).toBe(Date.UTC(2024, 1, 29, 13) + 0.5);
    expect(clock.monotonic()).toBe(3_600_000.5);
  });

  test('runs what is due in order of time, then of setting, each at its own time', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const set = (name: string, ms: number) => clock.setTimer(ms, () => log.push(`${name} ${clock.now()}`));
    set('c', 20);
    set('a', 10);
    set('b', 10);
    set('never', 21);
    set('cancelled', 5).cancel();
    await clock.advance('20ms');
    expect(log).toEqual(['a 10', 'b 10', 'c 20']);
    expect(clock.timers).toBe(1);
  });

  test('runs timers that promises set on the way', async () => {
    const clock = new VirtualClock();
    const log: number[] = [];
    const loop = async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(clock, 10);
        await Promise.resolve();
        log.push(clock.now());
      }
    };
    void loop();
    await clock.advance('1s');
    expect(log).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(1000);
  });

  test('runs a timer without delay at the same time', async () => {
    const clock = new VirtualClock();
    const log: number[] = [];
    clock.setTimer(5, () => clock.setTimer(0, () => log.push(clock.now())));
    clock.setTimer(-1, () => log.push(clock.now()));
    await clock.advance('5ms');
    expect(log).toEqual([0, 5]);
  });

  test('stops at a timer that throws', async () => {
    const clock = new VirtualClock();
    clock.setTimer(5, () => {
      throw new Error('burst');
    });
    await expect(clock.advance('10ms')).rejects.toThrow('burst');
    expect(clock.now()).toBe(5);
  });
});
