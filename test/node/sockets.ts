import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

/** A server of WebSockets for one test, and clients of it. */
export async function socketServer() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const close = async () => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  /** A client that is connected, and the server's end of it. */
  const connect = async () => {
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    onTestFinished(() => client.terminate());
    const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
    return { client, socket: socket as WebSocket };
  };
  return { server, close, connect };
}

/** The next `count` messages of a client: texts, or bytes as arrays of numbers. */
export function messages(client: WebSocket, count: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    const list: unknown[] = [];
    const onMessage = (data: Buffer, isBinary: boolean): void => {
      list.push(isBinary ? [...data] : data.toString());
      if (list.length < count) return;
      client.off('message', onMessage);
      resolve(list);
    };
    client.on('message', onMessage);
  });
}
