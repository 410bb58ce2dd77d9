import { expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';

test('starmap gives the elements of each array to the function as arguments', () => {
  const pairs = new Stream<[number, string]>();
  const list = pairs.starmap((n, word) => word.repeat(n)).sinkToList();
  pairs.emit([2, 'a']);
  pairs.emit([3, 'b']);
  expect(list).toEqual(['aa', 'bbb']);
});

test('starmap refuses what is no array, and goes on', () => {
  const pairs = new Stream<[number, number]>();
  const list = pairs.starmap((a, b) => a + b).sinkToList();
  expect(() => pairs.emit(7 as never)).toThrow(
    'starmap takes arrays of arguments, got number 7 (at stream › starmap)',
  );
  pairs.emit([1, 2]);
  expect(list).toEqual([3]);
});
