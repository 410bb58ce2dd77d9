import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

describe('tail', () => {
  test('gives the last elements one by one, oldest first, when the source ends', async () => {
    const source = new Stream<number>();
    const released: number[] = [];
    const stream = source.tail(2);
    const list = stream.sinkToList();
    for (const x of [1, 2, 3]) {
      source.emit(x, { metadata: [{ ref: new RefCounter({ onDone: () => void released.push(x) }) }] });
    }
    expect([list, released, stream.waiting]).toEqual([[], [1], 2]);
    source.dispose();
    await settle();
    expect([list, released, stream.node.ended, stream.dropped]).toEqual([[2, 3], [1, 2, 3], true, 0]);
  });

  test('waits for the work below between two', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const log: [number, number][] = [];
    source.tail(3).sink((x) => {
      log.push([x, clock.now()]);
      return sleep(clock, 5);
    });
    for (const x of [1, 2, 3]) source.emit(x);
    source.dispose();
    await clock.advance('1s');
    expect(log).toEqual([
      [1, 0],
      [2, 5],
      [3, 10],
    ]);
  });

  test.each([0, 1.5, Number.POSITIVE_INFINITY])('refuses the size %d', (size) => {
    expect(() => new Stream().tail(size)).toThrow(`size of tail must be a whole number from 1, got ${size}`);
  });
});
