import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SliceOptions } from '../../src/nodes/slice.ts';
import { Stream } from '../../src/stream.ts';
import { settle } from '../../src/testing/index.ts';
import { gate } from '../support/elements.ts';

function sliced(values: number[], options?: SliceOptions<number>): number[] {
  const source = new Stream<number>();
  const list = source.slice(options).sinkToList();
  for (const value of values) source.emit(value);
  return list;
}

describe('slice', () => {
  test.each<[SliceOptions, number[]]>([
    [{}, [0, 1, 2, 3, 4, 5]],
    [{ start: 1, step: 2 }, [1, 3, 5]],
    [{ end: 0 }, []],
    [{ start: 2, end: 4 }, [2, 3]],
    [{ start: 4, end: 2 }, []],
  ])('%o passes on %j', (options, expected) => {
    expect(sliced([0, 1, 2, 3, 4, 5], options as never)).toEqual(expected);
  });

  test('is what a slice of the whole would be', () => {
    const bound = fc.option(fc.nat(12), { nil: undefined });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 1, max: 5 }), fc.nat(15), (start, end, step, length) => {
        const values = Array.from({ length }, (_, i) => i);
        const expected = values.slice(start, end).filter((_, i) => i % step === 0);
        expect(sliced(values, { start, end, step })).toEqual(expected);
      }),
    );
  });

  test('leaves its upstream and ends after the last element', () => {
    const source = new Stream<number>();
    const first = source.slice({ end: 4, step: 2 });
    const list = first.sinkToList();
    for (const x of [0, 1]) source.emit(x);
    expect([first.node.ended, source.node.active]).toEqual([false, true]);
    source.emit(2);
    expect([first.node.ended, source.node.active]).toEqual([true, false]);
    source.emit(3);
    expect(list).toEqual([0, 2]);
  });

  test('of nothing ends at once', async () => {
    const read: number[] = [];
    for await (const x of new Stream<number>().slice({ end: 0 })) read.push(x);
    expect(read).toEqual([]);
  });

  test('ends an iteration', async () => {
    const source = new Stream<number>();
    const reading = (async () => {
      const read: number[] = [];
      for await (const x of source.slice({ end: 2 })) read.push(x);
      return read;
    })();
    for (const x of [1, 2, 3]) void source.emit(x);
    expect(await reading).toEqual([1, 2]);
  });

  test('keeps backpressure, of the last element too, and ends when that is done', async () => {
    const source = new Stream<number>();
    const { begun, enter, open } = gate();
    const first = source.slice({ end: 2 });
    first.sink(enter);
    for (const x of [1, 2]) {
      let done = false;
      void Promise.resolve(source.emit(x)).then(() => {
        done = true;
      });
      await settle();
      expect([begun.at(-1), done, first.node.ended]).toEqual([x, false, false]);
      open();
      await settle();
      expect(done).toBe(true);
    }
    expect(first.node.ended).toBe(true);
  });

  test('ends, too, where work on the last element fails', () => {
    const source = new Stream<number>();
    const first = source.slice({ end: 1 });
    first.sink(() => {
      throw new Error('no');
    });
    expect(() => source.emit(1)).toThrow('no (at stream › slice › sink)');
    expect([first.node.ended, source.node.active]).toEqual([true, false]);
  });

  test('whose state says that it was over is over', () => {
    const source = new Stream<number>();
    const first = source.slice({ end: 2 });
    const list = first.sinkToList();
    first.node.restoreState!(2);
    source.emit(1);
    expect([list, first.node.ended]).toEqual([[], true]);
  });

  test.each([
    [{ start: -1 }, 'start of slice must be a whole number from 0, got -1'],
    [{ end: -2 }, 'end of slice must be a whole number from 0, got -2'],
    [{ step: 0 }, 'step of slice must be a whole number from 1, got 0'],
    [{ start: 0.5 }, 'start of slice must be a whole number from 0, got 0.5'],
  ])('refuses %j', (options, message) => {
    expect(() => new Stream<number>().slice(options)).toThrow(message);
  });
});
