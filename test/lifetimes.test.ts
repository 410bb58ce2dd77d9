import { queryObjects } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { Node } from '../src/core/node.ts';
import { Scope } from '../src/core/scope.ts';
import { Stream } from '../src/stream.ts';
import { settle, VirtualClock } from '../src/testing/index.ts';
import { collect } from './support/garbage.ts';

/** Objects of the graph that cannot be collected, and the bytes of all. */
async function left(): Promise<{ objects: number[]; bytes: number }> {
  for (let i = 0; i < 3; i++) {
    await settle();
    collect();
  }
  const objects = [Node, Stream, Scope, AbortController, Promise].map((kind) =>
    queryObjects(kind, { format: 'count' }),
  );
  return { objects, bytes: process.memoryUsage().heapUsed };
}

describe('ten thousand graphs that are built and disposed of', () => {
  test('leave the heap flat, no timer and nothing below the source', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const cycle = async (): Promise<void> => {
      const scope = new Scope();
      const { signal } = scope;
      const mapped = source.map((x) => x + 1).filter((x) => x > 0);
      scope.own(
        mapped
          .buffer(2)
          .rateLimit('1s')
          .sink(() => settle()),
      );
      mapped.accumulate((sum, x) => sum + x).sink(() => {}, { signal });
      const timed = [
        mapped.delay('1s'),
        mapped.debounce('1s'),
        mapped.throttle('1s'),
        mapped.sample('1s'),
        mapped.latest(),
        mapped.timedWindow('1s').flatten(),
        mapped.partition(3, { timeout: '1s' }).flatten(),
        mapped.mapAsync(() => settle()),
        mapped.dedupe({ within: '1s' }),
      ];
      for (const stream of timed) (stream as Stream<unknown>).sink(() => {}, { signal });
      const joins = [
        mapped.zip(mapped.delay('1s')),
        mapped.combineLatest(source),
        mapped.zipLatest(mapped.slidingWindow(2)),
      ];
      for (const stream of joins) (stream as Stream<unknown>).sink(() => {}, { signal });
      const rows = mapped.map((x) => [{ x }]);
      const total = scope.own(rows.toDataFrame().x!.sum());
      total.sink(() => {}, { signal });
      void source.emit(1);
      void source.emit(2);
      scope.dispose();
    };
    const run = async (cycles: number) => {
      for (let i = 0; i < cycles; i++) await cycle();
      return left();
    };
    const before = await run(2000);
    const after = await run(8000);
    for (const [i, count] of before.objects.entries()) expect(after.objects[i]).toBeLessThan(count + 100);
    expect(after.bytes - before.bytes).toBeLessThan(8_000_000); // compiled code comes and goes; 1 kB a cycle would be seen
    expect([clock.timers, source.node.downstreams]).toEqual([0, []]);
  }, 60_000);
});
