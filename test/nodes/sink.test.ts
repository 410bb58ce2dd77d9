import { describe, expect, test, vi } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

describe('sink', () => {
  test('D5-08: works until it is disposed of', () => {
    const source = new Stream<number>();
    const seen: number[] = [];
    {
      using _sink = source.sink((x) => seen.push(x));
      source.emit(1);
    }
    source.emit(2);
    expect(seen).toEqual([1]);
    expect(source.node.downstreams).toEqual([]);
  });

  test('ends when its signal aborts', () => {
    const source = new Stream<number>();
    const control = new AbortController();
    const seen: number[] = [];
    const sink = source.sink((x) => seen.push(x), { signal: control.signal });
    source.emit(1);
    control.abort();
    source.emit(2);
    expect([seen, sink.disposed]).toEqual([[1], true]);
  });

  test('with a signal that has aborted never begins', () => {
    const source = new Stream<number>();
    const sink = source.sink(() => {}, { signal: AbortSignal.abort() });
    expect([sink.disposed, source.node.active]).toEqual([true, false]);
  });

  test('leaves no listener at the signal once disposed of', () => {
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    new Stream<number>().sink(() => {}, { signal }).dispose();
    expect(removed).toHaveBeenCalledTimes(1);
  });

  test('makes emit wait for a promise, or for anything with then', async () => {
    const source = new Stream<number>();
    let end = (): void => {};
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    source.sink(() => ({ then: (resolve: () => void) => (end = resolve) }));
    let done = false;
    const flow = Promise.resolve(source.emit(1)).then(() => {
      done = true;
    });
    await settle();
    expect(done).toBe(false);
    end();
    await flow;
    expect(done).toBe(true);
  });

  test('D5-11: lets go of an element only when its asynchronous work is done', async () => {
    const commitOffset = vi.fn();
    const source = new Stream<number>();
    let written = false;
    source.sink(async () => {
      await settle();
      expect(commitOffset).not.toHaveBeenCalled();
      written = true;
    });
    await source.emit(1, { metadata: [{ ref: new RefCounter({ onDone: commitOffset }) }] });
    expect([written, commitOffset.mock.calls]).toEqual([true, [[]]]);
  });
});

describe('done', () => {
  test('comes when the sources have ended and the last work is finished', async () => {
    const clock = new VirtualClock();
    const source = fromIterable([1, 2, 3], { clock });
    const log: number[] = [];
    const sink = source
      .mapAsync((x) => sleep(clock, 10).then(() => x), { parallelism: 3 })
      .sink((x) => sleep(clock, 100).then(() => void log.push(x)));
    let isDone = false;
    void sink.done.then(() => {
      isDone = true;
    });
    await clock.advance('300ms');
    expect([log, isDone]).toEqual([[1, 2], false]);
    await clock.advance('1s');
    expect([log, isDone]).toEqual([[1, 2, 3], true]);
    await sink.done;
  });

  test('comes when the sink is disposed of, and where it was before', async () => {
    const source = new Stream<number>();
    const sink = source.sink(() => {});
    const { done } = sink;
    sink.dispose();
    await done;
    await sink.done;
  });

  test('comes after work that fails', async () => {
    const source = new Stream<number>();
    const sink = source.map((x) => x).sink(() => Promise.reject(new Error('no')));
    const flow = Promise.resolve(source.emit(1)).catch(() => {});
    source.dispose();
    await sink.done;
    await flow;
  });
});
