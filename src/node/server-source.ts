import { Source, type SourceNode, type SourceOptions } from '../sources/source.ts';

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Options of sources that are servers. */
export interface ServerOptions extends SourceOptions {
  /** 0: any that is free; `address` says which. */
  port: number;
  /** The address to listen at. Default `'127.0.0.1'`, which only this machine reaches. */
  host?: string | undefined;
}

/** The node of a source that knows where it listens. */
export interface ListeningNode<T> extends SourceNode<T> {
  address(): Promise<ServerAddress>;
}

/** A source that is a server. */
export class ServerSource<T> extends Source<T> {
  readonly #server: ListeningNode<T>;

  constructor(node: ListeningNode<T>) {
    super(node);
    this.#server = node;
  }

  /**
   * Where it listens, as soon as it does, which takes somebody who listens to the source. With port 0 each start may
   * find another port. Rejects with `not-available` where the source ends before.
   */
  get address(): Promise<ServerAddress> {
    const address = this.#server.address();
    address.catch(() => {}); // who does not wait for it need not handle its failure
    return address;
  }
}
