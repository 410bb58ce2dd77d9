import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

describe('sleep', () => {
  test('resolves when its time has come', async () => {
    const clock = new VirtualClock();
    let woke = false;
    void sleep(clock, 10).then(() => {
      woke = true;
    });
    await clock.advance('9ms');
    expect(woke).toBe(false);
    await clock.advance('1ms');
    expect(woke).toBe(true);
  });

  test('resolves at once when aborted, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const control = new AbortController();
    let woke = false;
    void sleep(clock, 10, control.signal).then(() => {
      woke = true;
    });
    control.abort();
    await settle();
    expect([woke, clock.timers]).toEqual([true, 0]);
    await sleep(clock, 10, control.signal);
    expect(clock.timers).toBe(0);
  });
});

describe('the clock of the platform', () => {
  test('waits for a time that is further away than its timers reach', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const day = 86_400_000;
    const [ran, cancelled] = [vi.fn(), vi.fn()];
    systemClock.setTimer(60 * day, ran);
    const timer = systemClock.setTimer(60 * day, cancelled);
    await vi.advanceTimersByTimeAsync(59 * day);
    expect(ran).not.toHaveBeenCalled();
    timer.cancel();
    await vi.advanceTimersByTimeAsync(day);
    expect(ran).toHaveBeenCalledTimes(1);
    expect(cancelled).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
