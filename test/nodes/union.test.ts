import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';

describe('union', () => {
  test('emits the elements of all streams as they come', () => {
    const numbers = new Stream<number>();
    const words = new Stream<string>();
    const flags = new Stream<boolean>();
    const list = numbers.union(words, flags).sinkToList();
    words.emit('a');
    numbers.emit(1);
    flags.emit(false);
    numbers.emit(2);
    expect(list).toEqual(['a', 1, false, 2]);
  });

  test('of a stream and one made of it keeps the order in which the two were connected', () => {
    const source = new Stream<number>();
    const negative = source.map((x) => -x);
    const list = source.union(negative).sinkToList();
    source.emit(4);
    expect(list).toEqual([-4, 4]);
  });
});
