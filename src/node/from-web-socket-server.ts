import { Fifo } from '../core/fifo.ts';
import { SourceError } from '../errors.ts';
import { Source, SourceNode, type SourceOptions, textOf } from '../sources/source.ts';
import type { ServerSocket, SocketServer } from './socket-server.ts';

/** Options of `fromWebSocketServer`. */
export interface WebSocketServerOptions extends SourceOptions {
  /** What the elements are. Default `'text'`; binary messages are read as UTF-8 then. */
  as?: 'text' | 'bytes' | undefined;
}

/**
 * The messages that the clients of a server of WebSockets send, as they come; of one client in their order.
 *
 * The server is the user's, who makes and closes it; when it closes, the source ends, once the work on what has
 * come is done. Messages that come while nothing listens
 * are missed. A socket is paused while the work on its message is under way, so that its client is held up by TCP; clients do not
 * wait for each other. How long a message may be is an option of the server. The failure of a connection is reported with its
 * number, from 0, as `position.message`. Keeps the messages of one chunk per client.
 */
export function fromWebSocketServer(
  server: SocketServer,
  options: WebSocketServerOptions & { as: 'bytes' },
): Source<Uint8Array>;
export function fromWebSocketServer(
  server: SocketServer,
  options?: WebSocketServerOptions & { as?: 'text' | undefined },
): Source<string>;
export function fromWebSocketServer(
  server: SocketServer,
  options: WebSocketServerOptions = {},
): Source<string> | Source<Uint8Array> {
  if (options.as === 'bytes') {
    return new Source(new SocketServerNode<Uint8Array>(server, options, (data) => new Uint8Array(data)));
  }
  return new Source(new SocketServerNode<string>(server, options, (data) => data.toString('utf8')));
}

/** What a message holds, as the package ws gives it. */
type Data = Buffer | ArrayBuffer | readonly Buffer[];

class SocketServerNode<T> extends SourceNode<T> {
  override readonly kind: string = 'fromWebSocketServer';
  readonly #server: SocketServer;
  readonly #decode: (data: Buffer) => T;
  #connections = 0;

  constructor(server: SocketServer, options: WebSocketServerOptions, decode: (data: Buffer) => T) {
    super(options);
    this.#server = server;
    this.#decode = decode;
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    /** Work on messages that have come. */
    const working = new Set<Promise<void>>();
    await this.#listened(signal, working);
    while (working.size > 0 && !signal.aborted) await Promise.all(working);
  }

  /** Resolves when the server has closed or the source is stopped. */
  #listened(signal: AbortSignal, working: Set<Promise<void>>): Promise<void> {
    const server = this.#server;
    const attached = new Map<ServerSocket, () => void>();
    const attach = (socket: ServerSocket): void => {
      if (attached.has(socket)) return;
      const detach = this.#attach(socket, signal, working);
      const forget = (): void => {
        socket.off('close', forget);
        attached.delete(socket);
        detach();
      };
      attached.set(socket, forget);
      socket.on('close', forget);
    };
    return new Promise((resolve) => {
      const stop = (): void => {
        signal.removeEventListener('abort', stop);
        server.off('connection', attach);
        server.off('close', stop);
        for (const forget of attached.values()) forget();
        resolve();
      };
      server.on('connection', attach);
      server.on('close', stop);
      signal.addEventListener('abort', stop, { once: true });
      for (const socket of server.clients) attach(socket);
      this.setState('live');
    });
  }

  /** Listens to a client until the function it gives is called. */
  #attach(socket: ServerSocket, signal: AbortSignal, working: Set<Promise<void>>): () => void {
    const message = this.#connections++;
    const queue = new Fifo<T>();
    let isWorking = false;
    const work = async (): Promise<void> => {
      isWorking = true;
      let paused = false;
      for (let value = queue.shift(); value !== undefined; value = queue.shift()) {
        if (this.stopped(signal)) break;
        const flow = this.deliver(value, signal);
        if (flow === undefined) continue;
        if (!paused) socket.pause();
        paused = true;
        await flow;
      }
      if (paused) socket.resume();
      isWorking = false;
    };
    const onMessage = (data: Data): void => {
      queue.push(this.#decode(bytesOf(data)));
      if (isWorking) return;
      const flow = work(); // never rejects, as `deliver` does not
      if (!isWorking) return;
      working.add(flow);
      void flow.then(() => working.delete(flow));
    };
    const onError = (cause: Error): void => {
      const text = `connection ${message} failed: ${textOf(cause)}`;
      this.report(new SourceError('source-failed', text, { cause, position: { message } }));
    };
    socket.on('message', onMessage);
    socket.on('error', onError);
    return () => {
      socket.off('message', onMessage);
      socket.off('error', onError);
    };
  }
}

function bytesOf(data: Data): Buffer {
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.isBuffer(data) ? data : Buffer.concat(data);
}
