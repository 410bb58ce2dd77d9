import { describe, expect, test } from 'vitest';
import { fromReadableStream } from '../../src/sources/from-readable-stream.ts';
import { settle } from '../../src/testing/virtual-clock.ts';
import { arrivals, collect, reaches } from './collect.ts';

/** A stream of numbers without end that notes how many were asked for. */
function numbers() {
  const seen = { pulled: 0, cancelled: false };
  const stream = new ReadableStream<number>(
    {
      pull: (controller) => controller.enqueue(seen.pulled++),
      cancel: () => {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

describe('fromReadableStream', () => {
  test('gives the chunks, whatever they are, and ends with the stream', async () => {
    const chunks = ['a', { b: 1 }, undefined];
    const stream = new ReadableStream<unknown>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    const source = fromReadableStream(stream);
    const { values, statuses } = collect(source);
    await source.done;
    expect(values).toEqual(chunks);
    expect(statuses()).toEqual(['live', 'closed']);
  });

  test('reads no further than the work below is', async () => {
    const { stream, seen } = numbers();
    const source = fromReadableStream(stream);
    const finish: (() => void)[] = [];
    source.sink(() => new Promise<void>((resolve) => finish.push(resolve)));
    await settle();
    expect(seen.pulled).toBe(1);
    finish[0]!();
    await settle();
    expect(seen.pulled).toBe(2);
    source.dispose();
    await settle();
    expect(seen).toEqual({ pulled: 2, cancelled: true });
  });

  test('cancels when nobody listens, also while it waits for a chunk, and cannot be read again', async () => {
    let cancelled = false;
    const stream = new ReadableStream<number>({
      start: (controller) => controller.enqueue(1),
      cancel: () => {
        cancelled = true;
      },
    });
    const source = fromReadableStream(stream);
    const sink = source.sink(() => {});
    await settle();
    sink.dispose();
    await reaches(source, 'idle');
    expect(cancelled).toBe(true);
    const { errors } = collect(source);
    await source.done;
    expect(errors.map((e) => [e.code, e.message])).toEqual([
      ['not-available', 'stream is locked: it is being read, or has been'],
    ]);
  });

  test('fails where the stream breaks, after what came before', async () => {
    let count = 0;
    const stream = new ReadableStream<number>({
      pull(controller) {
        if (count === 2) controller.error(new Error('cable cut'));
        else controller.enqueue(count++);
      },
    });
    const source = fromReadableStream(stream);
    const { values, errors } = collect(source);
    await source.done;
    expect(values).toEqual([0, 1].slice(0, values.length));
    expect(errors.map((e) => [e.code, e.message])).toEqual([
      ['source-failed', 'stream broke off: cable cut'],
    ]);
    expect(source.state.status).toBe('failed');
  });

  test('acknowledges the number of chunks that are done', async () => {
    const { stream } = numbers();
    const acks: number[] = [];
    const source = fromReadableStream(stream, { ack: (count) => acks.push(count) });
    await arrivals(source, 3);
    expect(acks).toEqual([1, 2, 3]);
  });
});
