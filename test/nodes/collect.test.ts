import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/stream.ts';
import { settle } from '../../src/testing/index.ts';
import { Elements, gate } from '../support/elements.ts';

describe('collect', () => {
  test('keeps elements until it is flushed; with nothing kept it emits an empty array', () => {
    const source = new Stream<number>();
    const collected = source.collect();
    const list = collected.sinkToList();
    for (const x of [1, 2]) source.emit(x);
    expect([list, collected.node.waiting]).toEqual([[], 2]);
    collected.flush();
    collected.flush();
    source.emit(3);
    collected.flush();
    expect(list).toEqual([[1, 2], [], [3]]);
  });

  test('keeps what comes during a flush for the next', () => {
    const source = new Stream<number>();
    const collected = source.collect();
    const list: number[][] = [];
    collected.sink((values) => {
      list.push(values);
      if (values.length > 1) source.emit(9);
    });
    for (const x of [1, 2]) source.emit(x);
    collected.flush();
    collected.flush();
    expect(list).toEqual([[1, 2], [9]]);
  });

  test('lets whoever flushes wait for the work below, and hear of failures with their path', async () => {
    const source = new Stream<number>();
    const collected = source.collect();
    const elements = new Elements();
    const { enter, open } = gate();
    const sink = collected.sink(enter);
    elements.emit(source, 1);
    const flow = collected.flush();
    await settle();
    expect(elements.done).toEqual([]);
    open();
    await flow;
    expect(elements.done).toEqual(['1']);
    sink.dispose();
    collected.sink(() => Promise.reject(new Error('no')));
    elements.emit(source, 2);
    await expect(collected.flush()).rejects.toThrow('no (at collect › sink)');
    expect(elements.failed).toEqual({ 2: 'user-code' });
  });

  test('with max keeps the newest and counts the others', () => {
    const source = new Stream<number>();
    const collected = source.collect({ max: 2 });
    const elements = new Elements();
    const list = collected.sinkToList();
    for (const x of [1, 2, 3]) elements.emit(source, x);
    expect([elements.done, collected.node.dropped]).toEqual([['1'], 1]);
    collected.flush();
    expect(list).toEqual([[2, 3]]);
  });

  test('emits the rest when the stream ends', () => {
    const source = new Stream<number>();
    const collected = source.collect();
    const list = collected.sinkToList();
    source.emit(1);
    source.dispose();
    expect([list, collected.node.ended]).toEqual([[[1]], true]);
  });

  test('drops what it keeps when nothing needs it, and the counters hear of it', () => {
    const source = new Stream<number>();
    const elements = new Elements();
    const sink = source.collect().sink(() => {});
    elements.emit(source, 1);
    sink.dispose();
    expect(elements.failed).toEqual({ 1: 'disposed' });
  });
});
