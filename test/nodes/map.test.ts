import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';

describe('map', () => {
  test('D5-01: emits the function of each value', () => {
    const source = new Stream<number>();
    const list = source.map((x) => x + 1).sinkToList();
    source.emit(1);
    source.emit(0);
    expect(list).toEqual([2, 1]);
  });

  test('passes falsy values on', () => {
    const source = new Stream<unknown>();
    const list = source.map((x) => x).sinkToList();
    const values = [0, '', false, 0n, null, undefined, Number.NaN];
    for (const value of values) source.emit(value);
    expect(list).toEqual(values);
  });

  test('gives the function one argument', () => {
    const source = new Stream<string>();
    const list = source.map(Number.parseInt).sinkToList();
    for (const text of ['10', '10', '10']) source.emit(text);
    expect(list).toEqual([10, 10, 10]);
  });

  test('takes a promise for a value', async () => {
    const source = new Stream<number>();
    const list = source.map(async (x) => x + 1).sinkToList();
    expect(source.emit(1)).toBeUndefined();
    expect(await list[0]).toBe(2);
  });

  test('is named after its function in errors', () => {
    const source = new Stream<number>({ name: 'source' });
    const inc = (x: number) => x + 1;
    source
      .map(inc)
      .map((x) => x)
      .map(inc, { name: 'again' })
      .sink(() => {
        throw new Error('burst');
      });
    expect(() => source.emit(1)).toThrow('burst (at source › map(inc) › map › again › sink)');
  });
});
