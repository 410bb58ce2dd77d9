import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket as NodeWebSocket, type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import { RefCounter } from '../../src/core/metadata.ts';
import { readIpc } from '../../src/formats/ipc.ts';
import { type SocketSink, type ToWebSocketOptions, toWebSocket } from '../../src/sinks/to-web-socket.ts';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import type { SourceState } from '../../src/sources/source.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.ts';
import { batchFrom } from '../browser/server.ts';

const webSocket = NodeWebSocket as unknown as typeof WebSocket;

/** A WebSocket server of one test, on `port` where one is given. */
async function listen(greet: (socket: ServerSocket, connection: number) => void, port = 0) {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  let connections = 0;
  sockets.on('connection', (socket) => greet(socket, connections++));
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  const close = async () => {
    for (const socket of sockets.clients) socket.terminate();
    await new Promise((resolve) => sockets.close(() => server.close(resolve)));
  };
  onTestFinished(close);
  const taken = (server.address() as AddressInfo).port;
  return { url: `ws://localhost:${taken}/`, port: taken, sockets, close };
}

function reaches(sink: SocketSink, status: SourceState['status']): Promise<SourceState> {
  return new Promise((resolve) => {
    const check = (state: SourceState): void => {
      if (state.status !== status) return;
      heard.dispose();
      resolve(state);
    };
    const heard = sink.states.sink(check);
    check(sink.state);
  });
}

/** A socket of which the test says how much it holds. */
class FakeSocket extends EventTarget {
  static readonly all: FakeSocket[] = [];
  readonly sent: unknown[] = [];
  readyState = 0;
  bufferedAmount = 0;
  closed = false;

  constructor() {
    super();
    FakeSocket.all.push(this);
  }

  send(data: string): void {
    this.sent.push(data);
    this.bufferedAmount += data.length;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  break(): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '' }));
  }

  close(): void {
    this.closed = true;
    this.readyState = 3;
  }
}

/** A sink whose first connection is open, through sockets of which the test says how much they hold. */
async function faked(options: ToWebSocketOptions<string> = {}) {
  const clock = new VirtualClock();
  const stream = new Stream<string>({ clock });
  const failures: string[] = [];
  FakeSocket.all.length = 0;
  const sink = toWebSocket(stream, 'ws://localhost/', {
    webSocket: FakeSocket as unknown as typeof WebSocket,
    minDelay: '1s',
    random: () => 1,
    onFailure: ({ message }) => failures.push(message),
    ...options,
  });
  await settle();
  FakeSocket.all[0]!.open();
  return { clock, stream, sink, failures, socket: FakeSocket.all[0]!, sockets: FakeSocket.all };
}

/** What has become of an emission so far. */
function watch(flow: void | Promise<void>) {
  const seen = { state: flow === undefined ? 'done' : 'waiting' };
  flow?.then(
    () => {
      seen.state = 'done';
    },
    (error: Error) => {
      seen.state = error.message;
    },
  );
  return seen;
}

describe('toWebSocket', () => {
  test('sends texts, bytes, record batches and the rest as JSON, in order, and closes at the end of the stream', async () => {
    const got: [unknown, boolean][] = [];
    let code = 0;
    const { url } = await listen((socket) => {
      socket.on('message', (data, isBinary) => got.push([data, isBinary]));
      socket.on('close', (closeCode) => {
        code = closeCode;
      });
    });
    const elements = ['text', Uint8Array.of(1, 2), { a: [1] }, batchFrom(0, 2), new Uint8Array([9]).buffer];
    const sink = toWebSocket(fromIterable<unknown>(elements), url, { webSocket });
    await sink.done;
    expect(sink.state.status).toBe('closed');
    while (code === 0) await settle();
    expect(code).toBe(1000);
    expect(got.map(([data, isBinary]) => (isBinary ? (data as Buffer).length : String(data)))).toEqual([
      'text',
      2,
      '{"a":[1]}',
      (got[3]![0] as Buffer).length,
      1,
    ]);
    const batches = [];
    for await (const batch of readIpc(new Uint8Array(got[3]![0] as Buffer))) batches.push(batch);
    expect(batches[0]!.numRows).toBe(2);
    expect(sink.counts).toEqual({ sent: 5, resent: 0, dropped: 0, waiting: 0 });
  });

  test('goes through a server that restarts, and sends again what the socket had not let go of', async () => {
    const got: string[] = [];
    const take = (socket: ServerSocket) => socket.on('message', (data) => got.push(String(data)));
    const { url, port, close } = await listen(take);
    const numbers = new Stream<number>();
    const failures: string[] = [];
    const sink = toWebSocket(numbers, url, {
      webSocket,
      minDelay: '1ms',
      maxDelay: '5ms',
      onFailure: ({ message }) => failures.push(message),
    });
    await numbers.emit(0);
    while (got.length === 0) await settle();
    await close();
    await reaches(sink, 'waiting');
    const emitting = numbers.emit(1);
    await listen(take, port);
    await emitting;
    while (got.length < 2) await settle();
    sink.dispose();
    expect(got).toEqual(['0', '1']);
    expect(failures[0]).toMatch(/connection lost \(code 1006\)/);
  });

  test('sends through a socket that is open already, and leaves it open', async () => {
    const got: string[] = [];
    const { url, sockets } = await listen(() => {});
    const client = new NodeWebSocket(url);
    client.on('message', (data) => got.push(String(data)));
    await new Promise((resolve) => client.once('open', resolve));
    const [server] = sockets.clients;
    const source = fromIterable(['a', 'b']);
    const sink = toWebSocket(source, server as unknown as WebSocket);
    await sink.done;
    while (got.length < 2) await settle();
    expect(got).toEqual(['a', 'b']);
    expect(server!.readyState).toBe(1);

    const numbers = new Stream<number>();
    const failures: string[] = [];
    const other = toWebSocket(numbers, server as unknown as WebSocket, {
      onFailure: ({ message }) => failures.push(message),
    });
    await reaches(other, 'live');
    client.terminate();
    await other.done;
    expect(failures).toEqual(['socket: connection lost (code 1006)']);
    expect(() => numbers.emit(1)).toThrow(/connection lost/);
  });

  test('holds up emitters while a peer does not read, with memory bounded by the mark', async () => {
    let peer: ServerSocket | undefined;
    let got = 0;
    const { url } = await listen((socket) => {
      peer = socket;
      socket.pause();
      socket.on('message', () => got++);
    });
    const count = 400;
    const block = new Uint8Array(100_000);
    let given = 0;
    const blocks = function* () {
      for (; given < count; given++) yield block;
    };
    const sink = toWebSocket(fromIterable(blocks()), url, { webSocket, highWaterMark: 200_000 });
    await reaches(sink, 'live');
    for (let before = -1; before !== given || given === 0; ) {
      before = given;
      for (let turn = 0; turn < 500; turn++) await settle();
    }
    expect(given).toBeLessThan(count);
    expect(sink.counts.waiting).toBeLessThanOrEqual(5);
    peer!.resume();
    await sink.done;
    while (got < count) await settle();
    expect(sink.counts).toEqual({ sent: count, resent: 0, dropped: 0, waiting: 0 });
  });
});

describe('the queue of toWebSocket', () => {
  test('is the emitters by default: each waits until its element is sent', async () => {
    const { clock, stream, socket } = await faked({ highWaterMark: 10 });
    expect(watch(stream.emit('12345678')).state).toBe('done');
    expect(watch(stream.emit('9abcdef')).state).toBe('done');
    const late = watch(stream.emit('last'));
    await clock.advance('1s');
    expect([late.state, socket.sent]).toEqual(['waiting', ['12345678', '9abcdef']]);
    socket.bufferedAmount = 9;
    await clock.advance('10ms');
    expect([late.state, socket.sent.at(-1)]).toEqual(['done', 'last']);
  });

  test('releases an element when the socket has let go of it', async () => {
    const { clock, stream, socket, sink } = await faked();
    const done: string[] = [];
    for (const text of ['abc', 'de']) {
      const ref = new RefCounter({ onDone: () => done.push(text) });
      stream.emit(text, { metadata: [{ ref }] });
    }
    expect([done, sink.counts.waiting]).toEqual([[], 2]);
    socket.bufferedAmount = 2;
    await clock.advance('10ms');
    expect([done, sink.counts.waiting]).toEqual([['abc'], 1]);
    socket.bufferedAmount = 0;
    await clock.advance('10ms');
    expect([done, clock.timers]).toEqual([['abc', 'de'], 0]);
  });

  test('begins, on a new connection, with what the lost one still held', async () => {
    const { clock, stream, socket, sockets, sink } = await faked({ highWaterMark: 6 });
    for (const text of ['abc', 'def']) stream.emit(text);
    const late = watch(stream.emit('ghi'));
    socket.bufferedAmount = 3;
    socket.break();
    await clock.advance('1s');
    sockets[1]!.open();
    expect(sockets[1]!.sent).toEqual(['def', 'ghi']);
    await settle();
    expect(late.state).toBe('done');
    expect(sink.counts).toEqual({ sent: 3, resent: 1, dropped: 0, waiting: 2 });
  });

  test.each([
    ['dropOldest', ['c', 'd'], 2],
    ['dropNewest', ['a', 'b'], 2],
    ['keepLatest', ['c', 'd'], 2],
    ['error', ['a', 'b'], 0],
  ] as const)('while there is no connection: %s', async (overflow, expected, dropped) => {
    const { clock, stream, socket, sockets, sink } = await faked({ overflow, maxQueue: 2 });
    socket.break();
    const errors: string[] = [];
    for (const text of ['a', 'b', 'c', 'd']) {
      try {
        expect(stream.emit(text)).toBeUndefined();
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
    await clock.advance('1s');
    sockets[1]!.open();
    expect(sockets[1]!.sent).toEqual(expected);
    expect(sink.counts.dropped).toBe(dropped);
    const text = 'more than 2 elements wait (maxQueue) (at stream › toWebSocket)';
    expect(errors).toEqual(overflow === 'error' ? [text, text] : []);
  });

  test('tells reference counters of what it drops when it ends', async () => {
    const { stream, sink, clock } = await faked();
    const done: unknown[] = [];
    const ref = new RefCounter({ onDone: (error) => done.push((error as Error).message) });
    stream.emit('abc', { metadata: [{ ref }] });
    sink.dispose();
    await sink.done;
    expect(done).toEqual(['toWebSocket was stopped before it had passed the element on']);
    expect([sink.counts.dropped, clock.timers]).toEqual([1, 0]);
  });

  test('fails the element that cannot be written, and no other', async () => {
    const { stream, socket } = await faked({ serialize: undefined });
    expect(() => stream.emit(undefined as never)).toThrow(
      'undefined cannot be written as JSON (at stream › toWebSocket)',
    );
    stream.emit('a');
    expect(socket.sent).toEqual(['a']);
  });

  test('counts and tells of one that the socket refuses when its emitter is further on', async () => {
    const { stream, sink, socket, sockets, clock, failures } = await faked({ overflow: 'dropOldest' });
    socket.break();
    const done: unknown[] = [];
    const ref = new RefCounter({ onDone: (error) => done.push((error as Error | undefined)?.message) });
    stream.emit('a', { metadata: [{ ref }] });
    stream.emit('b');
    await clock.advance('1s');
    const next = sockets[1]!;
    const send = next.send.bind(next);
    next.send = (data) => {
      if (data === 'a') throw new Error('no such message');
      send(data);
    };
    next.open();
    expect(next.sent).toEqual(['b']);
    expect(done).toEqual(['an element cannot be sent: no such message']);
    expect(failures.at(-1)).toBe('an element cannot be sent: no such message');
    expect(sink.counts).toMatchObject({ sent: 1, dropped: 1 });
  });
});

describe('the connection of toWebSocket', () => {
  test('is given up after maxAttempts; emitters that wait hear of it', async () => {
    const { clock, stream, socket, sockets, sink, failures } = await faked({ maxAttempts: 2 });
    socket.break();
    const waiting = watch(stream.emit('a'));
    await clock.advance('1s');
    sockets[1]!.break();
    await sink.done;
    await settle();
    expect(sink.state).toEqual({ status: 'failed', attempt: 2 });
    expect(failures).toEqual([
      'ws://localhost/: connection lost (code 1006)',
      'ws://localhost/: cannot connect, or closed at once (code 1006); given up after 2 attempts (maxAttempts)',
    ]);
    expect(waiting.state).toMatch(/given up after 2 attempts/);
  });

  test('is made ever later where the server closes it at once, until one lasts', async () => {
    const { clock, socket, sockets, sink } = await faked({ maxDelay: '5s' });
    const waits: (number | undefined)[] = [];
    sink.states.sink(({ retryMs }) => {
      if (retryMs !== undefined) waits.push(retryMs);
    });
    socket.break();
    for (let i = 1; i < 5; i++) {
      await settle();
      await clock.advance({ ms: waits.at(-1)! });
      sockets[i]!.open();
      sockets[i]!.break();
    }
    await settle();
    await clock.advance('5s');
    sockets[5]!.open();
    await clock.advance('5s');
    sockets[5]!.break();
    await settle();
    expect(waits).toEqual([1000, 2000, 4000, 5000, 5000, 1000]);
  });

  test('that never opens is tried again', async () => {
    const { clock, socket, sockets, failures } = await faked({ connectTimeout: '3s' });
    socket.break();
    await clock.advance('1s');
    await clock.advance('3s');
    expect(failures[1]).toBe('ws://localhost/: no connection within 3000 ms');
    await clock.advance('2s');
    expect(sockets).toHaveLength(3);
    expect(sockets[1]!.closed).toBe(true);
  });

  test('that is half open is found by the heartbeat', async () => {
    const { clock, socket, sockets, stream } = await faked({ heartbeat: { interval: '20s', timeout: '5s' } });
    await clock.advance('20s');
    expect(socket.sent).toEqual(['ping']);
    socket.dispatchEvent(new Event('message'));
    await clock.advance('5s');
    expect(socket.closed).toBe(false);
    await clock.advance('20s');
    expect(socket.closed).toBe(true);
    stream.emit('a');
    await clock.advance('1s');
    sockets[1]!.open();
    expect(sockets[1]!.sent).toEqual(['a']);
  });

  test('refuses options that are none', () => {
    const stream = new Stream<string>();
    expect(() => toWebSocket(stream, 'ws://localhost/', { highWaterMark: 0 })).toThrow(
      'highWaterMark must be a whole number from 1, got 0',
    );
    expect(() => toWebSocket(stream, 'ws://localhost/', { minDelay: 5 as never })).toThrow("write '5ms'");
  });

  test('is closed by the signal, also where it has aborted before', async () => {
    const control = new AbortController();
    const { stream, sink, socket, sockets } = await faked({ signal: control.signal });
    control.abort();
    await sink.done;
    expect([socket.closed, stream.node.active]).toEqual([true, false]);
    const late = toWebSocket(stream, 'ws://localhost/', { signal: AbortSignal.abort() });
    await late.done;
    expect(sockets).toHaveLength(1);
  });
});
