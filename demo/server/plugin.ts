import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Connect, Plugin } from 'vite';
import { type WebSocket, WebSocketServer } from 'ws';
import { sendFlights } from './flights.ts';
import { MachineCounters } from './machine.ts';

/** What the built page may do: nothing but its own files and addresses. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const policyTag = { 'http-equiv': 'Content-Security-Policy', content: policy };
/** Tells the page that the addresses below exist. Without it, the page does not ask for them. */
const backendTag = { name: 'millrace-demo', content: 'backend' };

interface Upgradable {
  on(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown;
}

/** The server parts of the demo, in development and preview: `/api/machine` and the socket `/api/flights`. */
export function demoServer(): Plugin {
  let root = '';
  let outDir = '';
  return {
    name: 'millrace-demo',
    configResolved(config) {
      root = config.root;
      outDir = resolve(config.root, config.build.outDir);
    },
    configureServer(server) {
      server.middlewares.use(machine());
      if (server.httpServer !== null) flights(server.httpServer, root);
    },
    configurePreviewServer(server) {
      server.middlewares.use(machine());
      server.middlewares.use(pageWithBackend(() => join(outDir, 'index.html')));
      flights(server.httpServer, root);
    },
    transformIndexHtml(_html, { server }) {
      const attrs = server === undefined ? policyTag : backendTag;
      return [{ tag: 'meta', attrs, injectTo: 'head-prepend' }];
    },
  };
}

function machine(): Connect.NextHandleFunction {
  const counters = new MachineCounters();
  return (request, response, next) => {
    if (pathOf(request) !== '/api/machine') return next();
    counters.read().then((rows) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(JSON.stringify(rows));
    }, next);
  };
}

/** The built page, with the word that there is a backend. */
function pageWithBackend(file: () => string): Connect.NextHandleFunction {
  return (request, response, next) => {
    if (!['/', '/index.html'].includes(pathOf(request))) return next();
    readFile(file(), 'utf8').then((html) => sendPage(html, response), next);
  };
}

function sendPage(html: string, response: ServerResponse): void {
  const { name, content } = backendTag;
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' });
  response.end(html.replace('</head>', `<meta name="${name}" content="${content}"></head>`));
}

/** Takes the upgrades to `/api/flights` and leaves all others, such as Vite's own, alone. */
function flights(httpServer: Upgradable, root: string): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1000 });
  httpServer.on('upgrade', (request, socket, head) => {
    if (pathOf(request) !== '/api/flights') return;
    if (!isOwnPage(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client: WebSocket) => {
      sendFlights(client, root).catch((error: unknown) => {
        console.error(error);
        client.close(1011, 'the flights cannot be read');
      });
    });
  });
}

/** Pages of other origins have no business here. */
function isOwnPage({ headers }: IncomingMessage): boolean {
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return new URL(url, 'http://localhost').pathname;
}
