import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';

const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
};

describe('pluck', () => {
  test('emits a field, an element, or several of them', () => {
    const rows = new Stream<{ name: string; x: number }>();
    const pairs = new Stream<[string, number, boolean]>();
    const lists = [
      rows.pluck('name').sinkToList(),
      rows.pluck(['x', 'name']).sinkToList(),
      pairs.pluck(1).sinkToList(),
      pairs.pluck([2, 0]).sinkToList(),
    ];
    rows.emit({ name: 'Alice', x: 1 });
    pairs.emit(['a', 5, true]);
    expect(lists).toEqual([['Alice'], [[1, 'Alice']], [5], [[true, 'a']]]);
  });

  test.each([
    ['nmae', { name: 'Alice', x: 1 }, 'no field "nmae" among name, x; did you mean "name"?'],
    [3, ['a', 'b'], 'no element 3 in an array of 2'],
    ['name', null, 'null has no field "name"'],
    ['name', 5, 'no field "name" among number without fields'],
    [['name', 'y'], { name: 'Alice' }, 'no field "y" among name'],
  ])('%j of %j fails: %s', (key, value, message) => {
    const rows = new Stream<Record<string, unknown>>();
    const list = rows.pluck(key as string).sinkToList();
    const error = thrownBy(() => rows.emit(value as never));
    expect(error).toMatchObject({ code: 'bad-value', message: expect.stringContaining(message) });
    rows.emit({ name: 1, nmae: 1, 3: 1, y: 1 });
    expect(list).toHaveLength(1);
  });

  test('takes a field that is there without a value', () => {
    const rows = new Stream<{ x: number | undefined }>();
    const list = rows.pluck('x').sinkToList();
    rows.emit({ x: undefined });
    expect(list).toEqual([undefined]);
  });
});
