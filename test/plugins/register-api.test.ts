import { afterEach, describe, expect, test } from 'vitest';
import type { Metadata } from '../../src/core/metadata.ts';
import { type Flow, Node, PassNode } from '../../src/core/node.ts';
import { fromIterable, Source, Stream } from '../../src/index.ts';

declare module '../../src/stream.ts' {
  interface Stream<T> {
    repeat(n: number): Stream<T>;
    lengths(): Stream<number>;
  }
  namespace Stream {
    function count(to: number): Stream<number>;
  }
}

class Repeat<T> extends Node<T, T> {
  override readonly kind: string = 'repeat';
  readonly #n: number;

  constructor(n: number) {
    super();
    this.#n = n;
  }

  override update(value: T, metadata: Metadata): Flow {
    return this.emitEach(
      Array.from({ length: this.#n }, () => value),
      metadata,
    );
  }
}

afterEach(() => {
  for (const name of ['repeat', 'lengths', 'count', 'mine']) {
    Reflect.deleteProperty(Stream.prototype, name);
    Reflect.deleteProperty(Stream, name);
    Reflect.deleteProperty(Source.prototype, name);
  }
});

describe('registerApi', () => {
  test('makes a class of nodes a method, which goes on as others do', () => {
    Stream.registerApi('repeat', Repeat);
    const source = new Stream<string>();
    const list = source
      .repeat(3)
      .map((x) => x.toUpperCase())
      .sinkToList();
    source.emit('a');
    expect(list).toEqual(['A', 'A', 'A']);
    expect(source.toDot()).toContain('label="repeat"');
  });

  test('makes a function a method, which gets the stream first', () => {
    Stream.registerApi('lengths', (stream: Stream<string>) => stream.map((text) => text.length));
    const source = new Stream<string>();
    const list = source.lengths().sinkToList();
    source.emit('four');
    expect(list).toEqual([4]);
  });

  test('makes a source a method of the class', async () => {
    Stream.registerApi('count', (to: number) => fromIterable(Array.from({ length: to }, (_, i) => i)), {
      static: true,
    });
    const source = Stream.count(3);
    const list = source.sinkToList();
    await (source as Source<number>).done;
    expect(list).toEqual([0, 1, 2]);
    expect('count' in Source).toBe(true);
  });

  test('makes a class of nodes a method of the class', () => {
    Stream.registerApi('count', PassNode, { static: true });
    expect(Stream.count(1).node).toBeInstanceOf(PassNode);
  });

  test('is there for the classes made from Stream; what they register is theirs', () => {
    Stream.registerApi('repeat', Repeat);
    expect(fromIterable([1]).repeat(2)).toBeInstanceOf(Stream);
    Source.registerApi('mine', Repeat);
    expect(['mine' in fromIterable([1]), 'mine' in new Stream()]).toEqual([true, false]);
  });

  test('refuses a name that is taken, but for the same once more', () => {
    Stream.registerApi('repeat', Repeat);
    Stream.registerApi('repeat', Repeat);
    expect(() => Stream.registerApi('repeat', () => {})).toThrow('a stream has a member "repeat" already');
    expect(() => Stream.registerApi('map', Repeat)).toThrow('a stream has a member "map" already');
    expect(() => Stream.registerApi('of', Repeat, { static: true })).toThrow(
      'Stream has a member "of" already',
    );
  });

  test.each(['', 'two words', '1st', 'then', 'constructor', '__proto__'])('refuses the name %j', (name) => {
    expect(() => Stream.registerApi(name, Repeat)).toThrow('the name of a method must be an identifier');
  });

  test('refuses what is neither a class of nodes nor a function', () => {
    expect(() => Stream.registerApi('mine', 5 as never)).toThrow(
      '"mine" must be a class of nodes or a function, got number',
    );
    expect(() => Stream.registerApi('mine', class Other {} as never)).toThrow(
      '"mine" is the class Other, which does not extend Node',
    );
  });

  test('knows a class of nodes of another copy of the library', () => {
    class Foreign {
      update(): void {}
      emit(): void {}
      connect(): void {}
    }
    expect(() => Stream.registerApi('mine', Foreign as never)).toThrow('another copy of millrace');
  });
});
