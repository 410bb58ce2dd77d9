import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';
import { times } from './times.ts';

describe('dedupe', () => {
  const keys = (extend: boolean, maxsize?: number) => (s: Stream<number>) =>
    s.dedupe({ within: '10ms', key: (ms) => ms % 2, extend, ...(maxsize === undefined ? {} : { maxsize }) });

  test('drops what was there less than the interval before', async () => {
    const { log, stream } = await times(keys(false), [0, 1, 4, 9, 10, 11, 19, 20, 22]);
    expect(log).toBe('0@0 1@1 10@10 11@11 20@20');
    expect(stream.dropped).toBe(0);
  });

  test('counts from the last repeat where that is asked for', async () => {
    const { log } = await times(keys(true), [0, 4, 12, 20, 30]);
    expect(log).toBe('0@0 30@30');
  });

  test('forgets keys when their time is over, and the oldest beyond maxsize', async () => {
    const all = await times((s) => s.dedupe({ within: '10ms' }), [0, 1, 2, 30, 31]);
    expect(all.stream.node.saveState?.()).toEqual({ keys: [] });
    const some = await times((s) => s.dedupe({ within: '10ms' }), [0, 1, 2, 11], { endMs: 11 });
    expect(some.stream.node.saveState?.()).toEqual({
      keys: [
        [2, 1],
        [11, 10],
      ],
    });
    const { log } = await times(keys(false, 1), [0, 1, 2, 4]);
    expect(log).toBe('0@0 1@1 2@2');
  });

  test('refuses a bare number and a bad maxsize', () => {
    expect(() => new Stream().dedupe({ within: 10 as never })).toThrow('within of dedupe must be a string');
    expect(() => new Stream().dedupe({ within: '1s', maxsize: 0 })).toThrow(
      'maxsize of dedupe must be a whole number from 1, got 0',
    );
  });
});
