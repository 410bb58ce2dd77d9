import { describe, expect, test } from 'vitest';
import { toReadableStream } from '../../src/sinks/to-readable-stream.ts';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import { fromReadableStream } from '../../src/sources/from-readable-stream.ts';
import { Stream } from '../../src/stream.ts';
import { settle } from '../../src/testing/virtual-clock.ts';

describe('toReadableStream', () => {
  test('gives all elements, and closes with the sources', async () => {
    const reader = toReadableStream(fromIterable(['a', 'b', 'c'])).getReader();
    const seen: string[] = [];
    for (let read = await reader.read(); !read.done; read = await reader.read()) seen.push(read.value);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test.each([0, 1, 4])('takes no more than %i elements ahead of the reader', async (highWaterMark) => {
    const numbers = new Stream<number>();
    const reader = toReadableStream(numbers, { highWaterMark }).getReader();
    let emitted = 0;
    const emitting = (async () => {
      for (let i = 0; i < 10; i++) {
        await numbers.emit(i);
        emitted++;
      }
    })();
    // The one that is being worked on has not been emitted to its end.
    const ahead = Math.max(0, highWaterMark - 1);
    await settle();
    expect(emitted).toBe(ahead);
    for (let i = 0; i < 3; i++) expect(await reader.read()).toEqual({ done: false, value: i });
    await settle();
    expect(emitted).toBe(highWaterMark === 0 ? 2 : 3 + ahead);
    await reader.cancel();
    await emitting;
  });

  test('leaves the stream when it is cancelled, and closes when the signal aborts', async () => {
    const numbers = new Stream<number>();
    const stream = toReadableStream(numbers);
    expect(numbers.node.active).toBe(true);
    await stream.cancel();
    expect(numbers.node.active).toBe(false);

    const control = new AbortController();
    const reader = toReadableStream(numbers, { signal: control.signal }).getReader();
    const read = reader.read();
    control.abort();
    expect(await read).toEqual({ done: true, value: undefined });
    expect(numbers.node.active).toBe(false);
  });

  test('pipes through the platform and back', async () => {
    const text = toReadableStream(fromIterable(['ä', 'ö']));
    const source = fromReadableStream(text.pipeThrough(new TextEncoderStream()));
    const values = source.sinkToList();
    await source.done;
    expect(Buffer.concat(values).toString()).toBe('äö');
  });
});
