import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';
import { Elements } from '../support/elements.ts';

describe('slidingWindow', () => {
  test('emits the last elements each time one comes, fewer at the start', () => {
    const source = new Stream<number>();
    const list = source.slidingWindow(3).sinkToList();
    for (const x of [1, 2, 3, 4]) source.emit(x);
    expect(list).toEqual([[1], [1, 2], [1, 2, 3], [2, 3, 4]]);
  });

  test('emits full windows only where that is asked for', () => {
    const source = new Stream<number>();
    const list = source.slidingWindow(2, { returnPartial: false }).sinkToList();
    for (const x of [1, 2, 3]) source.emit(x);
    expect(list).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  test('is done with an element when it leaves the window, and with the rest at the end', () => {
    const top = new Stream<number>();
    const source = top.union();
    const elements = new Elements();
    source.slidingWindow(2, { returnPartial: false }).sinkToList();
    for (const x of [1, 2, 3]) elements.emit(top, x);
    expect(elements.done).toEqual(['1', '2']);
    top.dispose();
    expect([elements.done, elements.failed]).toEqual([['1', '2', '3'], {}]);
  });

  test('goes on with the right window after work below has failed', () => {
    const source = new Stream<number>();
    const elements = new Elements();
    const seen: number[][] = [];
    source.slidingWindow(2).sink((window) => {
      if (window[1] === 2) throw new Error('no');
      seen.push(window);
    });
    elements.emit(source, 1);
    expect(() => elements.emit(source, 2)).toThrow('no');
    elements.emit(source, 3);
    expect(seen).toEqual([[1], [2, 3]]);
    expect([elements.done, elements.failed]).toEqual([['1', '2'], { 1: 'user-code', 2: 'user-code' }]);
  });

  test('forgets its elements when nothing needs it; those that nobody has seen count as failed', () => {
    const source = new Stream<number>();
    const elements = new Elements();
    const window = source.slidingWindow(3, { returnPartial: false });
    const sink = window.sink(() => {});
    for (const x of [1, 2]) elements.emit(source, x);
    sink.dispose();
    expect(elements.failed).toEqual({ 1: 'disposed', 2: 'disposed' });
    const other = window.sink(() => {});
    for (const x of [3, 4, 5]) elements.emit(source, x);
    other.dispose();
    expect([elements.done, Object.keys(elements.failed)]).toEqual([
      ['1', '2', '3', '4', '5'],
      ['1', '2'],
    ]);
  });

  test('of one element holds nothing up', () => {
    const source = new Stream<number>();
    const elements = new Elements();
    source.slidingWindow(1).sinkToList();
    elements.emit(source, 1);
    expect(elements.done).toEqual(['1']);
  });

  test.each([0, 2.5])('refuses the size %d', (size) => {
    expect(() => new Stream<number>().slidingWindow(size)).toThrow(
      `size of slidingWindow must be a whole number from 1, got ${size}`,
    );
  });
});
