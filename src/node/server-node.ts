import type { Server, Socket } from 'node:net';
import { SourceError } from '../errors.ts';
import { SourceNode, textOf } from '../sources/source.ts';
import type { ServerAddress, ServerOptions } from './server-source.ts';

/** The node of a source that is a server: it listens while something listens to it. */
export abstract class ServerNode<T> extends SourceNode<T> {
  readonly #port: number;
  readonly #host: string;
  #address: ServerAddress | undefined;
  /** Those who wait for the address. */
  #asking: ((address: ServerAddress) => void)[] = [];

  /** @throws `bad-option` for a port that is none. */
  constructor(options: ServerOptions) {
    const { port, host = '127.0.0.1' } = options;
    if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) {
      throw new SourceError('bad-option', `port must be a whole number from 0 to 65535, got ${String(port)}`);
    }
    super(options);
    this.#port = port;
    this.#host = host;
  }

  async address(): Promise<ServerAddress> {
    if (this.#address !== undefined) return this.#address;
    const listening = new Promise<ServerAddress>((resolve) => {
      this.#asking.push(resolve);
    });
    const address = await Promise.race([listening, this.done]);
    if (address !== undefined) return address;
    throw new SourceError('not-available', `${this.label} has ended and listens nowhere`);
  }

  /**
   * Listens until `signal` aborts. Connections are cut then, but those that `finishes` says come to an end by
   * themselves.
   */
  protected serve(
    server: Server,
    signal: AbortSignal,
    finishes: (socket: Socket) => boolean = () => false,
  ): Promise<void> {
    const sockets = new Set<Socket>();
    this.setState('connecting', 1);
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    return new Promise((resolve, reject) => {
      const close = (): void => {
        signal.removeEventListener('abort', stop);
        this.#address = undefined;
        server.close();
        for (const socket of sockets) if (!finishes(socket)) socket.destroy();
      };
      const stop = (): void => {
        close();
        resolve();
      };
      server.once('error', (cause) => {
        close();
        const where = `${this.#host}:${this.#port}`;
        reject(new SourceError('source-failed', `cannot listen on ${where}: ${textOf(cause)}`, { cause }));
      });
      signal.addEventListener('abort', stop, { once: true });
      server.listen({ port: this.#port, host: this.#host }, () => {
        if (signal.aborted) return;
        const address = server.address();
        if (typeof address === 'object' && address !== null) this.#listens(address.address, address.port);
        this.setState('live');
      });
    });
  }

  #listens(host: string, port: number): void {
    this.#address = { host, port };
    for (const tell of this.#asking) tell(this.#address);
    this.#asking = [];
  }
}
