import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';
import { Elements } from '../support/elements.ts';

const streams = () => [new Stream<number>({ name: 'a' }), new Stream<string>({ name: 'b' })] as const;

describe('combineLatest', () => {
  test('emits the newest elements each time one comes, once all streams have given one', () => {
    const [a, b] = streams();
    const list = a.combineLatest(b).sinkToList();
    a.emit(1);
    a.emit(2);
    b.emit('x');
    a.emit(3);
    expect(list).toEqual([
      [2, 'x'],
      [3, 'x'],
    ]);
  });

  test.each([['a stream'], ['a place']])('emits on elements of emitOn only, given as %s', (how) => {
    const [a, b] = streams();
    const list = a.combineLatest(b, { emitOn: how === 'a stream' ? b : [1] }).sinkToList();
    b.emit('early');
    a.emit(1);
    expect(list).toEqual([]);
    b.emit('x');
    a.emit(2);
    expect(list).toEqual([[1, 'x']]);
  });

  test('gives one tuple, made of one element throughout, where streams come of one source', () => {
    const source = new Stream<number>();
    const [inc, dec, twice] = [source.map((x) => x + 1), source.map((x) => x - 1), source.map((x) => 2 * x)];
    const list = inc.combineLatest(dec, twice).sinkToList();
    for (const x of [1, 10]) source.emit(x);
    expect(list).toEqual([
      [2, 0, 2],
      [11, 9, 20],
    ]);
  });

  test('gives one for each way where it is told so', () => {
    const source = new Stream<number>();
    const list = source
      .map((x) => x + 1)
      .combineLatest(
        source.map((x) => x - 1),
        { consistent: false },
      )
      .sinkToList();
    for (const x of [1, 10]) source.emit(x);
    expect(list).toEqual([
      [2, 0],
      [11, 0],
      [11, 9],
    ]);
  });

  test('waits for nobody where only some ways are taken', () => {
    const source = new Stream<number>();
    const even = source.filter((x) => x % 2 === 0);
    const list = source.combineLatest(even).sinkToList();
    for (const x of [2, 3, 4]) source.emit(x);
    expect(list).toEqual([
      [2, 2],
      [3, 2],
      [4, 4],
    ]);
  });

  test('loses none of several elements that one way makes of one', () => {
    const source = new Stream<number[]>();
    const items = source.flatten();
    const length = source.map((values) => values.length);
    const list = items.combineLatest(length).sinkToList();
    source.emit([1]);
    source.emit([2, 3]);
    expect(list).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
  });

  test('holds the newest elements up until the next ones come or all streams end', () => {
    const [a, b] = streams();
    const elements = new Elements();
    a.combineLatest(b).sink(() => {});
    elements.emit(a, 1);
    elements.emit(b, 'x');
    expect(elements.done).toEqual([]);
    elements.emit(a, 2);
    expect(elements.done).toEqual(['1']);
    a.dispose();
    expect(elements.done).toEqual(['1']);
    b.dispose();
    expect([elements.done, elements.failed]).toEqual([['1', '2', 'x'], {}]);
  });

  test('goes on with the last element of a stream that has ended, and ends with the last stream', () => {
    const [a, b] = streams();
    const both = a.combineLatest(b);
    const list = both.sinkToList();
    a.emit(1);
    a.dispose();
    for (const x of ['x', 'y']) b.emit(x);
    expect([list, both.node.ended]).toEqual([
      [
        [1, 'x'],
        [1, 'y'],
      ],
      false,
    ]);
    b.dispose();
    expect(both.node.ended).toBe(true);
  });

  test('ends when a stream ends that has given nothing', () => {
    const [a, b] = streams();
    const elements = new Elements();
    const both = a.combineLatest(b);
    both.sink(() => {});
    elements.emit(a, 1);
    b.dispose();
    expect([both.node.ended, a.node.active, elements.done]).toEqual([true, false, ['1']]);
  });

  test('emits the last tuple of streams that end within the step', () => {
    const source = new Stream<number>();
    const both = source.slice({ end: 1 }).combineLatest(source.map((x) => -x).slice({ end: 1 }));
    const list = both.sinkToList();
    source.emit(1);
    expect([list, both.node.ended]).toEqual([[[1, -1]], true]);
  });

  test('takes a further stream at run time, and lets one go that has given something', () => {
    const [a, b] = streams();
    const c = new Stream<boolean>();
    const elements = new Elements();
    const both = a.combineLatest(b);
    const list = both.sinkToList();
    a.emit(1);
    elements.emit(b, 'x');
    c.connect(both as Stream<unknown>);
    a.emit(2);
    c.emit(true);
    b.disconnect(both);
    expect(elements.done).toEqual(['x']);
    a.emit(3);
    expect(list).toEqual([
      [1, 'x'],
      [2, 'x', true],
      [3, true],
    ]);
  });

  test('forgets its elements when nothing needs it; those that nobody has seen count as failed', () => {
    const [a, b] = streams();
    const elements = new Elements();
    const sink = a.combineLatest(b).sink(() => {});
    elements.emit(a, 1);
    elements.emit(b, 'x');
    sink.dispose();
    expect([elements.done, elements.failed]).toEqual([['1', 'x'], {}]);
    const other = a.combineLatest(b).sink(() => {});
    elements.emit(a, 2);
    other.dispose();
    expect(elements.failed).toEqual({ 2: 'disposed' });
  });

  test('of a stream with itself gives each element once', () => {
    const [a] = streams();
    const list = a.combineLatest(a).sinkToList();
    for (const x of [1, 2]) a.emit(x);
    expect(list).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('refuses what is no stream, and an emitOn that is none of its streams', () => {
    const [a, b] = streams();
    expect(() => a.combineLatest(7 as never, b)).toThrow('combineLatest takes streams, got 7');
    expect(() => a.combineLatest(b, { emitOn: new Stream({ name: 'c' }) })).toThrow(
      'emitOn of combineLatest: c is not one of its streams',
    );
    expect(() => a.combineLatest(b, { emitOn: 2 })).toThrow(
      'emitOn of combineLatest: there is no stream 2 among 2',
    );
    expect([a.node.active, b.node.active]).toEqual([false, false]);
  });
});
