import { describe, expect, test } from 'vitest';
import type { Metadata } from '../../src/core/metadata.ts';
import { type Flow, Node } from '../../src/core/node.ts';
import { SinkNode } from '../../src/nodes/sink.ts';
import { Stream } from '../../src/stream.ts';

/** Emits the newest element of each input, once a step. */
class Newest extends Node<unknown, string> {
  readonly #newest = new Map<unknown, unknown>();

  override update(value: unknown, _: Metadata, from: Node<never, unknown>): Flow {
    this.#newest.set(from, value);
    if (!this.awaitStep()) return this.onStepEnd();
  }

  protected override onStepEnd(): Flow {
    return this.emit(this.upstreams.map((node) => this.#newest.get(node) ?? '-').join(' '));
  }
}

const join = (...streams: Stream<never>[]): Stream<string> => {
  const node = new Newest();
  for (const { node: above } of streams) (above as Node<never, unknown>).connect(node);
  return Stream.of(node);
};
const of = (stream: Stream<string> | Stream<number>) => stream as Stream<never>;

describe('a join', () => {
  test('waits in a diamond until both sides have come', () => {
    const source = new Stream<number>();
    const list = join(of(source.map((x) => x + 1)), of(source.map((x) => x - 1))).sinkToList();
    void source.emit(1);
    void source.emit(5);
    expect(list).toEqual(['2 0', '6 4']);
  });

  test('acts at once outside of diamonds, before later siblings', () => {
    const [a, b] = [new Stream<number>(), new Stream<number>()];
    const log: string[] = [];
    join(of(a), of(b)).sink((x) => void log.push(x));
    a.sink((x) => void log.push(`sibling ${x}`));
    void a.emit(1);
    void b.emit(2);
    expect(log).toEqual(['1 -', 'sibling 1', '1 2']);
  });

  test('acts once where the source itself is one of its inputs', () => {
    const source = new Stream<number>();
    const list = join(of(source), of(source.map((x) => 10 * x))).sinkToList();
    void source.emit(1);
    expect(list).toEqual(['1 10']);
  });

  test('acts after the joins above it', () => {
    const source = new Stream<number>();
    const [a, b, c] = [source.map((x) => `a${x}`), source.map((x) => `b${x}`), source.map((x) => `c${x}`)];
    const upper = join(of(a), of(b));
    const lower = join(of(c), of(upper), of(a));
    const list = lower.sinkToList();
    void source.emit(1);
    void source.emit(2);
    expect(list).toEqual(['c1 a1 b1 a1', 'c2 a2 b2 a2']);
  });

  test('waits for the lower fork only, where the upper one leads down one way', () => {
    const source = new Stream<number>();
    const fork = source.map((x) => x);
    const log: string[] = [];
    join(of(fork.map((x) => x + 1)), of(fork.map((x) => x - 1))).sink((x) => void log.push(x));
    source.sink((x) => void log.push(`sibling ${x}`));
    void source.emit(1);
    expect(log).toEqual(['2 0', 'sibling 1']);
  });

  test('acts where one side lets nothing through', () => {
    const source = new Stream<number>();
    const list = join(of(source.filter((x) => x % 2 === 0)), of(source.map((x) => x))).sinkToList();
    void source.emit(1);
    void source.emit(2);
    expect(list).toEqual(['- 1', '2 2']);
  });

  test('acts although a sibling fails, and its own failure reaches the emitter', () => {
    const source = new Stream<number>();
    const joined = join(of(source.map((x) => x + 1)), of(source.map((x) => x - 1)));
    const list = joined.sinkToList();
    source.sink(() => {
      throw new Error('sibling');
    });
    expect(() => source.emit(1)).toThrow('sibling');
    expect(list).toEqual(['2 0']);
    joined.sink(() => {
      throw new Error('below the join');
    });
    expect(() => source.emit(1)).toThrow('2 branches failed');
  });

  test('learns of branches that come and go', () => {
    const source = new Stream<number>();
    const extra = new Stream<number>();
    const joined = join(of(source.map((x) => x + 1)), of(extra));
    const list = joined.sinkToList();
    void source.emit(1);
    source.connect(extra);
    void source.emit(2);
    source.disconnect(extra);
    void source.emit(3);
    expect(list).toEqual(['2 -', '3 2', '4 2']);
  });

  test('that is disposed of in mid-step says nothing', () => {
    const source = new Stream<number>();
    const joined = join(of(source.map((x) => x + 1)), of(source.map((x) => x - 1)));
    const list = joined.sinkToList();
    source.node.connect(new SinkNode(() => joined.dispose()));
    void source.emit(1);
    expect(list).toEqual([]);
  });
});
