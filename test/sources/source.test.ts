import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import type { SourceOptions } from '../../src/sources/source.ts';
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
