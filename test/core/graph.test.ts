import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.ts';
import type { Metadata } from '../../src/core/metadata.ts';
import { type Flow, Node } from '../../src/core/node.ts';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

/** Emits how many elements there have been. */
class CountNode extends Node<unknown, number> {
  override readonly kind: string = 'count';
  #count = 0;

  override update(_: unknown, metadata: Metadata): Flow {
    this.#count++;
    return this.emit(this.#count, metadata);
  }

  override saveState(): number {
    return this.#count;
  }

  override restoreState(state: unknown): void {
    this.#count = state as number;
  }
}

function program() {
  const source = new Stream<number>({ name: 'source' });
  const left = source.through(new CountNode({ name: 'left' }));
  const right = source.filter((x) => x > 1).through(new CountNode({ name: 'right' }));
  const list = left.union(right).sinkToList();
  return { source, list };
}

describe('a graph', () => {
  test('lists its nodes from wherever it is asked, each after those above it', () => {
    const { source } = program();
    const labels = source.graph.nodes.map(({ label }) => label);
    expect(labels).toEqual(['source', 'left', 'filter', 'right', 'union', 'sinkToList']);
    const last = source.graph.nodes.at(-1)!;
    expect(new Set(Stream.of(last).graph.nodes)).toEqual(new Set(source.graph.nodes));
  });

  test('lists the nodes of a loop once', () => {
    const source = new Stream<number>({ name: 'source' });
    const more = source.map((x) => x + 1).filter((x) => x < 3);
    more.connect(source);
    more.sinkToList();
    expect(source.graph.nodes.map(({ label }) => label).sort()).toEqual([
      'filter',
      'map',
      'sinkToList',
      'source',
    ]);
  });

  test('that is restored goes on as the other would have', () => {
    const [whole, before, after] = [program(), program(), program()];
    for (const x of [1, 2, 3]) for (const { source } of [whole, before]) source.emit(x);
    after.source.graph.restore(structuredClone(before.source.graph.snapshot()));
    for (const x of [4, 0]) for (const { source } of [whole, after]) source.emit(x);
    expect(whole.list).toEqual([...before.list, ...after.list]);
  });

  test('is restored with branches that had all they need when the snapshot was taken', () => {
    const build = () => {
      const source = new Stream<number>({ name: 'source' });
      const lists = [
        source.slice({ end: 2 }).sinkToList(),
        source.slidingWindow(2).sinkToList(),
        source.zip(source.slice({ end: 1 })).sinkToList(),
        source.slice({ end: 4 }).slidingWindow(3).sinkToList(),
      ];
      return { source, lists };
    };
    const [whole, before, after] = [build(), build(), build()];
    for (const x of [1, 2, 3]) for (const { source } of [whole, before]) source.emit(x);
    after.source.graph.restore(structuredClone(before.source.graph.snapshot()));
    for (const x of [4, 5]) for (const { source } of [whole, after]) source.emit(x);
    expect(whole.lists).toEqual(before.lists.map((list, i) => [...list, ...after.lists[i]!]));
    expect(after.lists.map((list) => list.length)).toEqual([0, 2, 0, 1]);
  });

  test('refuses the snapshot of another one, and stays as it was', () => {
    const { source } = program();
    const other = new Stream<number>();
    other.through(new CountNode({ name: 'left' })).sinkToList();
    source.emit(1);
    expect(() => other.graph.restore(source.graph.snapshot())).toThrow(
      'the snapshot is of another graph: its second node with a memory is "right", here it is missing',
    );
    expect(() => source.graph.restore({ version: 2 } as never)).toThrow('not a snapshot of a graph');
    expect(source.graph.snapshot().nodes.map(({ state }) => state)).toEqual([1, 0]);
  });

  test('gives no snapshot in the middle of an element, and none of what cannot be saved', () => {
    const { source } = program();
    source.sink(() => void source.graph.snapshot());
    expect(() => source.emit(1)).toThrow('cannot take a snapshot while source gives out an element');
    const rows = new Stream<number>();
    rows.accumulate((_, x: number) => () => x, { start: () => 0 }).sink(() => {});
    expect(() => rows.graph.snapshot()).toThrow('the state of accumulate cannot be cloned');
  });

  test('gives no snapshot while elements are left of one, or wait to be tried again', async () => {
    const clock = new VirtualClock();
    const lists = new Stream<number[]>({ clock });
    lists.flatten().sink(() => sleep(clock, 10));
    void lists.emit([1, 2, 3]);
    expect(() => lists.graph.snapshot()).toThrow('while flatten gives out an element');
    const source = new Stream<number>({ clock });
    let isDown = true;
    const flaky = (x: number): number => {
      if (isDown) throw new Error('down');
      return x;
    };
    source.map(flaky, { name: 'flaky', onError: { retry: 5 } }).sinkToList();
    void source.emit(1);
    expect(() => source.graph.snapshot()).toThrow('while flaky gives out an element');
    isDown = false;
    await clock.advance('1s');
    expect([lists.graph.snapshot().nodes, source.graph.snapshot().nodes]).toEqual([[], []]);
  });
});

describe('a snapshot', () => {
  test('is refused while an asynchronous sink works, and can be taken when it has settled', async () => {
    const { source } = program();
    let finish = (): void => {};
    source.sink(() => new Promise<void>((resolve) => (finish = resolve)), { name: 'store' });
    const flow = source.emit(1);
    expect(() => source.graph.snapshot()).toThrow(
      'store still works on 1 element(s), which a snapshot would lose',
    );
    const settled = source.graph.settled();
    finish();
    await settled;
    expect(source.graph.snapshot().nodes).toHaveLength(2);
    await flow;
    await source.graph.settled();
  });

  test('that went through JSON and lost its maps is refused with the name of the node', () => {
    const made = () => {
      const source = new Stream<number>();
      source.frequencies({ name: 'counts' }).sink(() => {});
      return source;
    };
    const source = made();
    source.emit(1);
    const json = JSON.parse(JSON.stringify(source.graph.snapshot()));
    expect(() => made().graph.restore(json)).toThrow('counts cannot take back its state');
  });

  test('comes too late where a source has begun', async () => {
    const { source: other } = program();
    const snapshot = other.graph.snapshot();
    const source = fromIterable([1, 2]);
    source.through(new CountNode({ name: 'left' })).sink(() => {});
    await settle();
    expect(() => source.graph.restore(snapshot)).toThrow(
      'fromIterable has begun already; restore in the turn',
    );
  });
});
