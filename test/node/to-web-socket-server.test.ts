import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { float64, schema } from '../../src/columnar/schema.ts';
import { readIpc } from '../../src/formats/ipc.ts';
import { StreamingDataFrame } from '../../src/frame/dataframe.ts';
import { toWebSocketServer, type WebSocketServerSinkOptions } from '../../src/node/to-web-socket-server.ts';
import { Stream } from '../../src/stream.ts';
import { settle } from '../../src/testing/index.ts';
import { messages, socketServer } from './sockets.ts';

const large = 'x'.repeat(2 ** 16);

/** A client that reads nothing, and elements sent until its connection is full. */
async function stuck(options: WebSocketServerSinkOptions<string>) {
  const { server, connect } = await socketServer();
  const { client, socket } = await connect();
  const stream = new Stream<string>();
  const sink = toWebSocketServer(stream, server, { maxBuffered: 2 ** 18, ...options });
  client.pause();
  const flows: unknown[] = [];
  return { server, connect, client, socket, stream, sink, flows };
}

/** Emits until a message is not handed to the socket at once, and gives how many were. */
async function fill(stream: Stream<string>, socket: WebSocket): Promise<number> {
  let sent = 0;
  for (let calm = 0; calm < 20; ) {
    if (socket.bufferedAmount < 2 ** 18) {
      stream.emit(large);
      sent++;
      calm = 0;
    } else calm++;
    await settle();
  }
  return sent;
}

describe('toWebSocketServer', () => {
  test('sends each element to all clients of the time', async () => {
    const { server, connect } = await socketServer();
    const stream = new Stream<unknown>();
    const sink = toWebSocketServer(stream, server);
    const a = await connect();
    const toA = messages(a.client, 4);
    stream.emit('text');
    const b = await connect();
    const toB = messages(b.client, 3);
    stream.emit(Uint8Array.of(0, 255));
    stream.emit({ x: 1 });
    stream.emit(Uint8Array.of(7).buffer);
    expect(await toA).toEqual(['text', [0, 255], '{"x":1}', [7]]);
    expect(await toB).toEqual([[0, 255], '{"x":1}', [7]]);
    expect(sink.counts).toEqual({ clients: 2, sent: 7, dropped: 0 });
  });

  test('sends record batches as Arrow IPC', async () => {
    const { server, connect } = await socketServer();
    const frame = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    toWebSocketServer(frame.stream, server);
    const { client } = await connect();
    const message = once(client, 'message');
    frame.emit([{ x: 1 }, { x: 2 }]);
    const [data] = await message;
    const batches = [];
    for await (const batch of readIpc(new Uint8Array(data))) batches.push(batch);
    expect(batches.flatMap((batch) => batch.toArray().map((row) => row.toJSON()))).toEqual([
      { x: 1 },
      { x: 2 },
    ]);
  });

  test('sends what encode makes of an element', async () => {
    const { server, connect } = await socketServer();
    const stream = new Stream<number>();
    toWebSocketServer(stream, server, { encode: (n) => `<${n}>` });
    const { client } = await connect();
    const got = messages(client, 1);
    stream.emit(5);
    expect(await got).toEqual(['<5>']);
  });

  test('fails on what cannot be sent', async () => {
    const { server } = await socketServer();
    const stream = new Stream<unknown>();
    toWebSocketServer(stream, server);
    expect(() => stream.emit(1n)).toThrow('an element cannot be sent as JSON');
    expect(() => stream.emit(undefined)).toThrow('undefined cannot be sent as JSON');
  });

  test('drops the oldest messages of a client that does not read, and no other’s', async () => {
    const { connect, client, socket, stream, sink } = await stuck({ maxQueue: 3 });
    const sent = await fill(stream, socket);
    const other = await connect();
    const toOther = messages(other.client, 5);
    for (const text of ['1', '2', '3', '4', '5']) stream.emit(text);
    expect(await toOther).toEqual(['1', '2', '3', '4', '5']);
    expect(sink.counts).toEqual({ clients: 2, sent: sent + 5, dropped: 2 });
    const rest = messages(client, sent + 3);
    client.resume();
    expect((await rest).slice(sent)).toEqual(['3', '4', '5']);
  });

  test('drops the newest where told to', async () => {
    const { client, socket, stream, sink } = await stuck({ maxQueue: 3, overflow: 'dropNewest' });
    const sent = await fill(stream, socket);
    for (const text of ['1', '2', '3', '4', '5']) stream.emit(text);
    expect(sink.counts.dropped).toBe(2);
    const rest = messages(client, sent + 3);
    client.resume();
    expect((await rest).slice(sent)).toEqual(['1', '2', '3']);
  });

  test('disconnects where told to', async () => {
    const { socket, stream, sink } = await stuck({ maxQueue: 1, overflow: 'disconnect' });
    const sent = await fill(stream, socket);
    const closed = once(socket, 'close');
    stream.emit('1');
    expect(socket.readyState).toBe(1);
    stream.emit('2');
    await closed;
    expect(sink.counts.clients).toBe(0);
    expect(sink.counts.dropped).toBeGreaterThanOrEqual(2);
    expect(sink.counts.sent + sink.counts.dropped).toBe(sent + 2);
  });

  test('makes the emitter wait where told to, until the client reads', async () => {
    const { client, socket, stream } = await stuck({ overflow: 'wait' });
    const sent = await fill(stream, socket);
    let through = false;
    const flow = Promise.resolve(stream.emit('last')).then(() => {
      through = true;
    });
    for (let i = 0; i < 20; i++) await settle();
    expect(through).toBe(false);
    const rest = messages(client, sent + 1);
    client.resume();
    await flow;
    expect((await rest).at(-1)).toBe('last');
  });

  test('waits no longer for a client that leaves', async () => {
    const { socket, stream, sink } = await stuck({ overflow: 'wait' });
    const sent = await fill(stream, socket);
    const flow = stream.emit('last');
    expect(flow).toBeInstanceOf(Promise);
    socket.terminate();
    await flow;
    expect(sink.counts.clients).toBe(0);
    expect(sink.counts.sent + sink.counts.dropped).toBe(sent + 1);
  });

  test('leaves server and clients as they were when it is disposed of', async () => {
    const { server, connect } = await socketServer();
    const { client, socket } = await connect();
    const listeners = (): number[] => ['close', 'error', 'message'].map((name) => socket.listenerCount(name));
    const before = listeners();
    const stream = new Stream<string>();
    const sink = toWebSocketServer(stream, server);
    const got = messages(client, 1);
    stream.emit('a');
    await got;
    sink.dispose();
    stream.emit('b');
    expect(listeners()).toEqual(before);
    expect(sink.counts).toEqual({ clients: 0, sent: 1, dropped: 0 });
    expect(socket.readyState).toBe(1);
  });

  test('refuses limits and policies that are none', async () => {
    const { server } = await socketServer();
    const sink = (options: object) => () => toWebSocketServer(new Stream<string>(), server, options);
    expect(sink({ maxQueue: 0 })).toThrow('maxQueue must be a number from 1, got 0');
    expect(sink({ overflow: 'error' })).toThrow(
      'unknown overflow "error"; known: dropOldest, dropNewest, disconnect, wait',
    );
  });
});
