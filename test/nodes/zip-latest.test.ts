import { describe, expect, test, vi } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';
import { Elements, gate } from '../support/elements.ts';

const streams = () => [new Stream<number>({ name: 'a' }), new Stream<string>({ name: 'b' })] as const;

describe('zipLatest', () => {
  test('emits every element of the first stream with the newest of the others', () => {
    const [a, b] = streams();
    const list = a.zipLatest(b).sinkToList();
    for (const x of [1, 2]) a.emit(x);
    for (const x of ['x', 'y']) b.emit(x);
    a.emit(3);
    b.emit('z');
    expect(list).toEqual([
      [1, 'x'],
      [2, 'x'],
      [3, 'y'],
    ]);
  });

  test('takes all of one element where streams come of one source, in whatever order', () => {
    const source = new Stream<number>();
    const before = source.map((x) => -x);
    const list = source
      .zipLatest(
        before,
        source.map((x) => x * 10),
      )
      .sinkToList();
    for (const x of [1, 2]) source.emit(x);
    expect(list).toEqual([
      [1, -1, 10],
      [2, -2, 20],
    ]);
  });

  test('pairs all that the first stream makes of an element with what the others make of it', () => {
    const source = new Stream<number[]>();
    const list = source
      .flatten()
      .zipLatest(source.map((values) => values.length))
      .sinkToList();
    source.emit([1]);
    source.emit([2, 3]);
    expect(list).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
    ]);
  });

  test('lets emitters wait beyond maxsize elements, within a step, too', async () => {
    const source = new Stream<number[]>();
    const list = source
      .flatten()
      .zipLatest(
        source.map((values) => values.length),
        { maxsize: 2 },
      )
      .sinkToList();
    await source.emit([1, 2, 3, 4, 5]);
    expect(list.map(([x]) => x)).toEqual([1, 2, 3, 4, 5]);
    const [a, b] = streams();
    a.zipLatest(b, { maxsize: 1 }).sink(() => {});
    const admitted: number[] = [];
    for (const x of [1, 2]) void Promise.resolve(a.emit(x)).then(() => admitted.push(x));
    await settle();
    expect(admitted).toEqual([1]);
    b.emit('x');
    await settle();
    expect(admitted).toEqual([1, 2]);
  });

  test('gives elements that had to wait to asynchronous work one by one', async () => {
    const [a, b] = streams();
    const elements = new Elements();
    const { begun, enter, open } = gate();
    a.zipLatest(b).sink(enter);
    for (const x of [1, 2]) elements.emit(a, x);
    const flow = elements.emit(b, 'x');
    const later = elements.emit(a, 3);
    for (let n = 1; n <= 3; n++) {
      expect(begun.length).toBe(n);
      open();
      await settle();
      expect(elements.done.length).toBe(n);
    }
    await Promise.all([flow, later]);
    expect(begun).toEqual([
      [1, 'x'],
      [2, 'x'],
      [3, 'x'],
    ]);
  });

  test('goes on after failures below, and tells of them', async () => {
    const [a, b] = streams();
    const elements = new Elements();
    const seen: unknown[] = [];
    a.zipLatest(b).sink((pair) => {
      seen.push(pair);
      if (pair[0] === 1) throw new Error('one');
      if (pair[0] === 2) return Promise.reject(new Error('two'));
    });
    for (const x of [1, 2, 3]) elements.emit(a, x);
    await expect((async () => elements.emit(b, 'x'))()).rejects.toThrow(
      '2 branches failed: one (at sink); two (at sink) (at b › zipLatest)',
    );
    expect(seen.length).toBe(3);
    expect(elements.failed).toEqual({ 1: 'user-code', 2: 'user-code' });
    elements.emit(b, 'y');
    expect(elements.failed.x).toBe('user-code');
  });

  test('is done with an element of the others when the next one comes', () => {
    const [a, b] = streams();
    const elements = new Elements();
    a.zipLatest(b).sink(() => {});
    elements.emit(b, 'x');
    elements.emit(a, 1);
    expect(elements.done).toEqual(['1']);
    elements.emit(b, 'y');
    expect(elements.done).toEqual(['1', 'x']);
  });

  test('ends with the first stream', () => {
    const [a, b] = streams();
    const elements = new Elements();
    const both = a.zipLatest(b);
    both.sink(() => {});
    elements.emit(b, 'x');
    elements.emit(a, 1);
    a.dispose();
    expect([both.node.ended, b.node.active]).toEqual([true, false]);
    expect([elements.done, elements.failed]).toEqual([['1', 'x'], {}]);
  });

  test('takes what the first stream has left when that has ended', () => {
    const [a, b] = streams();
    const both = a.zipLatest(b);
    const list = both.sinkToList();
    for (const x of [1, 2]) a.emit(x);
    a.dispose();
    expect(both.node.ended).toBe(false);
    b.emit('x');
    expect([list.length, both.node.ended]).toEqual([2, true]);
  });

  test('ends when another stream ends that has given nothing, and goes on with one that has', () => {
    const [a, b] = streams();
    const elements = new Elements();
    const both = a.zipLatest(b);
    both.sink(() => {});
    elements.emit(a, 1);
    b.dispose();
    expect([both.node.ended, both.node.dropped, elements.done]).toEqual([true, 1, ['1']]);
    const [c, d] = streams();
    const list = c.zipLatest(d).sinkToList();
    d.emit('x');
    d.dispose();
    c.emit(1);
    expect(list).toEqual([[1, 'x']]);
  });

  test('takes a further stream at run time, and lets it go', () => {
    const [a, b] = streams();
    const c = new Stream<boolean>();
    const onError = vi.fn();
    const both = a.zipLatest(b, { onError });
    const list = both.sinkToList();
    b.emit('x');
    c.connect(both as Stream<unknown>);
    a.emit(1);
    expect(list).toEqual([]);
    c.disconnect(both);
    expect(list).toEqual([[1, 'x']]);
    both.sink(() => {
      throw new Error('no');
    });
    c.connect(both as Stream<unknown>);
    a.emit(2);
    c.disconnect(both);
    expect(onError.mock.calls.map(([error]) => error.message)).toEqual(['no (at a › zipLatest › sink)']);
  });

  test('drops what waits when nothing needs it or the first stream is disconnected', () => {
    const [a, b] = streams();
    const elements = new Elements();
    const both = a.zipLatest(b);
    const sink = both.sink(() => {});
    elements.emit(a, 1);
    sink.dispose();
    both.sink(() => {});
    elements.emit(a, 2);
    a.disconnect(both);
    expect(elements.failed).toEqual({ 1: 'disposed', 2: 'disposed' });
  });

  test('of a stream with itself pairs each element with itself', () => {
    const [a] = streams();
    const list = a.zipLatest(a).sinkToList();
    for (const x of [1, 2]) a.emit(x);
    expect(list).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('restored in the middle of letting elements out lets out the rest', async () => {
    const clock = new VirtualClock();
    const program = () => {
      const [a, b] = [new Stream<number>({ clock }), new Stream<string>({ clock })];
      const seen: unknown[] = [];
      const zipped = a.zipLatest(b);
      zipped.sink((tuple) => {
        seen.push(tuple);
        return sleep(clock, 10);
      });
      return { a, b, zipped, seen };
    };
    const before = program();
    for (const x of [1, 2, 3]) void before.a.emit(x);
    void before.b.emit('b');
    const state = structuredClone(before.zipped.node.saveState!());
    const after = program();
    after.zipped.node.restoreState!(state);
    await clock.advance('1s');
    expect(after.seen).toEqual([
      [2, 'b'],
      [3, 'b'],
    ]);
    expect(before.seen).toEqual([[1, 'b'], ...after.seen]);
  });
});
