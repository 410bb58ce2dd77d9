// @ts-nocheck: the compiler stops most of these calls; here they run as they do in JavaScript.
import { describe, expect, test } from 'vitest';
import {
  MillraceError,
  RefCounter,
  Scope,
  Stream,
  toOpfs,
  toReadableStream,
  toStore,
  toWebSocket,
} from '../src/index.ts';

const f = (x) => x;
const ref = new RefCounter();
const other = new Stream();

/** The call, and what the text of its error says. */
type WrongCall = readonly [call: string, program: (s) => unknown, says: string];

const calls: Record<string, WrongCall[]> = {
  'what is no object of options': [
    [
      'slice(2, 5)',
      (s) => s.slice(2, 5),
      'slice takes options { start, end, step, name, clock, onError }, got 2',
    ],
    [
      "unique('id')",
      (s) => s.unique('id'),
      'unique takes options { maxsize, key, hashable, name, clock, onError }, got "id"',
    ],
    ['unique(fn)', (s) => s.unique(f), 'onError }, got a function'],
    [
      "partition(3, '1s')",
      (s) => s.partition(3, '1s'),
      'partition takes options { timeout, key, name, clock, onError }, got "1s"',
    ],
    [
      'mapAsync(f, 4)',
      (s) => s.mapAsync(f, 4),
      'mapAsync takes options { parallelism, ordered, name, clock, onError }, got 4',
    ],
    [
      'accumulate(f, 10)',
      (s) => s.accumulate(f, 10),
      'accumulate takes options { start, returnsState, withState, name, clock, onError }, got 10',
    ],
    [
      'dedupe()',
      (s) => s.dedupe(),
      'dedupe takes options { within, key, extend, maxsize, name, clock, onError }, got undefined',
    ],
    ["dedupe('10s')", (s) => s.dedupe('10s'), 'got "10s"'],
    [
      "buffer(5, 'dropOldest')",
      (s) => s.buffer(5, 'dropOldest'),
      'buffer takes options { size, maxBytes, sizeOf, overflow, name, clock, onError }, got "dropOldest"',
    ],
    ['buffer(null)', (s) => s.buffer(null), 'onError }, got null'],
    ['map(f, [])', (s) => s.map(f, []), 'map takes options { name, clock, onError }, got an array'],
    [
      'sink(f, signal)',
      (s) => s.sink(f, new AbortController().signal),
      'sink takes options { signal, name, clock, onError }, got an object of AbortSignal',
    ],
    [
      'values(signal)',
      (s) => s.values(new AbortController().signal),
      'values takes options { signal }, got an object of AbortSignal',
    ],
    ['sinkToList(3)', (s) => s.sinkToList(3), 'sinkToList takes options { max, signal }, got 3'],
    ['collect(3)', (s) => s.collect(3), 'collect takes options { max, name, clock, onError }, got 3'],
    [
      "flatten('deep')",
      (s) => s.flatten('deep'),
      'flatten takes options { name, clock, onError }, got "deep"',
    ],
    ['frequencies(2)', (s) => s.frequencies(2), 'frequencies takes options'],
    ['latest(2)', (s) => s.latest(2), 'latest takes options'],
    [
      'slidingWindow(3, true)',
      (s) => s.slidingWindow(3, true),
      'slidingWindow takes options { returnPartial, name, clock, onError }, got true',
    ],
    [
      "metrics('1s')",
      (s) => s.metrics('1s'),
      'metrics takes options { interval, signal, clock, name }, got "1s"',
    ],
    ["toDot('TB')", (s) => s.toDot('TB'), 'toDot takes options { rankdir }, got "TB"'],
    ["toMermaid('TB')", (s) => s.toMermaid('TB'), 'toMermaid takes options { rankdir }, got "TB"'],
    [
      "visualize('1s')",
      (s) => s.visualize('1s'),
      'visualize takes options { rankdir, live, signal }, got "1s"',
    ],
    ['new RefCounter(fn)', () => new RefCounter(f), 'RefCounter takes options { onDone }, got a function'],
    [
      'new Scope(signal)',
      () => new Scope(new AbortController().signal),
      'Scope takes options { signal }, got an object of AbortSignal',
    ],
    [
      "new Stream('name')",
      () => new Stream('name'),
      'Stream takes options { name, clock, onError }, got "name"',
    ],
    [
      'registerApi(name, f, true)',
      () => Stream.registerApi('wrongCall', f, true),
      'registerApi takes options { static }, got true',
    ],
    ['emit(x, [{ ref }])', (s) => s.emit(1, [{ ref }]), 'emit takes options { metadata }, got an array'],
    [
      'toReadableStream(s, 3)',
      (s) => toReadableStream(s, 3),
      'toReadableStream takes options { highWaterMark, signal }, got 3',
    ],
    ['toStore(s, 0, 1)', (s) => toStore(s, 0, 1), 'toStore takes options { signal }, got 1'],
    [
      "toOpfs(s, 'a.txt', true)",
      (s) => toOpfs(s, 'a.txt', true),
      'toOpfs takes options { append, end, serialize, signal, name, clock, onError }, got true',
    ],
    [
      "toWebSocket(s, url, 'chat')",
      (s) => toWebSocket(s, 'ws://localhost', 'chat'),
      'heartbeat, onFailure, webSocket, random, name, clock, onError }, got "chat"',
    ],
  ],
  'options that are not there': [
    [
      'of partition, misspelt',
      (s) => s.partition(3, { tiemout: '1s' }),
      'partition has no option "tiemout" among timeout, key, name, clock, onError; did you mean "timeout"?',
    ],
    [
      'of partitionUnique, misspelt',
      (s) => s.partitionUnique(3, { keeps: 'last' }),
      'partitionUnique has no option "keeps" among key, keep, name, clock, onError; did you mean "keep"',
    ],
    [
      'of mapAsync, of another library',
      (s) => s.mapAsync(f, { concurrency: 4 }),
      'mapAsync has no option "concurrency" among parallelism, ordered, name, clock, onError',
    ],
    [
      'of accumulate, of streamz',
      (s) => s.accumulate(f, { returns_state: true }),
      'did you mean "returnsState"?',
    ],
    [
      'of a buffer, misspelt',
      (s) => s.buffer({ size: 3, overflw: 'error' }),
      'buffer has no option "overflw" among size, maxBytes, sizeOf, overflow, name, clock, onError; did you mean "overflow"?',
    ],
    [
      'of a buffer, beside its size',
      (s) => s.buffer(3, { overFlow: 'error' }),
      'buffer has no option "overFlow"',
    ],
    [
      'of delay',
      (s) => s.delay('1s', { maxSize: 3 }),
      'delay has no option "maxSize" among maxsize, name, clock, onError; did you mean "maxsize"?',
    ],
    ['of debounce', (s) => s.debounce('1s', { leading: true }), 'debounce has no option "leading"'],
    ['of dedupe', (s) => s.dedupe({ for: '1s' }), 'dedupe has no option "for"'],
    [
      'of sample',
      (s) => s.sample('1s', { nmae: 'x' }),
      'sample has no option "nmae" among name, clock, onError; did you mean "name"?',
    ],
    ['of throttle', (s) => s.throttle('1s', { trailing: true }), 'throttle has no option "trailing"'],
    ['of tail', (s) => s.tail(3, { size: 3 }), 'tail has no option "size"'],
    [
      'of timedWindow',
      (s) => s.timedWindow('1s', { emtpy: true }),
      'timedWindow has no option "emtpy" among empty, name, clock, onError; did you mean "empty"?',
    ],
    [
      'of timedWindowUnique',
      (s) => s.timedWindowUnique('1s', { kep: 'last' }),
      'timedWindowUnique has no option "kep"',
    ],
    ['of rateLimit', (s) => s.rateLimit('1s', { maxsize: 3 }), 'rateLimit has no option "maxsize"'],
    [
      'of sink',
      (s) => s.sink(f, { onerror: 'skip' }),
      'sink has no option "onerror" among signal, name, clock, onError; did you mean "onError"?',
    ],
    ['of filter', (s) => s.filter(f, { onErorr: 'skip' }), 'filter has no option "onErorr"'],
    ['of remove', (s) => s.remove(f, { label: 'x' }), 'remove has no option "label"'],
    ['of starmap', (s) => s.starmap(f, { label: 'x' }), 'starmap has no option "label"'],
    ['of pluck', (s) => s.pluck('x', { label: 'x' }), 'pluck has no option "label"'],
    [
      'of zip, in another case',
      (s) => s.zip(other, { maxSize: 3 }),
      'zip has no option "maxSize" among name, clock, onError, maxsize; did you mean "maxsize"?',
    ],
    [
      'of zip, beside one that is',
      (s) => s.zip(other, { name: 'x', maxsiez: 3 }),
      'zip has no option "maxsiez"',
    ],
    [
      'of combineLatest',
      (s) => s.combineLatest(other, { emit_on: 0 }),
      'combineLatest has no option "emit_on" among name, clock, onError, emitOn, consistent; did you mean "emitOn"?',
    ],
    ['of zipLatest', (s) => s.zipLatest(other, { Name: 'x' }), 'zipLatest has no option "Name"'],
    [
      'of emit',
      (s) => s.emit(1, { meta: [{ ref }] }),
      'emit has no option "meta" among metadata; did you mean "metadata"?',
    ],
    [
      'of a reference counter',
      () => new RefCounter({ ondone: f }),
      'RefCounter has no option "ondone" among onDone; did you mean "onDone"?',
    ],
  ],
  'what is no function': [
    ["map('name')", (s) => s.map('name'), 'map takes a function, got "name"'],
    ["filter('x')", (s) => s.filter('x'), 'filter takes a function, got "x"'],
    ['remove({})', (s) => s.remove({}), 'remove takes a function, got an object of Object'],
    ['sink()', (s) => s.sink(), 'sink takes a function, got undefined'],
    ['accumulate(10, f)', (s) => s.accumulate(10, f), 'accumulate takes a function, got 10'],
    ['starmap(null)', (s) => s.starmap(null), 'starmap takes a function, got null'],
    [
      'mapAsync(promise)',
      (s) => s.mapAsync(Promise.resolve()),
      'mapAsync takes a function, got an object of Promise',
    ],
    [
      'the key of dedupe',
      (s) => s.dedupe({ within: '1s', key: 'id' }),
      'key of dedupe takes a function, got "id"',
    ],
    [
      'the key of timedWindowUnique',
      (s) => s.timedWindowUnique('1s', { key: 'id' }),
      'key of timedWindowUnique takes a function, got "id"',
    ],
    [
      'the key of unique',
      (s) => s.unique({ key: ['a', 'b'] }),
      'key of unique takes a function or a name, got an array',
    ],
    [
      'sizeOf of a buffer',
      (s) => s.buffer({ maxBytes: 9, sizeOf: 4 }),
      'sizeOf of a buffer takes a function, got 4',
    ],
    [
      'onDone of a reference counter',
      () => new RefCounter({ onDone: 4 }),
      'onDone of RefCounter takes a function, got 4',
    ],
  ],
  'what is no stream, node, name, list or number': [
    ['union(5)', (s) => s.union(5), 'union takes streams, got 5'],
    ['union([s])', (s) => s.union([other]), 'union takes streams, got an array'],
    ['combineLatest(5)', (s) => s.combineLatest(5), 'combineLatest takes streams, got 5'],
    ['zipLatest(undefined)', (s) => s.zipLatest(undefined), 'zipLatest takes streams, got undefined'],
    ['connect(sink)', (s) => s.connect(other.sink(f)), 'connect takes streams, got an object of SinkNode'],
    ['connect()', (s) => s.connect(), 'connect takes streams, got undefined'],
    [
      'disconnect(sink)',
      (s) => s.disconnect(other.sink(f)),
      'disconnect takes streams, got an object of SinkNode',
    ],
    ['through({})', (s) => s.through({}), 'through takes a node, got an object of Object'],
    ['toStore(5)', () => toStore(5), 'toStore takes streams, got 5'],
    ['toReadableStream()', () => toReadableStream(), 'toReadableStream takes streams, got undefined'],
    ['pluck()', (s) => s.pluck(), 'pluck takes names, got undefined'],
    ['pluck(fn)', (s) => s.pluck(f), 'pluck takes names, got a function'],
    [
      'metadata that is no list',
      (s) => s.emit(1, { metadata: { ref } }),
      'metadata of emit takes a list such as [{ ref }], got an object of Object',
    ],
    ["partition('3')", (s) => s.partition('3'), 'size of partition must be a whole number from 1, got "3"'],
    [
      'throttle({ ms: 4 })',
      (s) => s.throttle({ ms: 4 }),
      'interval of throttle must be a string with a unit, got an object of Object',
    ],
  ],
};

describe('a wrong call', () => {
  for (const [what, list] of Object.entries(calls)) {
    describe(`with ${what}`, () => {
      test.each(list)('%s', (_, program, says) => {
        const stream = new Stream();
        let error: unknown;
        try {
          program(stream);
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(MillraceError);
        expect(error.code).toBe('bad-option');
        expect(error.message).toContain(says);
        stream.sink(f);
        expect(stream.graph.nodes).toHaveLength(2);
      });
    });
  }
});

test('an object with no name near an option is a literal of zip', () => {
  const s = new Stream();
  const literals = [{ time: 1 }, { game: 1 }, { mean: 1 }, { error: 1 }, { max: 3 }, { name: 'x', price: 1 }];
  for (const literal of literals) s.zip(other, literal);
  const [first] = literals;
  const list = s.zip(first).sinkToList();
  s.emit(1);
  expect(list).toEqual([[1, first]]);
});

describe.each(['filter', 'remove'])('a predicate of %s', (method) => {
  test('that gives a promise is refused, and what that rejects with is not reported', async () => {
    const s = new Stream();
    const list = s[method](async () => {
      throw new Error('unheard');
    }).sinkToList();
    expect(() => s.emit(1)).toThrow(`the predicate of ${method} gave a promise; await it in mapAsync before`);
    await Promise.resolve();
    expect(list).toEqual([]);
  });

  test('may give anything else', () => {
    const s = new Stream();
    const list = s[method](f).sinkToList();
    const truthy = [true, 1, 'a', {}, [], f];
    const falsy = [false, 0, '', null, undefined, Number.NaN];
    for (const x of [...truthy, ...falsy]) s.emit(x);
    expect(list).toEqual(method === 'filter' ? truthy : falsy);
  });
});
