import { createServer, type Socket } from 'node:net';
import { SourceError } from '../errors.ts';
import { textOf } from '../sources/source.ts';
import type { FrameOptions } from './frame-options.ts';
import { Framing, type Part } from './framing.ts';
import { ServerNode } from './server-node.ts';
import { type ServerOptions, ServerSource } from './server-source.ts';

/** Options of `fromTcp`. `maxLine` is 1 MiB unless given. */
export interface TcpOptions extends ServerOptions, FrameOptions {
  /** What the elements are. Default `'text'`. */
  as?: 'text' | 'bytes' | undefined;
  /** Most connections at a time; further ones are closed at once. Default: no limit. */
  maxConnections?: number | undefined;
}

/**
 * The lines that clients send to a TCP server, each with the newline, or other delimiter, at its end; of one connection in
 * their order.
 *
 * The server listens while something listens to the source; to stop cuts its connections. A connection is read on
 * when the work on its line is done, so a client that sends faster is held up by TCP itself; connections do not
 * wait for each other. A last line without a delimiter is given where the client ended the connection, and reported
 * where it broke off. A line over `maxLine` is reported (`limit-exceeded`) and passed over, and the connection goes on. Errors
 * have the number of the connection, from 0, as `position.message`, of the line as `row`, and the offset in the connection
 * as `byte`. Keeps one line and one chunk per connection.
 *
 * @throws `bad-option` for options that cannot be.
 */
export function fromTcp(options: TcpOptions & { as: 'bytes' }): ServerSource<Uint8Array>;
export function fromTcp(options: TcpOptions & { as?: 'text' | undefined }): ServerSource<string>;
export function fromTcp(options: TcpOptions): ServerSource<string> | ServerSource<Uint8Array> {
  const framing = new Framing(options, 2 ** 20);
  return options.as === 'bytes'
    ? new ServerSource(new TcpNode(options, framing, (part) => framing.copyOf(part)))
    : new ServerSource(new TcpNode(options, framing, (part) => framing.textOf(part)));
}

class TcpNode<T> extends ServerNode<T> {
  override readonly kind: string = 'fromTcp';
  readonly #framing: Framing;
  readonly #decode: (part: Part) => T;
  readonly #maxConnections: number | undefined;
  #connections = 0;

  constructor(options: TcpOptions, framing: Framing, decode: (part: Part) => T) {
    super(options);
    this.#framing = framing;
    this.#decode = decode;
    this.#maxConnections = options.maxConnections;
  }

  protected override run(signal: AbortSignal): Promise<void> {
    const server = createServer((socket) => void this.#read(socket, signal)); // reports failures itself
    if (this.#maxConnections !== undefined) server.maxConnections = this.#maxConnections;
    return this.serve(server, signal);
  }

  async #read(socket: Socket, signal: AbortSignal): Promise<void> {
    const message = this.#connections++;
    const client = `connection ${message} from ${socket.remoteAddress}:${socket.remotePort}`;
    const framer = this.#framing.framer();
    const give = async (parts: Iterable<Part>): Promise<void> => {
      for (const part of parts) {
        if (this.stopped(signal)) return;
        if (part.bytes === undefined) this.report(this.#framing.tooLong(client, part, { message }));
        else await this.deliver(this.#decode(part), signal);
      }
    };
    let byte = 0;
    try {
      for await (const chunk of socket) {
        await give(framer.push(chunk));
        if (this.stopped(signal)) return;
        byte += chunk.length;
      }
      await give(framer.end());
    } catch (cause) {
      if (this.stopped(signal)) return;
      const text = `${client} broke off: ${textOf(cause)}`;
      this.report(new SourceError('source-failed', text, { cause, position: { message, byte } }));
    } finally {
      socket.destroy();
    }
  }
}
