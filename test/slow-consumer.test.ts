import { describe, expect, test } from 'vitest';
import { sleep } from '../src/core/clock.ts';
import { Stream } from '../src/stream.ts';
import { VirtualClock } from '../src/testing/index.ts';

/** Emits every millisecond where it may, to a sink that takes a second; gives the most that was under way at once. */
async function mostUnderWay(
  build: (source: Stream<number>, clock: VirtualClock) => Stream<number | number[]>,
): Promise<{ most: number; arrived: number[]; waiting: number }> {
  const clock = new VirtualClock();
  const source = new Stream<number>({ clock });
  const arrived: number[] = [];
  const end = build(source, clock);
  end.sink(async (value) => {
    await sleep(clock, 1000);
    arrived.push(...(Array.isArray(value) ? value : [value]));
  });
  let emitted = 0;
  let most = 0;
  let waiting = 0;
  let isStopped = false;
  const emitting = (async () => {
    while (!isStopped) {
      const flow = source.emit(emitted++);
      most = Math.max(most, emitted - arrived.length);
      const held = source.graph.nodes.reduce((sum, node) => sum + node.waiting, 0);
      waiting = Math.max(waiting, held);
      await flow;
      await sleep(clock, 1);
    }
  })();
  await clock.advance('5min');
  isStopped = true;
  await clock.advance('5min');
  await emitting;
  return { most, arrived, waiting };
}

const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('a consumer a thousand times slower than its source', () => {
  const size = 10;
  const list = 5;
  const calls = 2;

  test('is waited for by whoever emits', async () => {
    const { most, arrived } = await mostUnderWay((source) => source.map((x) => x));
    expect(most).toBe(1);
    expect(arrived).toEqual(inOrder(arrived.length));
    expect(arrived.length).toBeGreaterThan(290);
  });

  test('keeps no more waiting than a buffer has room for', async () => {
    const { most, arrived, waiting } = await mostUnderWay((source) => source.buffer(size));
    expect(waiting).toBeLessThanOrEqual(size + 1);
    expect(most).toBeLessThanOrEqual(size + 2); // those that wait, the one below, the one whose emitter waits
    expect(arrived).toEqual(inOrder(arrived.length));
  });

  test('keeps no more waiting through mapAsync than twice its calls', async () => {
    const { most, arrived } = await mostUnderWay((source) =>
      source.mapAsync(async (x) => x, { parallelism: calls }),
    );
    expect(most).toBeLessThanOrEqual(2 * calls + 2);
    expect(arrived).toEqual(inOrder(arrived.length));
  });

  test('keeps no more waiting through zip than its sides have room for', async () => {
    const { most, arrived } = await mostUnderWay((source, clock) => {
      const slow = source.rateLimit('500ms');
      const quick = source.delay('1ms', { maxsize: size });
      void clock;
      return slow.zip(quick, { maxsize: size }).map(([x]) => x);
    });
    expect(most).toBeLessThanOrEqual(2 * size + 2);
    expect(arrived).toEqual(inOrder(arrived.length));
    expect(arrived.length).toBeGreaterThan(200);
  });

  test('keeps no more than all these bounds together, through lists and connections too', async () => {
    const { most, arrived, waiting } = await mostUnderWay((source, clock) => {
      const next = new Stream<number>({ clock });
      source.buffer(size).connect(next);
      const both = next
        .zip(
          next.map((x) => x),
          { maxsize: size },
        )
        .map(([x]) => x);
      return both.mapAsync(async (x) => x, { parallelism: calls }).partition(list);
    });
    const bound = size + 2 + 2 * calls + 1 + list + 1;
    expect(most).toBeLessThanOrEqual(bound + list); // the list that the sink has
    expect(waiting).toBeLessThanOrEqual(bound);
    expect(arrived).toEqual(inOrder(arrived.length));
    expect(arrived.length).toBeGreaterThan(1000);
  });
});
