import { describe, expect, test, vi } from 'vitest';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';

describe('filter', () => {
  test('emits the values that pass, in order', () => {
    const source = new Stream<number>();
    const list = source.filter((x) => x % 2 === 0).sinkToList();
    for (const x of [17, 16, 4, 3, 0]) source.emit(x);
    expect(list).toEqual([16, 4, 0]);
  });

  test('takes anything truthy for a pass', () => {
    const source = new Stream<unknown>();
    const list = source.filter((x) => x).sinkToList();
    for (const x of [0, 1, '', 'a', null, Number.NaN, true]) source.emit(x);
    expect(list).toEqual([1, 'a', true]);
  });

  test('lets go of a value that does not pass', () => {
    const onDone = vi.fn();
    const source = new Stream<number>();
    source.filter((x) => x > 1).sinkToList();
    source.emit(1, { metadata: [{ ref: new RefCounter({ onDone }) }] });
    expect(onDone.mock.calls).toEqual([[]]);
  });
});
