import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { RefCounter } from '../../src/core/metadata.ts';
import { Stream } from '../../src/stream.ts';
import { settle } from '../../src/testing/index.ts';

describe('values', () => {
  test('gives every element, in order', async () => {
    const source = new Stream<number>();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const x of source.map((x) => x * 2)) {
        seen.push(x);
        if (seen.length === 4) break;
      }
    })();
    for (const x of [1, 2, 3, 4, 5]) void source.emit(x);
    await reading;
    expect(seen).toEqual([2, 4, 6, 8]);
    expect(source.node.active).toBe(false);
  });

  test('holds the emitter up until the next element is asked for', async () => {
    const source = new Stream<number>();
    const values = source.values();
    let done = false;
    void Promise.resolve(source.emit(1)).then(() => {
      done = true;
    });
    expect(await values.next()).toEqual({ done: false, value: 1 });
    await settle();
    expect(done).toBe(false);
    void values.next();
    await settle();
    expect(done).toBe(true);
  });

  test('answers several questions at once in order', async () => {
    const source = new Stream<number>();
    const values = source.values();
    const answers = Promise.all([values.next(), values.next(), values.next()]);
    for (const x of [1, 2, 3]) void source.emit(x);
    expect((await answers).map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  test('ends when the sources have ended, after the last element', async () => {
    const source = new Stream<number>();
    const seen: number[] = [];
    const values = source.map((x) => x).values();
    void source.emit(1);
    void source.emit(2);
    source.dispose();
    for await (const x of values) seen.push(x);
    expect(seen).toEqual([1, 2]);
    expect(await values.next()).toEqual({ done: true, value: undefined });
  });

  test('ends behind a buffer only when that is empty', async () => {
    const source = new Stream<number>();
    const values = source.buffer(9).values();
    for (const x of [1, 2, 3]) void source.emit(x);
    source.dispose();
    const seen: number[] = [];
    for await (const x of values) seen.push(x);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('ends a question that is open when the source ends, or the signal aborts', async () => {
    const source = new Stream<number>();
    const control = new AbortController();
    const [one, other] = [source.values(), source.values({ signal: control.signal })];
    const answers = [one.next(), other.next()];
    control.abort();
    expect(await answers[1]).toEqual({ done: true, value: undefined });
    source.dispose();
    expect(await answers[0]).toEqual({ done: true, value: undefined });
  });

  test('lets waiting emitters go when it is left; what was not seen does not count as done', async () => {
    const source = new Stream<number>();
    const values = source.values();
    const outcomes: unknown[] = [];
    const flows = [1, 2].map((x) =>
      source.emit(x, { metadata: [{ ref: new RefCounter({ onDone: (e) => outcomes.push([x, e]) }) }] }),
    );
    await values.next();
    await values.return!();
    await Promise.all(flows);
    expect(outcomes).toEqual([
      [1, undefined],
      [2, expect.objectContaining({ code: 'disposed' })],
    ]);
    expect(source.node.downstreams).toEqual([]);
  });

  test('leaves nothing at its signal once it has come to its end, or could not begin', async () => {
    const { signal } = new AbortController();
    const asked = new Stream<number>();
    const waiting = asked.values({ signal }).next();
    asked.dispose();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const later = new Stream<number>();
    const values = later.values({ signal });
    void later.emit(1);
    later.dispose();
    expect(await values.next()).toEqual({ done: false, value: 1 });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    expect(await values.next()).toEqual({ done: true, value: undefined });
    for (const end of [() => later.values({ signal }), () => later.sink(() => {}, { signal })]) {
      expect(end).toThrow('disposed of');
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('with a signal that has aborted gives nothing', async () => {
    const source = new Stream<number>();
    const onValue = vi.fn();
    for await (const x of source.values({ signal: AbortSignal.abort() })) onValue(x);
    expect(onValue).not.toHaveBeenCalled();
  });
});
