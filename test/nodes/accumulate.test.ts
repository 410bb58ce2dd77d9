import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';

describe('accumulate', () => {
  test('D5-03: emits the state after each value; the first value is the state', () => {
    const source = new Stream<number>();
    const list = source.accumulate((a, x) => a + x).sinkToList();
    for (const x of [1, 2, 3, 4]) source.emit(x);
    expect(list).toEqual([1, 3, 6, 10]);
  });

  test('D5-03: emits a result apart from the state', () => {
    const words = new Stream<string>();
    const list = words
      .accumulate(
        (seen, word) => {
          seen.add(word);
          return [seen, seen.size] as const;
        },
        { start: new Set<string>(), returnsState: true },
      )
      .sinkToList();
    for (const word of ['cat', 'dog', 'cat', 'ant']) words.emit(word);
    expect(list).toEqual([1, 2, 2, 3]);
  });

  test('emits the first value as it is where there is no start, with returnsState as well', () => {
    const source = new Stream<number>();
    const list = source
      .accumulate((last, x): [number, string] => [x, `${x - last} more`], { returnsState: true })
      .sinkToList();
    for (const x of [5, 7, 8]) source.emit(x);
    expect(list).toEqual([5, '2 more', '1 more']);
  });

  test('takes undefined for a start where it is given', () => {
    const source = new Stream<number>();
    const list = source
      .accumulate((last: number | undefined, x: number) => (last ?? 100) + x, { start: undefined })
      .sinkToList();
    source.emit(1);
    expect(list).toEqual([101]);
  });

  test('gives the state with each result where that is asked for', () => {
    const source = new Stream<number>();
    const mean = (state: readonly [number, number], x: number) => {
      const [sum, n] = [state[0] + x, state[1] + 1];
      return [[sum, n] as const, sum / n] as const;
    };
    const start = [0, 0] as const;
    const lists = [
      source.accumulate((a, x) => a + x, { withState: true }).sinkToList(),
      source.accumulate(mean, { start, returnsState: true, withState: true }).sinkToList(),
    ];
    for (const x of [1, 3]) source.emit(x);
    expect(lists).toEqual([
      [
        [1, 1],
        [4, 4],
      ],
      [
        [[1, 1], 1],
        [[4, 2], 2],
      ],
    ]);
  });

  test('is called scan as well', () => {
    const source = new Stream<number>();
    const list = source.scan((text, x) => text + x, { start: '' }).sinkToList();
    for (const x of [1, 2]) source.emit(x);
    expect(list).toEqual(['1', '12']);
  });

  test('gives a copy of its state, and takes one', () => {
    const add = (seen: Set<number>, x: number) => seen.add(x);
    const build = () => {
      const source = new Stream<number>();
      const seen = source.accumulate(add, { start: new Set<number>() });
      return { source, seen, list: seen.map((set) => [...set]).sinkToList() };
    };
    const one = build();
    one.source.emit(1);
    const state = one.seen.node.saveState!();
    one.source.emit(2);
    for (const x of [5, 6]) {
      const again = build();
      again.seen.node.restoreState!(state);
      again.source.emit(x);
      expect(again.list).toEqual([[1, x]]);
    }
  });

  test('says so where its state cannot be copied', () => {
    const source = new Stream<number>();
    const last = source.accumulate((_, x) => () => x, { start: () => 0 });
    expect(() => last.node.saveState!()).toThrow('the state of accumulate cannot be cloned');
    class Total {
      sum = 0;
    }
    const totals = new Stream<number>().accumulate((total) => total, { start: new Total() });
    expect(() => totals.node.saveState!()).toThrow('it is a Total, of which only the fields would be left');
    for (const start of [
      new Map([[1, 2]]),
      Object.create(null) as object,
      { constructor: 1 },
      null,
      undefined,
      [1],
    ]) {
      const kept = new Stream<number>().accumulate((state) => state, { start: start as unknown });
      expect(kept.node.saveState!()).toEqual([start]);
    }
  });

  test('keeps the state where the function throws', () => {
    const source = new Stream<number>();
    const list = source
      .accumulate((total, x) => {
        if (x < 0) throw new RangeError('negative');
        return total + x;
      })
      .sinkToList();
    source.emit(1);
    expect(() => source.emit(-5)).toThrow('negative (at stream › accumulate)');
    source.emit(2);
    expect(list).toEqual([1, 3]);
  });
});
