import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server of one test: `handle` answers, and all is closed when the test is over. */
export async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const open = new Set<Socket>();
  const server = createServer(handle);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const close = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, server, open, close };
}

/** A server that gives each of `answers` in turn, the last one for ever. */
export function serveAnswers(
  answers: readonly { status?: number; headers?: Record<string, string>; body?: string | Uint8Array }[],
) {
  let count = 0;
  const requests: IncomingMessage[] = [];
  return serve((request, response) => {
    requests.push(request);
    const { status = 200, headers = {}, body = '' } = answers[Math.min(count++, answers.length - 1)]!;
    response.writeHead(status, headers).end(body);
  }).then((started) => ({ ...started, requests }));
}
