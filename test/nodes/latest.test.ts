import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { times } from './times.ts';

describe('latest', () => {
  test('gives the newest when the work below on the one before is done', async () => {
    const { log, stream } = await times((s) => s.latest(), [0, 1, 5, 9, 11, 40], { slowMs: 10 });
    expect([log, stream.dropped]).toEqual(['0@0 9@10 11@20 40@40', 2]);
  });

  test('releases an element when its own work is done', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    source.latest().sink(() => sleep(clock, 10));
    const done: string[] = [];
    const emit = (x: number) =>
      source.emit(x, {
        metadata: [{ ref: new RefCounter({ onDone: (error) => done.push(`${x}@${clock.now()} ${error}`) }) }],
      });
    emit(1);
    await clock.advance('5ms');
    emit(2);
    emit(3);
    await clock.advance('1s');
    expect(done).toEqual(['2@5 undefined', '1@10 undefined', '3@20 undefined']);
  });
});
