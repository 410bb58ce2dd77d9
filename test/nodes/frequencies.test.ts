import { expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';

test('frequencies emits a new map of counts each time, in the order in which values first came', () => {
  const words = new Stream<string>();
  const list = words.frequencies().sinkToList();
  for (const word of ['b', 'a', 'b']) words.emit(word);
  expect(list.map((counts) => [...counts])).toEqual([
    [['b', 1]],
    [
      ['b', 1],
      ['a', 1],
    ],
    [
      ['b', 2],
      ['a', 1],
    ],
  ]);
});
