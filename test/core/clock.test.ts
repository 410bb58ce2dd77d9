import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
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
