import { expect, onTestFinished, test, vi } from 'vitest';
import { fromIterable } from '../../src/sources/from-iterable.ts';

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
