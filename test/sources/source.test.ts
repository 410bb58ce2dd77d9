import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { toReadableStream } from '../../src/sinks/to-readable-stream.ts';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import { addressOf, type SourceOptions } from '../../src/sources/source.ts';
import { settle } from '../../src/testing/index.ts';
import { reaches } from './collect.ts';

/** What is reported when nobody listens, wherever this platform reports it. */
function unheard(): unknown[] {
  const heard: unknown[] = [];
  vi.stubGlobal('reportError', (error: unknown) => heard.push(error));
  onTestFinished(() => void vi.unstubAllGlobals());
  return heard;
}

const failing = () => {
  throw new Error('no');
};

test('an error that nobody listens for is reported globally', async () => {
  const heard = unheard();
  const source = fromIterable([1]);
  source.sink(failing);
  await source.done;
  expect(heard.map(String)).toEqual(['SourceError: no (at fromIterable › sink(failing))']);
});

test('an error that somebody listens for is not', async () => {
  const heard = unheard();
  const byOption = fromIterable([1], { onError: () => {} });
  byOption.sink(failing);
  await byOption.done;
  const byStream = fromIterable([1]);
  byStream.errors.sink(() => {});
  byStream.sink(failing);
  await byStream.done;
  expect(heard).toEqual([]);
});

test('a listener of errors that fails is reported, and stops nothing', async () => {
  const heard = unheard();
  const seen: number[] = [];
  const source = fromIterable([1, 2], { onError: failing });
  source.sink(failing);
  source.sink((x) => seen.push(x));
  await source.done;
  expect(seen).toEqual([1, 2]);
  expect(heard).toHaveLength(2);
});

test.each([
  ['wss://me:secret@host:1/feed', 'wss://host:1/feed'],
  ['https://host/a@b?token=secret#secret', 'https://host/a@b?…'],
  ['https://host/#secret?', 'https://host/'],
  ['/events?token=secret', '/events?…'],
  ['http://host/feed', 'http://host/feed'],
])('errors show of an address what is no secret: %s', (url, shown) => {
  expect(addressOf(url)).toBe(shown);
});

describe('start and stop', () => {
  const counting = (options?: SourceOptions) => {
    const seen: number[] = [];
    const source = fromIterable([1, 2, 3], options);
    return { seen, source };
  };

  test('start() runs a source that nobody listens to', async () => {
    const { source } = counting();
    source.start();
    await source.done;
    expect(source.state.status).toBe('closed');
    expect(source.node.active).toBe(false);
  });

  test('start() of a source that runs changes nothing', async () => {
    const { source, seen } = counting();
    source.sink((x) => seen.push(x));
    source.start();
    source.start();
    await source.done;
    source.start();
    await settle();
    expect(seen).toEqual([1, 2, 3]);
  });

  test('with start: false it waits for start(), whoever listens', async () => {
    const { source, seen } = counting({ start: false });
    source.sink((x) => seen.push(x));
    await settle();
    expect(seen).toEqual([]);
    source.start();
    await source.done;
    expect(seen).toEqual([1, 2, 3]);
  });

  test('after stop() nothing comes until start(), whoever listens', async () => {
    const { source, seen } = counting();
    source.sink((x) => {
      seen.push(x);
      if (seen.length === 2) source.stop();
    });
    await settle();
    source.sink(() => {});
    await settle();
    expect(seen).toEqual([1, 2]);
    expect(source.state.status).toBe('idle');
    source.start();
    await source.done;
    expect(seen).toEqual([1, 2, 1, 2, 3]);
  });

  test('a source that start() holds runs on when the last listener goes, until stop()', async () => {
    let asked = 0;
    async function* numbers() {
      while (true) {
        await settle();
        yield asked++;
      }
    }
    const source = fromIterable({ [Symbol.asyncIterator]: numbers });
    const sink = source.sink(() => {});
    source.start();
    await reaches(source, 'live');
    sink.dispose();
    const before = asked;
    while (asked < before + 3) await settle();
    source.stop();
    await reaches(source, 'idle');
    source.dispose();
    source.start();
    expect(source.state.status).toBe('closed');
  });
});

describe('a source that fails, for those who read to the end', () => {
  const broken = () =>
    fromIterable(
      (async function* () {
        yield 1;
        yield 2;
        throw new Error('no');
      })(),
      { onError: () => {} },
    );
  const readAll = async (values: AsyncIterable<number>): Promise<unknown[]> => {
    const seen: unknown[] = [];
    try {
      for await (const value of values) seen.push(value);
      seen.push('end');
    } catch (error) {
      seen.push(String(error));
    }
    return seen;
  };
  const failure = 'SourceError: iterable threw: no';

  test('makes loops throw after the last element, through nodes that hold some back too', async () => {
    expect(await readAll(broken())).toEqual([1, 2, failure]);
    expect(await readAll(broken().partition(5).flatten())).toEqual([1, 2, failure]);
    expect(await readAll(broken().buffer({ size: 5 }))).toEqual([1, 2, failure]);
    expect(await readAll(broken().union(fromIterable([3])))).toContain(failure);
  });

  test('makes loops throw once, also those that begin later', async () => {
    const source = broken();
    const values = source.values();
    const asked = [values.next(), values.next(), values.next(), values.next()];
    expect(await Promise.allSettled(asked)).toMatchObject([
      { value: { value: 1 } },
      { value: { value: 2 } },
      { status: 'rejected' },
      { value: { done: true } },
    ]);
    const late = source.values();
    await expect(late.next()).rejects.toThrow('iterable threw: no');
    expect(await late.next()).toEqual({ done: true, value: undefined });
  });

  test('does not reach who has enough before', async () => {
    expect(await readAll(broken().slice({ end: 2 }))).toEqual([1, 2, 'end']);
  });

  test('breaks readable streams, and tells observers', async () => {
    expect(await readAll(toReadableStream(broken()) as never)).toEqual([1, 2, failure]);
    const told: unknown[] = [];
    const source = broken();
    source['@@observable']().subscribe({
      next: (value) => told.push(value),
      error: (error) => told.push(String(error)),
      complete: () => told.push('complete'),
    });
    await source.done;
    expect(told).toEqual([1, 2, failure]);
  });
});
