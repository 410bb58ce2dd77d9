import { describe, expect, test } from 'vitest';
import { times } from './times.ts';

describe('debounce', () => {
  test('gives the newest when it has been quiet', async () => {
    const { log, stream, clock } = await times((s) => s.debounce('10ms'), [0, 4, 9, 30, 39, 48, 100]);
    expect([log, stream.dropped, clock.timers]).toEqual(['9@19 48@58 100@110', 4, 0]);
  });

  test('waits for the work below', async () => {
    const { log } = await times((s) => s.debounce('10ms'), [0, 15, 30], { slowMs: 25 });
    expect(log).toBe('0@10 30@40');
    const late = await times((s) => s.debounce('10ms'), [0, 15], { slowMs: 25 });
    expect(late.log).toBe('0@10 15@35');
  });

  test('gives what is left at once when the source ends', async () => {
    const { log, source, stream, clock } = await times((s) => s.debounce('10ms'), [0, 4], { endMs: 4 });
    expect(log).toBe('');
    const list = stream.sinkToList();
    source.dispose();
    expect([list, stream.node.ended, clock.timers]).toEqual([[4], true, 0]);
  });
});
