import { describe, expect, test, vi } from 'vitest';
import type { Metadata } from '../src/core/metadata.ts';
import { RefCounter } from '../src/core/metadata.ts';
import { type Flow, Node } from '../src/core/node.ts';
import { UserCodeError } from '../src/errors.ts';
import { Stream } from '../src/stream.ts';
import { VirtualClock } from '../src/testing/index.ts';

const inc = (x: number) => x + 1;

/** A node of one's own: emits each element as often as its value says. */
class RepeatNode extends Node<number, number> {
  override async update(value: number, metadata: Metadata): Promise<void> {
    for (let i = 0; i < value; i++) await this.emit(value, metadata);
  }
}

describe('a stream', () => {
  test('D5-01: prints what is emitted, through map', () => {
    const log = vi.fn();
    const source = new Stream<number>();
    source.map((x) => x + 1).sink(log);
    source.emit(1);
    expect(log.mock.calls).toEqual([[2]]);
  });

  test('D5-08: does nothing while nothing is below', () => {
    const log = vi.fn();
    const source = new Stream<number>();
    const mapped = source.map(log);
    source.emit(1);
    expect(log).not.toHaveBeenCalled();
    using _sink = mapped.sink(() => {});
    source.emit(2);
    expect(log).toHaveBeenCalledTimes(1);
  });

  test('may be emitted into in the middle: the element comes out as it is', () => {
    const source = new Stream<number>();
    const mapped = source.map(inc);
    const list = mapped.sinkToList();
    mapped.emit(10);
    expect(list).toEqual([10]);
  });

  test('names itself first in the path of an error', () => {
    const source = new Stream<number>({ name: 'source' });
    source.map(inc).sink(() => {
      throw new RangeError('burst');
    });
    let error: unknown;
    try {
      source.emit(1);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UserCodeError);
    expect(error).toMatchObject({
      code: 'user-code',
      path: ['source', 'map(inc)', 'sink'],
      message: 'burst (at source › map(inc) › sink)',
      cause: new RangeError('burst'),
    });
  });

  test('keeps the paths of streams that emit into each other apart from nothing', () => {
    const outer = new Stream<number>({ name: 'outer' });
    const inner = new Stream<number>({ name: 'inner' });
    outer.sink((x) => inner.emit(x), { name: 'bridge' });
    inner
      .map(() => {
        throw new Error('burst');
      })
      .sink(() => {});
    expect(() => outer.emit(1)).toThrow('burst (at outer › bridge › inner › map)');
  });

  test('connects to another and parts from it', () => {
    const source = new Stream<number>();
    const other = new Stream<number>();
    const list = other.map(inc).sinkToList();
    source.connect(other);
    source.emit(1);
    other.emit(2);
    source.disconnect(other);
    source.emit(3);
    expect(list).toEqual([2, 3]);
    expect(() => source.disconnect(other)).toThrow('stream is not connected below stream');
  });

  test('D5-09: may lead back into itself', () => {
    const source = new Stream<number>();
    const less = source.map((x) => x - 1).filter((x) => x >= 0);
    less.connect(source);
    const list = source.sinkToList();
    source.emit(3);
    expect(list).toEqual([3, 2, 1, 0]);
  });

  test('parts from a stream made from it', () => {
    const source = new Stream<number>();
    const mapped = source.map(inc);
    const list = mapped.sinkToList();
    source.disconnect(mapped);
    source.emit(1);
    expect([list, source.node.downstreams]).toEqual([[], []]);
  });

  test('does not connect into one made from another', () => {
    const source = new Stream<number>();
    const mapped = source.map(inc);
    expect(() => new Stream<number>().connect(mapped)).toThrow(
      'cannot connect into map(inc): it takes the elements of the stream it was made from',
    );
  });

  test('takes a node of one’s own', async () => {
    const source = new Stream<number>();
    const list = source.through(new RepeatNode()).map(inc).sinkToList();
    await source.emit(2);
    expect(list).toEqual([3, 3]);
  });

  test('once disposed of takes no more, and makes nothing new', () => {
    const source = new Stream<number>();
    const list = source.map(inc).sinkToList();
    source.dispose();
    source.dispose();
    expect(source.emit(1)).toBeUndefined();
    expect(list).toEqual([]);
    expect(() => source.map(inc)).toThrow(
      'cannot connect stream to map(inc): the first has been disposed of',
    );
  });

  test('is disposed of by `using`', () => {
    let kept: Stream<number>;
    {
      using source = new Stream<number>();
      kept = source;
    }
    expect(kept.node.disposed).toBe(true);
  });

  test('gives its clock to the streams made from it', () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    expect(source.map(inc).filter(Boolean).node.clock).toBe(clock);
  });
});

describe('emit with metadata', () => {
  const counted = (onDone: (error?: unknown) => void) => ({
    metadata: [{ ref: new RefCounter({ onDone }) }],
  });

  test('D5-11: commits once all work is done, once', async () => {
    const commitOffset = vi.fn();
    const source = new Stream<number>();
    source.map(inc).sinkToList();
    source.sink(async () => {});
    const flow = source.emit(1, counted(commitOffset));
    expect(commitOffset).not.toHaveBeenCalled();
    await flow;
    expect(commitOffset.mock.calls).toEqual([[]]);
  });

  test('commits with nobody below', () => {
    const commitOffset = vi.fn();
    expect(new Stream<number>().emit(1, counted(commitOffset))).toBeUndefined();
    expect(commitOffset.mock.calls).toEqual([[]]);
  });

  test('tells of a failure, by its whole path', () => {
    const commitOffset = vi.fn();
    const source = new Stream<number>({ name: 'source' });
    source.sink(() => {
      throw new Error('burst');
    });
    expect(() => source.emit(1, counted(commitOffset))).toThrow('burst');
    expect(commitOffset.mock.calls).toEqual([[expect.objectContaining({ path: ['source', 'sink'] })]]);
  });

  test('does not commit what a disposed stream was given', () => {
    const commitOffset = vi.fn();
    const source = new Stream<number>();
    source.dispose();
    source.emit(1, counted(commitOffset));
    expect(commitOffset.mock.calls).toEqual([[expect.objectContaining({ code: 'disposed' })]]);
  });

  test('carries the keys of the user along', () => {
    const seen: Metadata[] = [];
    class End extends Node<number, never> {
      constructor() {
        super();
        this.hold();
      }
      override update(_: number, metadata: Metadata): Flow {
        seen.push(metadata);
      }
    }
    const source = new Stream<number>();
    source.map(inc).accumulate(Math.max).through(new End());
    source.emit(1, { metadata: [{ offset: 7 }] });
    expect(seen).toEqual([[{ offset: 7 }]]);
  });
});

describe('sinkToList', () => {
  test('D5-02: collects what comes', () => {
    const lines = new Stream<string>();
    const data = lines.map((line): unknown => JSON.parse(line)).sinkToList();
    for (const line of ['{"a":1}', '2']) lines.emit(line);
    expect(data).toEqual([{ a: 1 }, 2]);
  });

  test('keeps the newest `max`', () => {
    const source = new Stream<number>();
    const list = source.sinkToList({ max: 2 });
    for (const x of [1, 2, 3, 4]) source.emit(x);
    expect(list).toEqual([3, 4]);
  });

  test('ends when its signal aborts', () => {
    const source = new Stream<number>();
    const control = new AbortController();
    const list = source.sinkToList({ signal: control.signal });
    source.emit(1);
    control.abort();
    source.emit(2);
    expect([list, source.node.active]).toEqual([[1], false]);
  });

  test('refuses a max that is no count', () => {
    expect(() => new Stream<number>().sinkToList({ max: 0 })).toThrow('max of sinkToList must be');
  });
});

test('10,000 branches built and disposed of leave nothing at the source', () => {
  const clock = new VirtualClock();
  const source = new Stream<number>({ clock });
  const control = new AbortController();
  const removed = vi.spyOn(control.signal, 'removeEventListener');
  for (let i = 0; i < 10_000; i++) {
    const branch = source.map(inc).accumulate((a, b) => a + b);
    const sink = branch
      .buffer(2)
      .union(branch.rateLimit('1s'))
      .sink(() => {}, { signal: control.signal });
    if (i % 1000 === 0) source.emit(i);
    if (i % 1000 === 0) source.emit(i);
    sink.dispose();
  }
  expect(source.node.downstreams).toEqual([]);
  expect(source.node.active).toBe(false);
  expect(clock.timers).toBe(0);
  expect(removed).toHaveBeenCalledTimes(10_000);
});
