import { describe, expect, test, vi } from 'vitest';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';
import { settle } from '../../src/testing/index.ts';

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
