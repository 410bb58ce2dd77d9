import { Float64, makeData, Table, Vector } from 'apache-arrow';
import { describe, expect, test, vi } from 'vitest';
import { RefCounter } from '../../src/core/metadata.ts';
import type { Flow } from '../../src/core/node.ts';
import type { MillraceError } from '../../src/errors.ts';
import type { BufferOptions } from '../../src/nodes/buffer.ts';
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

  describe('with a bound that is reached', () => {
    /** Emits 1 to 5 one after another while the sink works on 0. */
    async function full(options: BufferOptions<number>) {
      const source = new Stream<number>();
      const { begun, enter, pass } = gate();
      const stream = source.buffer(options);
      stream.sink(enter);
      const done: [x: number, error: unknown][] = [];
      const emit = (x: number) =>
        source.emit(x, {
          metadata: [{ ref: new RefCounter({ onDone: (error) => done.push([x, error]) }) }],
        });
      await emit(0);
      await settle();
      const refused: number[] = [];
      const flows = [1, 2, 3, 4, 5].map((x) => {
        try {
          return emit(x);
        } catch {
          refused.push(x);
          return undefined;
        }
      });
      const waited = flows.filter((flow) => flow !== undefined).length;
      const droppedAt = stream.dropped;
      const waitingAt = stream.waiting;
      for (let i = 0; i < 6; i++) {
        await settle();
        if (begun.length > i) await pass();
      }
      return { begun, done, refused, waited, droppedAt, waitingAt };
    }

    test("'wait' holds up emitters and drops nothing", async () => {
      const { begun, waited, droppedAt, waitingAt } = await full({ size: 2 });
      expect([begun, waited, droppedAt, waitingAt]).toEqual([[0, 1, 2, 3, 4, 5], 3, 0, 5]);
    });

    test.each<[BufferOptions['overflow'], begun: number[], droppedAt: number]>([
      ['dropOldest', [0, 4, 5], 3],
      ['dropNewest', [0, 1, 2], 3],
      ['keepLatest', [0, 5], 4],
    ])('%s drops, counts, and lets go without an error', async (overflow, left, droppedAt) => {
      const run = await full({ size: 2, overflow });
      expect([run.begun, run.droppedAt, run.waited]).toEqual([left, droppedAt, 0]);
      expect(run.waitingAt).toBe(left.length - 1);
      expect(run.done.toSorted(([a], [b]) => a - b)).toEqual([0, 1, 2, 3, 4, 5].map((x) => [x, undefined]));
    });

    test("'error' fails the emitter and keeps what waits", async () => {
      const { begun, refused, droppedAt } = await full({ size: 2, overflow: 'error' });
      expect([begun, refused, droppedAt]).toEqual([[0, 1, 2], [3, 4, 5], 0]);
      const source = new Stream<number>();
      source.buffer({ size: 1, maxBytes: 9, sizeOf: () => 1, overflow: 'error' }).sink(() => {});
      source.emit(1);
      expect(() => source.emit(2)).toThrow(
        expect.objectContaining({
          code: 'limit-exceeded',
          message: 'more than 1 elements or 9 bytes wait (at stream › buffer)',
        }),
      );
    });

    test('counts bytes, and lets one that is too large in when nothing waits', async () => {
      const { begun, waited, droppedAt } = await full({ maxBytes: 3, sizeOf: (x) => x });
      expect([begun, waited, droppedAt]).toEqual([[0, 1, 2, 3, 4, 5], 3, 0]);
      const lossy = await full({ maxBytes: 7, sizeOf: (x) => x, overflow: 'dropOldest' });
      expect([lossy.begun, lossy.droppedAt]).toEqual([[0, 5], 4]);
    });
  });

  test('measures strings, views and record batches by itself', async () => {
    const source = new Stream<unknown>();
    const stream = source.buffer({ maxBytes: 1000, overflow: 'dropNewest' });
    const list = stream.sinkToList();
    const batch = new Table({
      x: new Vector([makeData({ type: new Float64(), data: new Float64Array(60) })]),
    });
    for (const value of ['x'.repeat(100), new Uint8Array(200), batch, new ArrayBuffer(121)])
      source.emit(value);
    expect([stream.waiting, stream.dropped]).toEqual([3, 1]);
    source.emit(batch.batches[0]!);
    expect([stream.waiting, stream.dropped]).toEqual([3, 2]);
    source.emit(new ArrayBuffer(120));
    await settle();
    expect(list.length).toBe(4);
  });

  test('says so where it cannot measure an element', () => {
    const source = new Stream<unknown>();
    source.buffer({ maxBytes: 10 }).sink(() => {});
    expect(() => source.emit({ a: 1 })).toThrow(
      'maxBytes of a buffer cannot measure an object; give it sizeOf',
    );
    expect(() => source.emit(3)).toThrow('maxBytes of a buffer cannot measure a number; give it sizeOf');
    const odd = new Stream<number>();
    odd.buffer({ maxBytes: 10, sizeOf: () => Number.NaN }).sink(() => {});
    expect(() => odd.emit(3)).toThrow('sizeOf of a buffer must give a number from 0, got NaN');
  });

  test('saves what waits, and passes it on once it is restored and a sink is there', async () => {
    const source = new Stream<number>();
    const { enter } = gate();
    const stream = source.buffer(2);
    stream.sink(enter);
    for (const x of [1, 2, 3]) void source.emit(x);
    const state = stream.node.saveState?.();
    expect(state).toEqual({ values: [1, 2, 3] });
    const again = new Stream<number>();
    const restored = again.buffer(2);
    restored.node.restoreState?.(state);
    const list = restored.sinkToList();
    const other = restored.sinkToList();
    void again.emit(4);
    await settle();
    expect([list, other]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  test('goes on after its end when another stream is connected above', async () => {
    const first = new Stream<number>();
    const union = first.union(new Stream<number>());
    const stream = union.buffer(2);
    const list = stream.sinkToList();
    for (const { node } of [...union.node.upstreams].map((node) => ({ node }))) node.dispose();
    await settle();
    expect(stream.node.ended).toBe(true);
    const late = new Stream<number>();
    late.connect(union);
    late.emit(1);
    await settle();
    expect([list, stream.node.ended]).toEqual([[1], false]);
    late.emit(2);
    late.dispose();
    await settle();
    expect([list, stream.node.ended]).toEqual([[1, 2], true]);
  });

  test.each([
    [{}, 'a buffer needs a size or maxBytes'],
    [{ maxBytes: 0 }, 'maxBytes of a buffer must be a whole number from 1, got 0'],
    [
      { size: 1, overflow: 'drop-oldest' as never },
      'overflow of a buffer must be "wait" or "dropOldest" or "dropNewest" or "keepLatest" or "error", got "drop-oldest"',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => new Stream<number>().buffer(options)).toThrow(message);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses the size %j', (size) => {
    expect(() => new Stream<number>().buffer(size)).toThrow(
      `size of a buffer must be a whole number from 1, got ${size}`,
    );
  });
});
