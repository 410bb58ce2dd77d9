import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';
import { Elements, gate } from '../support/elements.ts';

const streams = () => [new Stream<number>({ name: 'a' }), new Stream<string>({ name: 'b' })] as const;

describe('zip', () => {
  test('emits tuples of the n-th elements', () => {
    const [a, b] = streams();
    const list = a.zip(b).sinkToList();
    for (const x of [1, 2]) a.emit(x);
    for (const x of ['x', 'y', 'z']) b.emit(x);
    a.emit(3);
    expect(list).toEqual([
      [1, 'x'],
      [2, 'y'],
      [3, 'z'],
    ]);
  });

  test('puts what is no stream at its place', () => {
    const [a, b] = streams();
    const list = a.zip(7, b, { deep: true }).sinkToList();
    a.emit(1);
    b.emit('x');
    expect(list).toEqual([[1, 7, 'x', { deep: true }]]);
  });

  test('takes a last object of nothing but options for the options', () => {
    const [a, b] = streams();
    const zipped = a.zip(b, { name: 'pairs', maxsize: 2 });
    const literal = a.zip(b, { name: 'pairs' }, {}).sinkToList();
    zipped.sink(() => {});
    a.emit(1);
    b.emit('x');
    expect([zipped.node.label, literal]).toEqual(['pairs', [[1, 'x', { name: 'pairs' }]]]);
  });

  test('of a stream with itself pairs each element with itself, once', () => {
    const [a] = streams();
    const elements = new Elements();
    const list = a.zip(a, a).sinkToList();
    for (const x of [1, 2]) elements.emit(a, x);
    expect(list).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expect(elements.done).toEqual(['1', '2']);
  });

  test('lets emitters wait while their stream has more than maxsize elements waiting', async () => {
    const [a, b] = streams();
    a.zip(b, { maxsize: 2 }).sink(() => {});
    const admitted: number[] = [];
    for (const x of [1, 2, 3, 4]) void Promise.resolve(a.emit(x)).then(() => admitted.push(x));
    await settle();
    expect(admitted).toEqual([1, 2]);
    b.emit('x');
    await settle();
    expect(admitted).toEqual([1, 2, 3]);
    b.emit('y');
    await settle();
    expect(admitted).toEqual([1, 2, 3, 4]);
  });

  test('lets the emitter that completes a tuple wait for the work on it', async () => {
    const [a, b] = streams();
    const elements = new Elements();
    const { enter, open } = gate();
    a.zip(b).sink(enter);
    expect(elements.emit(a, 1)).toBeUndefined();
    const flow = elements.emit(b, 'x');
    expect(elements.done).toEqual([]);
    open();
    await flow;
    expect(elements.done).toEqual(['1', 'x']);
  });

  test('keeps no more than its bound where the work is far slower than both sources', async () => {
    const clock = new VirtualClock();
    const [a, b] = [new Stream<number>({ clock }), new Stream<number>({ clock })];
    const zipped = a.zip(b, { maxsize: 3 });
    const seen: number[] = [];
    let most = 0;
    const sink = zipped.sink(([x]) => {
      seen.push(x);
      return sleep(clock, 1000);
    });
    const feed = async (stream: Stream<number>): Promise<void> => {
      for (let i = 0; !sink.disposed; i++) {
        await stream.emit(i);
        most = Math.max(most, ...zipped.sides.map(({ waiting }) => waiting));
        await sleep(clock, 1);
      }
    };
    const feeding = [feed(a), feed(b)];
    await clock.advance('30s');
    sink.dispose();
    await clock.advance('2s');
    await Promise.all(feeding);
    expect(seen).toEqual(Array.from(seen, (_, i) => i));
    expect([seen.length < 100, most]).toEqual([true, 4]);
  });

  test('tells how many elements of each stream wait, and for which stream', () => {
    const [a, b] = streams();
    const zipped = a.zip(b, 7);
    zipped.sink(() => {});
    expect(zipped.lagging).toEqual([]);
    for (const x of [1, 2]) a.emit(x);
    expect(zipped.sides).toEqual([
      { name: 'a', waiting: 2 },
      { name: 'b', waiting: 0 },
    ]);
    expect([zipped.lagging, zipped.node.waiting]).toEqual([['b'], 2]);
  });

  test('ends with the shortest stream, leaves the others and drops what they have too much', async () => {
    const [a, b] = streams();
    const elements = new Elements();
    const zipped = a.zip(b, { maxsize: 2 });
    const list = zipped.sinkToList();
    const flows = [1, 2, 3, 4].map((x) => elements.emit(a, x));
    elements.emit(b, 'x');
    b.dispose();
    await Promise.all(flows);
    expect([zipped.node.ended, a.node.active, zipped.node.dropped]).toEqual([true, false, 3]);
    expect([list, elements.failed, elements.done.length]).toEqual([[[1, 'x']], {}, 5]);
  });

  test('takes what an ended stream has left', () => {
    const [a, b] = streams();
    const zipped = a.zip(b);
    const list = zipped.sinkToList();
    for (const x of [1, 2]) a.emit(x);
    a.dispose();
    b.emit('x');
    expect(zipped.node.ended).toBe(false);
    b.emit('y');
    b.emit('z');
    expect([zipped.node.ended, list]).toEqual([
      true,
      [
        [1, 'x'],
        [2, 'y'],
      ],
    ]);
  });

  test('ends when it begins to be needed after one of its streams has ended', () => {
    const [a, b] = streams();
    const zipped = a.zip(b);
    a.dispose();
    zipped.sink(() => {});
    expect([zipped.node.ended, b.node.active]).toEqual([true, false]);
  });

  test('takes a further stream at run time, and lets it go', () => {
    const [a, b] = streams();
    const c = new Stream<boolean>();
    const elements = new Elements();
    const zipped = a.zip(b);
    const list = zipped.sinkToList();
    c.connect(zipped as Stream<unknown>);
    a.emit(1);
    b.emit('x');
    expect(list).toEqual([]);
    c.emit(true);
    for (const x of [2, 3]) a.emit(x);
    b.emit('y');
    expect(list).toEqual([[1, 'x', true]]);
    c.disconnect(zipped);
    expect(list.slice(1)).toEqual([[2, 'y']]);
    elements.emit(c, false);
    b.emit('z');
    expect(list.slice(2)).toEqual([[3, 'z']]);
    expect(elements.done).toEqual(['false']);
  });

  test('drops what waits of a stream that is disconnected, and the counters hear of it', async () => {
    const [a, b] = streams();
    const elements = new Elements();
    const zipped = a.zip(b, { maxsize: 1 });
    const list = zipped.sinkToList();
    const flows = [1, 2].map((x) => elements.emit(a, x));
    a.disconnect(zipped);
    await Promise.all(flows);
    b.emit('x');
    expect([elements.failed, list]).toEqual([{ 1: 'disposed', 2: 'disposed' }, [['x']]]);
  });

  test('tells the policy where a tuple fails that is complete since a stream went', () => {
    const [a, b] = streams();
    const onError = vi.fn();
    const zipped = a.zip(b, { onError });
    zipped.sink(() => {
      throw new Error('no');
    });
    a.emit(1);
    b.disconnect(zipped);
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'user-code' }), [1]]]);
  });

  test('goes on after a failure below', () => {
    const [a, b] = streams();
    const elements = new Elements();
    const seen: unknown[] = [];
    a.zip(b).sink((pair) => {
      if (pair[0] === 1) throw new Error('no');
      seen.push(pair);
    });
    elements.emit(a, 1);
    expect(() => elements.emit(b, 'x')).toThrow('no (at b › zip › sink)');
    elements.emit(a, 2);
    elements.emit(b, 'y');
    expect(seen).toEqual([[2, 'y']]);
    expect(elements.failed).toEqual({ 1: 'user-code', x: 'user-code' });
  });

  test('drops what waits when nothing needs it, and lets the emitters go', async () => {
    const [a, b] = streams();
    const elements = new Elements();
    const sink = a.zip(b, { maxsize: 1 }).sink(() => {});
    const flows = [1, 2].map((x) => elements.emit(a, x));
    sink.dispose();
    await Promise.all(flows);
    expect(elements.failed).toEqual({ 1: 'disposed', 2: 'disposed' });
  });

  test('refuses the state of another number of streams', () => {
    const [a, b] = streams();
    const state = a.zip(b, b.map(String)).node.saveState!();
    expect(() => a.zip(b).node.restoreState!(state)).toThrow(
      'cannot restore zip: the state is of 3 streams, the node has 2',
    );
  });

  test('that was over is over when it is restored', () => {
    const [a, b] = streams();
    const zipped = a.zip(b);
    zipped.sink(() => {});
    b.dispose();
    const [a2, b2] = streams();
    const again = a2.zip(b2);
    const list = again.sinkToList();
    again.node.restoreState!(zipped.node.saveState!());
    a2.emit(1);
    b2.emit('x');
    expect([again.node.ended, list]).toEqual([true, []]);
  });

  test('gives what zipping the whole would, whatever the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 60 }), (sides) => {
        const sources = [0, 1, 2].map(() => new Stream<number>());
        const list = sources[0]!.zip(sources[1]!, sources[2]!).sinkToList();
        const given: number[][] = [[], [], []];
        for (const [i, side] of sides.entries()) {
          void sources[side]!.emit(i);
          given[side]!.push(i);
        }
        const shortest = Math.min(...given.map((values) => values.length));
        expect(list).toEqual(Array.from({ length: shortest }, (_, i) => given.map((values) => values[i])));
      }),
    );
  });
});
