import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Field, Float64, Int32, type RecordBatch, Schema } from 'apache-arrow';
import { type WebSocket, WebSocketServer } from 'ws';
import { buildBatch } from '../../src/columnar/build.ts';
import { toIpc } from '../../src/formats/ipc-write.ts';

const schema = new Schema([new Field('seq', new Int32(), true), new Field('x', new Float64(), true)]);

/** `count` rows whose `seq` starts at `from`. */
export function rowsFrom(from: number, count: number): { seq: number; x: number }[] {
  return Array.from({ length: count }, (_, i) => ({ seq: from + i, x: (from + i) / 2 }));
}

export function batchFrom(from: number, count: number): RecordBatch {
  return buildBatch(schema, rowsFrom(from, count)).batch.toRecordBatch();
}

const headers = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag, retry-after',
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'no-store',
};

/** Cuts a stream of `batches` into its messages: schema, then each batch, then the end mark. */
export function messagesOf(batches: readonly RecordBatch[]): Uint8Array[] {
  const head = toIpc([], batches[0]!.schema);
  const prefix = head.subarray(0, head.length - 8);
  const bodies = batches.map((batch) => toIpc([batch]).slice(prefix.length, -8));
  return [prefix, ...bodies, head.subarray(head.length - 8)];
}

type Route = (response: ServerResponse, query: URLSearchParams, request: IncomingMessage) => void;

/** Sends pieces, each `delayMs` after the one before, then ends the response, or does as told. */
function drip(
  response: ServerResponse,
  pieces: readonly (Uint8Array | string)[],
  delayMs: number,
  end: () => void = () => void response.end(),
): void {
  const [first, ...rest] = pieces;
  if (first === undefined) {
    end();
    return;
  }
  response.write(first);
  const timer = setTimeout(() => drip(response, rest, delayMs, end), delayMs);
  response.once('close', () => clearTimeout(timer));
}

const batchesFor = (query: URLSearchParams): RecordBatch[] =>
  Array.from({ length: Number(query.get('batches') ?? 5) }, (_, i) => batchFrom(i * 3, 3));

const routes: Readonly<Record<string, Route>> = {
  '/drip.arrow': (response, query) => {
    response.writeHead(200, { ...headers, 'content-type': 'application/vnd.apache.arrow.stream' });
    drip(response, messagesOf(batchesFor(query)), Number(query.get('delay') ?? 20));
  },
  '/drip.ndjson': (response, query) => {
    response.writeHead(200, { ...headers, 'content-type': 'application/x-ndjson' });
    const lines = rowsFrom(0, Number(query.get('rows') ?? 10)).map((row) => `${JSON.stringify(row)}\n`);
    drip(response, lines, Number(query.get('delay') ?? 20));
  },
  '/rows.json': (response) => {
    response.writeHead(200, { ...headers, 'content-type': 'application/json' });
    response.end(JSON.stringify(rowsFrom(0, 10)));
  },
  '/page.html': (response) => {
    response.writeHead(200, { ...headers, 'content-type': 'text/html' });
    response.end('<!doctype html><title>Sign in</title><p>Please sign in.');
  },
  // Answers with headers, then with nothing more.
  '/slow': (response) => {
    response.writeHead(200, { ...headers, 'content-type': 'application/json' });
    response.write('[');
  },
  // Two whole batches, then the connection goes in the middle of the third.
  '/cut': (response) => {
    response.writeHead(200, { ...headers, 'content-type': 'application/vnd.apache.arrow.stream' });
    const [start, first, second, third] = messagesOf([0, 3, 6].map((from) => batchFrom(from, 3)));
    drip(response, [start!, first!, second!, third!.subarray(0, 40)], 30, () => response.destroy());
  },
  // Events numbered from 0, five a connection, cut in the middle of the sixth, up to `events`; then nothing more (204).
  '/events': (response, query, request) => {
    const last = request.headers['last-event-id'];
    const from = last === undefined ? 0 : Number(last) + 1;
    const left = Number(query.get('events') ?? 12) - from;
    if (left <= 0) {
      response.writeHead(204, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    const text = (n: number): string => `id: ${n}\r\ndata: {"n":\r\ndata: ${n}}\r\n\r\n`;
    const whole = Array.from({ length: Math.min(5, left) }, (_, i) => text(from + i));
    const pieces = ['retry: 20\r', '\n\r\n', ...whole, left > 5 ? text(from + 5).slice(0, -3) : ''];
    drip(response, pieces.filter(Boolean), 5, () => response.destroy());
  },
  '/status': (response, query) => {
    const retry = query.get('retry');
    response.writeHead(Number(query.get('code') ?? 500), {
      ...headers,
      'content-type': 'text/plain',
      ...(retry === null ? {} : { 'retry-after': retry }),
    });
    response.end('this did not work');
  },
};

/** A server of rows, whole and broken, for tests of sources: HTTP routes, and WebSockets at `/feed`, `/cutting`, `/echo` and `/silent`. */
export async function startTestServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const route = routes[pathname];
    if (request.method === 'OPTIONS')
      response.writeHead(204, { ...headers, 'access-control-allow-headers': '*' }).end();
    else if (route === undefined) response.writeHead(404, headers).end('nothing here');
    else route(response, searchParams, request);
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) =>
    serve(socket, new URL(request.url ?? '/', 'http://localhost')),
  );
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => sockets.close(() => server.close(() => resolve())));
    },
  };
}

/** Where each `/cutting?key=…` goes on after a cut. */
const positions = new Map<string, number>();

function serve(socket: WebSocket, url: URL): void {
  const { pathname, searchParams } = url;
  const count = Number(searchParams.get('messages') ?? 5);
  const binary = searchParams.get('as') === 'arrow';
  const send = (from: number): void =>
    socket.send(binary ? toIpc([batchFrom(from, 2)]) : JSON.stringify(rowsFrom(from, 2)));
  if (pathname === '/feed') {
    for (let i = 0; i < count; i++) send(2 * i);
  } else if (pathname === '/echo') {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  } else if (pathname === '/silent') {
    // Answers nothing, and does not notice when its messages pile up.
    socket.pause();
  } else if (pathname === '/cutting') {
    // Sends `messages` messages, then vanishes; the next connection of the same key goes on from there.
    const key = searchParams.get('key') ?? '';
    const from = positions.get(key) ?? 0;
    for (let i = 0; i < count; i++) send(from + 2 * i);
    positions.set(key, from + 2 * count);
    setTimeout(() => socket.terminate(), 20);
  } else socket.close(4404, 'nothing here');
}
