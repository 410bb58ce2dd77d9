import { describe, expect, test } from 'vitest';
import { times } from './times.ts';

describe('sample', () => {
  test('gives the newest of each interval, without drift', async () => {
    const { log, stream } = await times((s) => s.sample('10ms'), [0, 4, 9, 12, 35, 36]);
    expect([log, stream.dropped]).toEqual(['9@10 12@20 36@40', 3]);
  });

  test('leaves out times at which the work below is not done', async () => {
    const { log } = await times((s) => s.sample('10ms'), [0, 12, 22, 26], { slowMs: 15 });
    expect(log).toBe('0@10 26@30');
  });

  test('gives what is left at once when the source ends', async () => {
    const { source, stream, clock } = await times((s) => s.sample('10ms'), [0, 4], { endMs: 4 });
    const list = stream.sinkToList();
    source.dispose();
    expect([list, stream.node.ended, clock.timers]).toEqual([[4], true, 0]);
  });
});
