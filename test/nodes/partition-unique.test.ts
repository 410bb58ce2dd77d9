import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';
import { Elements } from '../support/elements.ts';

describe('partitionUnique', () => {
  test('emits arrays of elements with different keys and keeps the first of each', () => {
    const source = new Stream<number>();
    const list = source.partitionUnique(2, { key: (x) => x % 3 }).sinkToList();
    for (const x of [1, 4, 2, 2, 5, 3]) source.emit(x);
    expect(list).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  test('or the last, which then stands last', () => {
    const rows = new Stream<{ k: string; x: number }>();
    const list = rows.partitionUnique(3, { key: 'k', keep: 'last' }).sinkToList();
    for (const [x, k] of ['a', 'b', 'a', 'c'].entries()) rows.emit({ k, x });
    expect(list).toEqual([
      [
        { k: 'b', x: 1 },
        { k: 'a', x: 2 },
        { k: 'c', x: 3 },
      ],
    ]);
  });

  test.each([
    ['first', ['1b', '1a', '2']],
    ['last', ['1a', '1b', '2']],
  ] as const)('with keep %s is done with a duplicate at once, without a failure', (keep, done) => {
    const source = new Stream<string>();
    const elements = new Elements();
    source.partitionUnique(2, { key: (x) => x[0], keep }).sinkToList();
    for (const x of ['1a', '1b']) elements.emit(source, x);
    expect(elements.done).toEqual(done.slice(0, 1));
    elements.emit(source, '2');
    expect([elements.done, elements.failed]).toEqual([done, {}]);
  });

  test('emits the rest at the end', () => {
    const source = new Stream<number>();
    const parts = source.partitionUnique(3);
    const list = parts.sinkToList();
    for (const x of [1, 1, 2]) source.emit(x);
    source.dispose();
    expect([list, parts.node.ended]).toEqual([[[1, 2]], true]);
  });

  test('drops what waits when nothing needs it, and the counters hear of it', () => {
    const source = new Stream<number>();
    const elements = new Elements();
    const sink = source.partitionUnique(2).sink(() => {});
    elements.emit(source, 1);
    sink.dispose();
    expect(elements.failed).toEqual({ 1: 'disposed' });
  });

  test('never has two of a key in an array, and loses no key', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9)),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('first' as const, 'last' as const),
        (values, n, keep) => {
          const source = new Stream<number>();
          const list = source.partitionUnique(n, { keep }).sinkToList();
          for (const value of values) source.emit(value);
          source.dispose();
          for (const part of list) expect(new Set(part).size).toBe(part.length);
          for (const part of list.slice(0, -1)) expect(part.length).toBe(n);
          expect(new Set(list.flat())).toEqual(new Set(values));
        },
      ),
    );
  });

  test('refuses another keep', () => {
    expect(() => new Stream<number>().partitionUnique(2, { keep: 'any' as never })).toThrow(
      'keep of partitionUnique must be "first" or "last", got "any"',
    );
  });
});
