import { describe, expect, test } from 'vitest';
import { toRows } from '../../src/columnar/rows.ts';
import { Stream } from '../../src/stream.ts';

const people = [
  { name: 'Alice', x: 1 },
  { name: 'Bob', x: 2 },
];

describe('a batch', () => {
  test('is worked on element by element', () => {
    const source = new Stream<{ name: string; x: number }[]>();
    const batches = source.toBatch();
    const lists = [
      batches.map((row) => row.x * 10).stream.sinkToList(),
      batches.filter((row) => row.x > 1).stream.sinkToList(),
      batches.pluck('name').stream.sinkToList(),
      batches.pluck(['x', 'name']).stream.sinkToList(),
      batches.toStream().sinkToList(),
    ];
    source.emit(people);
    source.emit([]);
    expect(lists).toEqual([
      [[10, 20], []],
      [[people[1]], []],
      [['Alice', 'Bob'], []],
      [
        [
          [1, 'Alice'],
          [2, 'Bob'],
        ],
        [],
      ],
      people,
    ]);
  });

  test('sums all elements so far, of an empty batch, too', () => {
    const source = new Stream<Iterable<number>>();
    const list = source.toBatch().sum().sinkToList();
    for (const batch of [[], [1, 2], [], new Set([4])]) source.emit(batch);
    expect(list).toEqual([0, 3, 3, 7]);
  });

  test('that fails leaves the sum as it was, and names the step', () => {
    const source = new Stream<number[]>();
    const list = source
      .toBatch()
      .map((x) => {
        if (x < 0) throw new RangeError('negative');
        return x;
      })
      .sum()
      .sinkToList();
    source.emit([1]);
    expect(() => source.emit([2, -1])).toThrow('negative (at stream › map)');
    expect(() => source.emit(5 as never)).toThrow(
      'map takes arrays and other iterables, got 5 (at stream › map)',
    );
    source.emit([3]);
    expect(list).toEqual([1, 4]);
  });

  test('of rows becomes a frame, its schema that of the first rows', () => {
    const source = new Stream<Iterable<{ name: string; x: number }>>();
    const frame = source.toBatch().toDataFrame();
    const seen: unknown[] = [];
    frame.sink((batch) => seen.push(toRows(batch)));
    source.emit(new Set(people));
    expect(seen).toEqual([people]);
  });

  test('becomes a frame with the columns of an example', () => {
    const source = new Stream<{ name: string; x: number }[]>();
    const frame = source.toBatch().toDataFrame({ example: { name: 'Alice', x: 1 } });
    const total = frame.filter(frame.name.eq('Alice')).x.sum();
    source.emit(people);
    expect(total.current).toBe(1);
  });

  test('of partitions comes from a stream of elements', () => {
    const source = new Stream<string>();
    const list = source
      .partition(2)
      .toBatch()
      .map((text) => JSON.parse(text) as number)
      .stream.sinkToList();
    for (const text of ['1', '2', '3']) source.emit(text);
    source.dispose();
    expect(list).toEqual([[1, 2], [3]]);
  });
});

describe('the example of a frame', () => {
  test.each<[string, object]>([
    ['a row', { name: 'a', x: 1, when: new Date(0) }],
    [
      'rows',
      [
        { name: null, x: 1, when: null },
        { name: 'a', x: 2, when: new Date(0) },
      ],
    ],
    ['columns', { name: ['a'], x: Float64Array.of(1), when: [new Date(0)] }],
  ])('may be %s', (_, example) => {
    const frame = new Stream<object[]>().toDataFrame({ example: example as never });
    expect(() => frame.select('name', 'x', 'when')).not.toThrow();
    expect(() => frame.select('y')).toThrow('no column "y"; columns: name, x, when');
  });

  test('must have a field to make a column of', () => {
    expect(() => new Stream<object[]>().toDataFrame({ example: {} })).toThrow(
      'the example of a frame has no field to make a column of',
    );
  });
});
