import { describe, expect, test } from 'vitest';
import type { FailedElement } from '../../src/core/error-policy.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import type { MillraceError } from '../../src/errors.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

const half = (x: number): number => {
  if (x % 2 !== 0) throw new Error(`${x} is odd`);
  return x / 2;
};

describe('a node that fails', () => {
  test('raises where nothing else is said', () => {
    const source = new Stream<number>();
    source.map(half).sinkToList();
    expect(() => source.emit(1)).toThrow('1 is odd (at stream › map(half))');
  });

  test('may skip the element, which is counted', () => {
    const source = new Stream<number>();
    const halves = source.map(half, { onError: 'skip' });
    const list = halves.sinkToList();
    for (const x of [1, 2, 3, 4]) source.emit(x);
    expect(list).toEqual([1, 2]);
    expect(halves.node.dropped).toBe(2);
  });

  test('may tell a function, whose own failure hurts nobody', () => {
    const source = new Stream<number>();
    const told: [string, number][] = [];
    const list = source.map(half, { onError: (error, x) => void told.push([error.message, x]) }).sinkToList();
    for (const x of [1, 2]) source.emit(x);
    expect(list).toEqual([1]);
    expect(told).toEqual([['1 is odd (at map(half))', 1]]);
  });

  test('may send the element to a dead-letter stream, references and all', async () => {
    const source = new Stream<number>();
    const dead = new Stream<FailedElement<number>>();
    const letters: unknown[] = [];
    let finish = (): void => {};
    dead.sink(({ value, error }) => {
      letters.push([value, error.code, error.cause]);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    source.map(half, { onError: dead }).sinkToList();
    const ends: unknown[] = [];
    const flow = source.emit(3, {
      metadata: [{ ref: new RefCounter({ onDone: (...error) => void ends.push(error) }) }],
    });
    expect(letters).toEqual([[3, 'user-code', new Error('3 is odd')]]);
    expect(ends).toEqual([]);
    finish();
    await flow;
    expect(ends).toEqual([[]]);
  });

  test('is not asked about failures further below', () => {
    const source = new Stream<number>();
    const checked = source.map((x) => x, { onError: 'skip' });
    checked.sink(() => {
      throw new Error('below');
    });
    expect(() => source.emit(1)).toThrow('below');
    checked.sink(() => {
      throw new Error('further');
    });
    expect(() => source.emit(1)).toThrow('2 branches failed');
    expect(checked.node.dropped).toBe(0);
  });

  test('is not asked about rejections further below', async () => {
    const source = new Stream<number>();
    source
      .map((x) => x, { onError: 'skip' })
      .sink(async () => {
        throw new Error('below');
      });
    await expect(source.emit(1)).rejects.toThrow('below');
  });

  test('is asked where its function fails with an error of another graph', () => {
    const other = new Stream<number>();
    other.map(half).sinkToList();
    const source = new Stream<number>();
    const list = source
      .map(
        (x) => {
          void other.emit(x);
          return x;
        },
        { onError: 'skip' },
      )
      .sinkToList();
    for (const x of [1, 2]) source.emit(x);
    expect(list).toEqual([2]);
  });

  test('may be a sink that rejects', async () => {
    const source = new Stream<number>();
    const told: number[] = [];
    source.sink(
      async () => {
        throw new Error('no');
      },
      { onError: (_, x) => void told.push(x) },
    );
    await source.emit(7);
    expect(told).toEqual([7]);
  });

  test('keeps the state it had before the element', () => {
    const source = new Stream<number>();
    const list = source.accumulate((sum, x) => sum + half(x), { start: 0, onError: 'skip' }).sinkToList();
    for (const x of [2, 3, 4]) source.emit(x);
    expect(list).toEqual([1, 3]);
  });

  test('refuses a policy that is none', () => {
    const source = new Stream<number>();
    expect(() => source.map(half, { onError: 'ignore' as 'skip' })).toThrow(
      "onError must be 'raise', 'skip', a function, a stream or { retry: n }, got \"ignore\"",
    );
    expect(() => source.map(half, { onError: { retry: -1 } })).toThrow(
      'retry of onError must be a whole number',
    );
    expect(() => source.map(half, { onError: { retry: 1, delay: 5 as never } })).toThrow(
      "write '5ms' or '5s'",
    );
    const otherwise = 'ignore' as 'skip';
    expect(() => source.map(half, { onError: { retry: 1, otherwise } })).toThrow('got "ignore"');
    expect(() => source.map(half, { onError: 5n as never })).toThrow('got bigint');
  });
});

describe('a retry', () => {
  const flaky = (failures: number) => {
    let calls = 0;
    return (x: number): number => {
      if (calls++ < failures) throw new Error(`attempt ${calls}`);
      return x;
    };
  };

  test('comes after waits that double, and later elements wait behind it', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const seen: [number, number][] = [];
    source
      .map(flaky(3), { onError: { retry: 3, delay: '100ms' } })
      .sink((x) => void seen.push([x, clock.monotonic()]));
    const flows = [source.emit(1), source.emit(2)];
    await clock.advance('10s');
    await Promise.all(flows);
    expect(seen).toEqual([
      [1, 700],
      [2, 700],
    ]);
    expect(source.emit(3)).toBeUndefined();
    expect(clock.timers).toBe(0);
  });

  test('that helps nothing ends as the policy says', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const dead = new Stream<FailedElement<number>>();
    const letters = dead.sinkToList();
    source.map(flaky(9), { onError: { retry: 2, delay: '1s', factor: 1, otherwise: dead } }).sinkToList();
    const flow = source.emit(1);
    await clock.advance('5s');
    await flow;
    expect(letters.map(({ error }) => (error as MillraceError).message)).toEqual(['attempt 3 (at map)']);
    source.map(flaky(9), { onError: { retry: 1 } }).sinkToList();
    const raised = Promise.resolve(source.emit(1)).catch((error: unknown) => error);
    await clock.advance('5s');
    expect(String(await raised)).toContain('attempt 2');
  });

  test('retries a sink that rejects, and holds the references meanwhile', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const ends: number[] = [];
    const write = flaky(2);
    source.sink(async (x) => void write(x), { onError: { retry: 5, delay: '10ms' } });
    const flow = source.emit(1, {
      metadata: [{ ref: new RefCounter({ onDone: () => void ends.push(clock.monotonic()) }) }],
    });
    await clock.advance('1s');
    await flow;
    expect(ends).toEqual([30]);
  });

  test('is given up when the node is stopped; the references hear of it', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const sink = source.sink(half, { onError: { retry: 5 } });
    const ends: unknown[] = [];
    const metadata = () => [{ ref: new RefCounter({ onDone: (error) => void ends.push(error) }) }];
    const flows = [source.emit(1, { metadata: metadata() }), source.emit(2, { metadata: metadata() })];
    sink.dispose();
    await Promise.all(flows);
    await settle();
    expect(ends).toEqual([
      expect.objectContaining({ code: 'disposed' }),
      expect.objectContaining({ code: 'disposed' }),
    ]);
    expect(clock.timers).toBe(0);
  });

  test('that is given up does not stand in the way when the node is needed again at once', async () => {
    const clock = new VirtualClock();
    const source = new Stream<number>({ clock });
    const halves = source.map(flaky(1), { onError: { retry: 5 } });
    const sink = halves.sink(() => {});
    const flow = source.emit(1);
    sink.dispose();
    const list = halves.sinkToList();
    await source.emit(2);
    await flow;
    expect(list).toEqual([2]);
    expect(clock.timers).toBe(0);
  });
});

test('a retry whose source is disposed of meanwhile goes on by the clock it had', async () => {
  const clock = new VirtualClock();
  const source = new Stream<number>({ clock });
  let calls = 0;
  const list = source
    .partition(2)
    .flatten()
    .map(
      (x) => {
        if (calls++ === 0) throw new Error('not yet');
        return x;
      },
      { onError: { retry: 1, delay: '1h' } },
    )
    .sinkToList();
  source.emit(1);
  source.dispose();
  await clock.advance('1h');
  expect(list).toEqual([1]);
});
