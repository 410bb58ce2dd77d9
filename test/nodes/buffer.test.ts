import { describe, expect, test, vi } from 'vitest';
import { RefCounter } from '../../src/core/metadata.ts';
import type { Flow } from '../../src/core/node.ts';
import type { MillraceError } from '../../src/errors.ts';
import { Stream } from '../../src/stream.ts';
import { settle } from '../../src/testing/index.ts';

/** A sink that holds each element until it is told to go on. */
function gate() {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const enter = (x: number) => {
    begun.push(x);
    return new Promise<void>((end) => void ends.push(end));
  };
  const pass = async () => {
    ends.shift()!();
    await settle();
  };
  return { begun, enter, pass };
}

describe('buffer', () => {
  test('lets the emitter go on until it is full', async () => {
    const source = new Stream<number>();
    const { begun, enter, pass } = gate();
    source.buffer(2).sink(enter);
    const admitted: number[] = [];
    for (const x of [0, 1, 2, 3, 4]) {
      await settle();
      void Promise.resolve(source.emit(x)).then(() => admitted.push(x));
    }
    await settle();
    expect([begun, admitted]).toEqual([[0], [0, 1, 2]]);
    await pass();
    expect([begun, admitted]).toEqual([
      [0, 1],
      [0, 1, 2, 3],
    ]);
    await pass();
    expect([begun, admitted]).toEqual([
      [0, 1, 2],
      [0, 1, 2, 3, 4],
    ]);
  });

  test('passes on one element after the other, in order, those of emitters that do not wait, too', async () => {
    const source = new Stream<number>();
    const { begun, enter, pass } = gate();
    source.buffer(1).sink(enter);
    for (const x of [1, 2, 3]) void source.emit(x);
    for (let i = 0; i < 3; i++) {
      await settle();
      expect(begun).toEqual([1, 2, 3].slice(0, i + 1));
      await pass();
    }
  });

  test('outlives an onError that rejects', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const source = new Stream<number>();
    const seen: number[] = [];
    source.buffer(1, { onError: () => Promise.reject(new Error('no log')) }).sink((x) => {
      seen.push(x);
      throw new Error('no');
    });
    for (const x of [1, 2]) await source.emit(x);
    await settle();
    expect(seen).toEqual([1, 2]);
    expect(report.mock.calls).toEqual([[new Error('no log')], [new Error('no log')]]);
    report.mockRestore();
  });

  test('holds an element until the work below is done', async () => {
    const onDone = vi.fn();
    const source = new Stream<number>();
    const { enter, pass } = gate();
    source.buffer(2).sink(enter);
    await source.emit(1, { metadata: [{ ref: new RefCounter({ onDone }) }] });
    await settle();
    expect(onDone).not.toHaveBeenCalled();
    await pass();
    expect(onDone.mock.calls).toEqual([[]]);
  });

  test.each([
    [
      'throws',
      (): Flow => {
        throw new Error('burst');
      },
    ],
    ['rejects', (): Flow => Promise.reject(new Error('burst'))],
  ])('goes on after a sink that %s, tells onError with the whole path, and the counter', async (_, fail) => {
    const errors: MillraceError[] = [];
    const onDone = vi.fn();
    const seen: number[] = [];
    const source = new Stream<number>({ name: 'source' });
    source
      .map((x) => x)
      .buffer(2, { onError: (error) => errors.push(error) })
      .sink((x) => (x === 1 ? fail() : void seen.push(x)));
    expect(await source.emit(1, { metadata: [{ ref: new RefCounter({ onDone }) }] })).toBeUndefined();
    expect(await source.emit(2)).toBeUndefined();
    await settle();
    expect(seen).toEqual([2]);
    expect(errors.map((error) => error.message)).toEqual(['burst (at source › map › buffer › sink)']);
    expect(onDone.mock.calls).toEqual([[errors[0]]]);
  });

  test('reports a failure that nobody listens for', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const source = new Stream<number>();
    source.buffer(1).sink(() => {
      throw new Error('burst');
    });
    await source.emit(1);
    await settle();
    expect(report.mock.calls[0]![0].message).toBe('burst (at stream › buffer › sink)');
    report.mockRestore();
  });

  test('drops what it holds when nothing needs it, and the counters hear of it', async () => {
    const source = new Stream<number>();
    const { enter } = gate();
    const sink = source.buffer(1).sink(enter);
    const onDone = vi.fn();
    void source.emit(0);
    await settle();
    const flows = [1, 2].map((x) => source.emit(x, { metadata: [{ ref: new RefCounter({ onDone }) }] }));
    sink.dispose();
    await Promise.all(flows);
    expect(onDone).toHaveBeenCalledTimes(2);
    expect(onDone.mock.calls[0]![0]).toMatchObject({ code: 'disposed' });
  });

  test('works again for a new sink, though the old one never ends', async () => {
    const source = new Stream<number>();
    const buffered = source.buffer(1);
    const old = buffered.sink(() => new Promise(() => {}));
    void source.emit(0);
    await settle();
    old.dispose();
    const list = buffered.sinkToList();
    await source.emit(1);
    await source.emit(2);
    await settle();
    expect(list).toEqual([1, 2]);
  });

  test.each([0, -1, 1.5, Number.NaN, '3'])('refuses the size %j', (size) => {
    expect(() => new Stream<number>().buffer(size as number)).toThrow(
      `size of a buffer must be a whole number from 1, got ${size}`,
    );
  });
});
