import { describe, expect, test } from 'vitest';
import { times } from './times.ts';

describe('throttle', () => {
  test('gives a value, and then none for the interval', async () => {
    const { log, stream } = await times((s) => s.throttle('10ms'), [0, 4, 9, 10, 19, 21, 40]);
    expect([log, stream.dropped]).toEqual(['0@0 10@10 21@21 40@40', 3]);
  });
});
