import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type WebSocket as ServerSocket, WebSocket, WebSocketServer } from 'ws';
import { fromWebSocketMessages, type MessageSource } from '../../src/sources/from-web-socket-messages.ts';
import { settle } from '../../src/testing/virtual-clock.ts';
import { collect } from './collect.ts';

/** A server of one test; `greet` gets each connection and its number. */
async function serveSockets(greet: (socket: ServerSocket, connection: number) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  let connections = 0;
  server.on('connection', (socket) => greet(socket, connections++));
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** All that comes of some messages, followed by a normal close. */
async function receive<T>(
  messages: readonly (string | Uint8Array)[],
  open: (url: string, options: { webSocket: typeof WebSocket; reconnect: 'never' }) => MessageSource<T>,
) {
  const url = await serveSockets((socket) => {
    for (const message of messages) socket.send(message);
    socket.close(1000);
  });
  const source = open(url, { webSocket: WebSocket, reconnect: 'never' });
  const { values, errors } = collect(source);
  await source.done;
  return { values, places: errors.map((e) => [e.code, e.message, e.position]), counts: source.counts };
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(new TextEncoder().encode(text));

describe('fromWebSocketMessages', () => {
  test('gives texts and bytes as they come', async () => {
    const messages = ['a', bytesOf('é'), ''];
    const { values, counts } = await receive(messages, (url, options) => fromWebSocketMessages(url, options));
    expect(values).toEqual(messages);
    expect(counts).toEqual({ messages: 3, dropped: 0, gaps: 0 });
  });

  test('gives bytes, texts written as UTF-8', async () => {
    const { values } = await receive(['é', Uint8Array.of(0, 255)], (url, options) =>
      fromWebSocketMessages(url, { ...options, as: 'bytes' }),
    );
    expect(values).toEqual([bytesOf('é'), Uint8Array.of(0, 255)]);
  });

  test('gives texts, and reports bytes that are none', async () => {
    const { values, places } = await receive(['a', Uint8Array.of(255), bytesOf('é漢😀')], (url, options) =>
      fromWebSocketMessages(url, { ...options, as: 'text' }),
    );
    expect(values).toEqual(['a', 'é漢😀']);
    expect(places).toEqual([['bad-message', 'message 1 is not UTF-8', { message: 1 }]]);
  });

  test('gives JSON of any kind, and reports what is none with its number', async () => {
    const { values, places } = await receive(
      ['{"a":1}', '{bad', '42', bytesOf('["b"]'), 'null'],
      (url, options) => fromWebSocketMessages(url, { ...options, as: 'json' }),
    );
    expect(values).toEqual([{ a: 1 }, 42, ['b'], null]);
    expect(places).toEqual([
      ['bad-message', expect.stringMatching(/^message 1 is not JSON: /), { message: 1 }],
    ]);
  });

  test('comes back after a cut, and counts the gap', async () => {
    const url = await serveSockets((socket, n) => {
      if (n > 0) socket.send('second');
      else socket.send('first', () => socket.terminate());
    });
    const source = fromWebSocketMessages(url, {
      as: 'text',
      webSocket: WebSocket,
      minDelay: '1ms',
      maxDelay: '2ms',
    });
    onTestFinished(() => source.dispose());
    const { values, errors } = collect(source);
    await new Promise<void>((resolve) => {
      source.filter((text) => text === 'second').sink(() => resolve());
    });
    expect(values).toEqual(['first', 'second']);
    expect(errors.map(({ code }) => code)).toEqual(['source-failed']);
    expect(source.counts).toEqual({ messages: 2, dropped: 0, gaps: 1 });
  });

  test('goes on from the acknowledged position with resume', async () => {
    const asked: string[] = [];
    const url = await serveSockets((socket, n) => {
      socket.once('message', (data) => {
        asked.push(data.toString());
        const from = Number(data) + 1;
        for (let seq = from; seq < from + 3; seq++) socket.send(JSON.stringify({ seq }));
        if (n < 2) socket.send('{"seq":-1}', () => socket.terminate());
      });
    });
    const acks: number[] = [];
    const source = fromWebSocketMessages<{ seq: number }, number>(url, {
      as: 'json',
      webSocket: WebSocket,
      minDelay: '1ms',
      maxDelay: '2ms',
      startAt: 10,
      position: ({ seq }) => (seq < 0 ? undefined : seq),
      resume: (position) => ({ message: String(position) }),
      ack: (position) => acks.push(position),
      onError: () => {},
    });
    onTestFinished(() => source.dispose());
    await new Promise<void>((resolve) => {
      source.filter(({ seq }) => seq === 19).sink(() => resolve());
    });
    await settle();
    expect(asked).toEqual(['10', '13', '16']);
    expect(acks).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(source.counts.gaps).toBe(0);
  });

  test('keeps a bounded queue while the work below is busy, and counts what it drops', async () => {
    const url = await serveSockets((socket) => {
      for (const text of ['a', 'b', 'c', 'd', 'e']) socket.send(text);
    });
    const source = fromWebSocketMessages(url, { as: 'text', webSocket: WebSocket, maxQueue: 2 });
    onTestFinished(() => source.dispose());
    const errors = source.errors.sinkToList();
    const seen: string[] = [];
    let finish = (): void => {};
    const allCame = new Promise<void>((resolve) => {
      source.errors.sink(async () => {
        while (source.counts.messages < 5) await settle();
        resolve();
      });
    });
    const last = new Promise<void>((resolve) => {
      source.sink(async (text) => {
        seen.push(text);
        if (text === 'e') resolve();
        if (text === 'a')
          await new Promise<void>((done) => {
            finish = done;
          });
      });
    });
    await allCame;
    expect(source.waiting).toBe(2);
    finish();
    await last;
    expect(seen).toEqual(['a', 'd', 'e']);
    expect(source.counts).toEqual({ messages: 5, dropped: 2, gaps: 0 });
    expect(errors.map(({ message }) => message)).toEqual([
      'more than 2 messages wait (maxQueue); messages are dropped (dropOldest)',
    ]);
  });

  test('refuses options that cannot be', () => {
    const refused = (options: object, text: string): void => {
      const open = () => fromWebSocketMessages('ws://localhost/', options);
      expect(open).toThrow(text);
    };
    refused({ as: 'xml' }, 'as must be "text" or "json" or "bytes" or "data", got "xml"');
    refused({ maxQueue: 0 }, 'maxQueue must be a whole number from 1, got 0');
    refused({ ack: () => {} }, 'give the option position');
  });
});
