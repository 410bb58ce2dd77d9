import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Metadata, RefCounter } from '../../src/core/metadata.ts';
import { type Flow, Node } from '../../src/core/node.ts';
import { fromIterable, loadPlugins, type PluginManifest, Stream } from '../../src/index.ts';
import type { Sink } from '../../src/nodes/sink.ts';
import { settle } from '../../src/testing/index.ts';

class Repeat<T> extends Node<T, T> {
  override readonly kind: string = 'repeat';
  readonly #n: number;

  constructor(n: number) {
    super();
    if (!(n > 0)) throw new RangeError(`n must be above zero, got ${n}`);
    this.#n = n;
  }

  override update(value: T, metadata: Metadata): Flow {
    return this.emitEach(
      Array.from({ length: this.#n }, () => value),
      metadata,
    );
  }
}

const gather = (stream: Stream<unknown>, list: unknown[]): Sink => stream.sink((x) => void list.push(x));

/** The method of a stream that a plugin has put on it. */
const call = <R>(on: object, name: string, ...args: unknown[]): R =>
  (Reflect.get(on, name) as (...args: unknown[]) => R).apply(on, args);

/** A module that is there when `arrive` is called. */
function slow(module: unknown) {
  let arrive = (): void => {};
  let fail = (_error: Error): void => {};
  const load = vi.fn(
    () =>
      new Promise((resolve, reject) => {
        arrive = () => resolve(module);
        fail = reject;
      }),
  );
  return {
    load,
    arrive: async () => {
      arrive();
      await settle();
    },
    fail: async (error: Error) => {
      fail(error);
      await settle();
    },
  };
}

const used = new Set<string>();
async function load(manifest: PluginManifest, options?: { eager?: boolean }): Promise<void> {
  for (const name of Object.values(manifest).flatMap(Object.keys)) {
    if (!(name in Stream.prototype || name in Stream)) used.add(name);
  }
  await loadPlugins(manifest, options);
}

afterEach(() => {
  for (const name of used) {
    Reflect.deleteProperty(Stream.prototype, name);
    Reflect.deleteProperty(Stream, name);
  }
  used.clear();
});

describe('a plugin that is a node', () => {
  test('is loaded when its method is first called; elements and emitters wait for it', async () => {
    const module = slow({ repeat: Repeat });
    await load({ nodes: { repeat: module.load } });
    expect(module.load).not.toHaveBeenCalled();
    const source = new Stream<number>();
    const stream = call<Stream<number>>(source, 'repeat', 2);
    const list = stream.map((x) => x + 1).sinkToList();
    expect(module.load).toHaveBeenCalledTimes(1);
    const onDone = vi.fn();
    const flows = [source.emit(1, { metadata: [{ ref: new RefCounter({ onDone }) }] }), source.emit(2)];
    await settle();
    expect([list, onDone.mock.calls.length]).toEqual([[], 0]);
    await module.arrive();
    await Promise.all(flows);
    expect([list, onDone.mock.calls.length]).toEqual([[2, 2, 3, 3], 1]);
    expect(source.emit(3)).toBeUndefined();
    expect(list.slice(4)).toEqual([4, 4]);
    expect(source.toDot()).toContain('n1 -> n2');
  });

  test('is put below at once when it is there already', async () => {
    const module = slow({ default: Repeat });
    await load({ nodes: { repeat: module.load } });
    call(new Stream(), 'repeat', 1);
    await module.arrive();
    const source = new Stream<number>();
    const list = call<Stream<number>>(source, 'repeat', 2).sinkToList();
    source.emit(1);
    expect(list).toEqual([1, 1]);
    expect(module.load).toHaveBeenCalledTimes(1);
  });

  test('may be a function', async () => {
    await load({
      nodes: { lengths: async () => ({ lengths: (s: Stream<string>) => s.map((x) => x.length) }) },
    });
    const source = new Stream<string>();
    const list = call<Stream<number>>(source, 'lengths').sinkToList();
    await source.emit('four');
    expect(list).toEqual([4]);
  });

  test('ends after what waits has come out', async () => {
    const module = slow({ repeat: Repeat });
    await load({ nodes: { repeat: module.load } });
    const source = fromIterable([1, 2]);
    const seen: number[] = [];
    const all = (async () => {
      for await (const x of call<Stream<number>>(source, 'repeat', 2)) seen.push(x);
    })();
    await settle();
    await module.arrive();
    await all;
    expect(seen).toEqual([1, 1, 2, 2]);
  });

  test('fails the elements where it cannot be loaded or made, and is tried again at the next call', async () => {
    const module = slow({ repeat: Repeat });
    await load({ nodes: { repeat: module.load } });
    const source = new Stream<number>();
    call<Stream<number>>(source, 'repeat', 2).sinkToList();
    const flow = source.emit(1);
    const failure = expect(flow).rejects.toThrow(
      'cannot load plugin "repeat": no network (at stream › repeat)',
    );
    await module.fail(new Error('no network'));
    await failure;
    expect(() => source.emit(2)).toThrow('cannot load plugin "repeat"');
    const other = new Stream<number>();
    call<Stream<number>>(other, 'repeat', 0).sinkToList();
    const second = expect(other.emit(1)).rejects.toThrow('n must be above zero, got 0');
    await module.arrive();
    await second;
  });

  test('lets go of what waits when nothing needs it any more', async () => {
    const module = slow({ repeat: Repeat });
    await load({ nodes: { repeat: module.load } });
    const source = new Stream<number>();
    const sink = call<Stream<number>>(source, 'repeat', 2).sink(() => {});
    const onDone = vi.fn();
    const flow = source.emit(1, { metadata: [{ ref: new RefCounter({ onDone }) }] });
    sink.dispose();
    await flow;
    expect(onDone).toHaveBeenCalledTimes(1);
    await module.arrive();
  });

  test('holds back no more than 10,000 elements', async () => {
    const module = slow({ repeat: Repeat });
    await load({ nodes: { repeat: module.load } });
    const source = new Stream<number>();
    const list = call<Stream<number>>(source, 'repeat', 1).sinkToList();
    for (let i = 0; i < 10_000; i++) void source.emit(i);
    expect(() => source.emit(0)).toThrow(
      'plugin "repeat" is still being loaded and holds 10000 elements back',
    );
    await module.arrive();
    expect(list).toHaveLength(10_000);
  });

  test('has no state to save before it is there', async () => {
    await load({ nodes: { repeat: slow({}).load } });
    const source = new Stream<number>();
    call<Stream<number>>(source, 'repeat', 1).sink(() => {});
    expect(() => source.node.downstreams[0]!.saveState!()).toThrow('has no state to save');
  });
});

describe('a plugin that is a source', () => {
  test('is a static method, whose stream begins when the module is there', async () => {
    const module = slow({ numbers: (...values: number[]) => fromIterable(values) });
    await load({ sources: { numbers: module.load } });
    const stream = call<Stream<number>>(Stream, 'numbers', 1, 2);
    const list = stream.sinkToList();
    await module.arrive();
    await settle();
    expect([list, stream.node.ended]).toEqual([[1, 2], true]);
  });

  test('reports what it cannot do, and ends', async () => {
    const heard = vi.spyOn(console, 'error').mockImplementation(() => {});
    await load({ sources: { numbers: async () => ({ numbers: () => [1, 2] }) } });
    const stream = call<Stream<number>>(Stream, 'numbers');
    stream.sinkToList();
    await settle();
    expect(String(heard.mock.calls[0]![0])).toContain(
      'source plugin "numbers" gave an object of Array, expected a stream',
    );
    expect(stream.node.ended).toBe(true);
    heard.mockRestore();
  });
});

describe('a plugin that is a sink', () => {
  test('takes elements from the call on, and can be disposed of', async () => {
    const module = slow({ gather });
    await load({ sinks: { gather: module.load } });
    const list: unknown[] = [];
    const source = new Stream<number>();
    const sink = call<Sink>(source, 'gather', list);
    const flow = source.emit(1);
    await module.arrive();
    await flow;
    source.emit(2);
    expect([list, sink.disposed]).toEqual([[1, 2], false]);
    sink.dispose();
    source.emit(3);
    expect([list, sink.disposed, source.node.active]).toEqual([[1, 2], true, false]);
    const second = call<Sink>(source, 'gather', list);
    source.emit(4);
    second.dispose();
    expect(list).toEqual([1, 2, 4]);
  });

  test('may be disposed of before it is there', async () => {
    const module = slow({ gather });
    await load({ sinks: { gather: module.load } });
    const list: unknown[] = [];
    const source = new Stream<number>();
    const sink = call<Sink>(source, 'gather', list);
    void source.emit(1);
    sink.dispose();
    await module.arrive();
    expect([list, source.node.active]).toEqual([[], false]);
  });
});

describe('loadPlugins', () => {
  test.each([
    [
      'a node that gives no stream',
      { nodes: { bad: async () => ({ bad: () => 5 }) } },
      'node plugin "bad" gave 5, expected a stream',
    ],
    [
      'a sink that gives a stream',
      { sinks: { bad: async () => ({ bad: (s: Stream<unknown>) => s }) } },
      'sink plugin "bad" gave a stream, expected something with dispose()',
    ],
    [
      'a sink that is no end',
      { sinks: { bad: async () => ({ bad: Repeat }) } },
      'sink plugin "bad" gave a node "repeat" that is no end',
    ],
  ])('refuses %s', async (_what, manifest, message) => {
    await load(manifest as PluginManifest, { eager: true });
    const source = new Stream<number>();
    expect(() => call(source, 'bad', 1)).toThrow(message);
    expect(source.node.downstreams).toEqual([]);
  });

  test.each([
    ['exports nothing of the name', async () => ({ other: 1 }), 'exports neither "bad" nor a default'],
    [
      'exports no function',
      async () => ({ bad: 1 }),
      '"bad" must be a class of nodes or a function, got number',
    ],
    ['exports another class', async () => ({ bad: class Other {} }), 'which does not extend Node'],
    ['cannot be loaded', () => Promise.reject(new Error('gone')), 'cannot load plugin "bad": gone'],
  ])('refuses, where asked to load at once, a module that %s', async (_what, loader, message) => {
    await expect(load({ nodes: { bad: loader } }, { eager: true })).rejects.toThrow(message);
  });

  test('puts nothing on where a name is taken', async () => {
    const loader = async () => Repeat;
    await expect(load({ nodes: { fresh: loader, map: loader } })).rejects.toThrow(
      'a stream has a member "map" already',
    );
    await expect(load({ sources: { of: loader } })).rejects.toThrow('Stream has a member "of" already');
    await expect(load({ nodes: { fresh: loader }, sinks: { fresh: loader } })).rejects.toThrow(
      'two plugins are called "fresh"',
    );
    expect('fresh' in Stream.prototype).toBe(false);
  });

  test('refuses what is no loader', async () => {
    await expect(load({ nodes: { fresh: './fresh.js' as never } })).rejects.toThrow(
      'must be declared by a function that loads it, got string',
    );
  });
});
