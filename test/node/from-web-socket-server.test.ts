import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromWebSocketServer } from '../../src/node/from-web-socket-server.ts';
import { settle } from '../../src/testing/index.ts';
import { arrivals, collect, nextError, reaches } from '../sources/collect.ts';
import { socketServer } from './sockets.ts';

describe('fromWebSocketServer', () => {
  test('gives the messages of all clients, of those connected before as well', async () => {
    const { server, connect } = await socketServer();
    const a = await connect();
    const source = fromWebSocketServer(server);
    onTestFinished(() => source.dispose());
    const { values } = collect(source);
    const all = arrivals(source, 4);
    await reaches(source, 'live');
    const b = await connect();
    a.client.send('a1');
    a.client.send(Buffer.from('a2'));
    b.client.send('b1');
    b.client.send('é漢😀');
    await all;
    expect(values.filter((text) => text.startsWith('a'))).toEqual(['a1', 'a2']);
    expect(values.filter((text) => !text.startsWith('a'))).toEqual(['b1', 'é漢😀']);
  });

  test('gives bytes when told to', async () => {
    const { server, connect } = await socketServer();
    const source = fromWebSocketServer(server, { as: 'bytes' });
    onTestFinished(() => source.dispose());
    const { values } = collect(source);
    const all = arrivals(source, 2);
    const { client } = await connect();
    await reaches(source, 'live');
    client.send(Uint8Array.of(0, 255));
    client.send('A');
    await all;
    expect(values).toEqual([Uint8Array.of(0, 255), Uint8Array.of(65)]);
  });

  test('pauses a client while the work on its message is under way, and no other', async () => {
    const { server, connect } = await socketServer();
    const source = fromWebSocketServer(server);
    onTestFinished(() => source.dispose());
    const seen: string[] = [];
    let finish = (): void => {};
    const held = new Promise<void>((begin) => {
      source.sink((text) => {
        seen.push(text);
        if (text !== 'a1') return;
        begin();
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      });
    });
    await reaches(source, 'live');
    const [a, b] = [await connect(), await connect()];
    a.client.send('a1');
    a.client.send('a2');
    await held;
    expect([a.socket.isPaused, b.socket.isPaused]).toEqual([true, false]);
    const other = arrivals(source, 1);
    b.client.send('b1');
    await other;
    expect(seen).toEqual(['a1', 'b1']);
    const next = arrivals(source, 1);
    finish();
    await next;
    expect(seen).toEqual(['a1', 'b1', 'a2']);
    while (a.socket.isPaused) await settle();
  });

  test('gives what a client sent before it left', async () => {
    const { server, connect } = await socketServer();
    const source = fromWebSocketServer(server);
    onTestFinished(() => source.dispose());
    const seen: string[] = [];
    let finish = (): void => {};
    source.sink((text) => {
      seen.push(text);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await reaches(source, 'live');
    const { client, socket } = await connect();
    const first = arrivals(source, 1);
    client.send('a1');
    client.send('a2');
    client.close();
    await first;
    if (socket.readyState !== socket.CLOSED) {
      socket.resume();
      await once(socket, 'close');
    }
    const second = arrivals(source, 1);
    finish();
    await second;
    expect(seen).toEqual(['a1', 'a2']);
  });

  test('reports a connection that fails', async () => {
    const { server, connect } = await socketServer();
    const source = fromWebSocketServer(server);
    onTestFinished(() => source.dispose());
    collect(source);
    await reaches(source, 'live');
    const { client } = await connect();
    const failed = nextError(source);
    (client as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(
      Uint8Array.of(0xff, 0xff),
    );
    const error = await failed;
    expect(error.message).toMatch(/^connection 0 failed: Invalid WebSocket frame/);
    expect(error.position).toEqual({ message: 0 });
  });

  test('leaves server and clients as they were when it is stopped', async () => {
    const { server, connect } = await socketServer();
    const { client, socket } = await connect();
    const listeners = (): number[] => [
      ...['message', 'error', 'close'].map((name) => socket.listenerCount(name)),
      ...['connection', 'close'].map((name) => server.listenerCount(name)),
    ];
    const before = listeners();
    const source = fromWebSocketServer(server);
    source.sink(() => new Promise(() => {}));
    await reaches(source, 'live');
    const first = arrivals(source, 1);
    client.send('a');
    await first;
    source.dispose();
    await source.done;
    while (socket.isPaused) await settle();
    expect(listeners()).toEqual(before);
  });

  test('ends when the server closes', async () => {
    const { server, close } = await socketServer();
    const source = fromWebSocketServer(server);
    collect(source);
    await reaches(source, 'live');
    const closed = once(server, 'close');
    server.close();
    await closed;
    await source.done;
    expect(source.state.status).toBe('closed');
    await close().catch(() => {});
  });

  test('gives what has come before its server closes, and only then ends', async () => {
    const { server, close, connect } = await socketServer();
    const source = fromWebSocketServer(server);
    const seen: string[] = [];
    const loop = (async () => {
      for await (const text of source) {
        seen.push(text);
        if (seen.length === 1) await close();
      }
    })();
    await reaches(source, 'live');
    const { client } = await connect();
    for (const text of ['a', 'b', 'c']) client.send(text);
    await loop;
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(source.state.status).toBe('closed');
  });
});
