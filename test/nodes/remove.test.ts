import { expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';
import { Elements } from '../support/elements.ts';

test('remove passes on what the predicate is falsy for, and is done with the rest', () => {
  const source = new Stream<number>();
  const elements = new Elements();
  const list = source.remove((x) => x % 2).sinkToList();
  for (const x of [1, 2, 3, 4]) elements.emit(source, x);
  expect(list).toEqual([2, 4]);
  expect([elements.done, elements.failed]).toEqual([['1', '2', '3', '4'], {}]);
});
