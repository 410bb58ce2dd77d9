import { expect } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { Stream } from '../../src/stream.ts';
import { VirtualClock } from '../../src/testing/index.ts';

/** The values with the times at which they come out of `put`, from a source that emits at the given times. */
export async function times(
  put: (source: Stream<number>) => Stream<number>,
  at: readonly number[],
  { slowMs = 0, endMs = 1000 } = {},
) {
  const clock = new VirtualClock();
  const source = new Stream<number>({ clock });
  const stream = put(source);
  const log: string[] = [];
  stream.sink((x) => {
    log.push(`${x}@${clock.now()}`);
    return slowMs === 0 ? undefined : sleep(clock, slowMs);
  });
  for (const ms of at) {
    await clock.advance({ ms: ms - clock.now() });
    expect(source.emit(ms)).toBeUndefined();
  }
  await clock.advance({ ms: endMs - clock.now() });
  return { log: log.join(' '), stream, source, clock };
}
