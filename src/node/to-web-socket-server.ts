import { RecordBatch } from 'apache-arrow';
import { addDisposeSymbol, onAbort } from '../core/dispose.ts';
import { EndNode, putBelow } from '../core/end-node.ts';
import { Fifo } from '../core/fifo.ts';
import type { Flow, NodeOptions } from '../core/node.ts';
import { GraphError, quote, SchemaError } from '../errors.ts';
import { toIpc } from '../formats/ipc-write.ts';
import type { Sink } from '../nodes/sink.ts';
import { textOf } from '../sources/source.ts';
import type { Stream } from '../stream.ts';
import type { ServerSocket, SocketServer } from './socket-server.ts';

/** Options of `toWebSocketServer`. */
export interface WebSocketServerSinkOptions<T> extends NodeOptions<T> {
  /**
   * What to send for an element. Default: strings and bytes as they are, record batches as Arrow IPC, anything else as
   * JSON.
   */
  encode?: ((value: T) => string | Uint8Array) | undefined;
  /** While a client's connection holds that many bytes, further messages to it wait. Default 1 MiB. */
  maxBuffered?: number | undefined;
  /** Most messages that wait for one client. Default 1000. */
  maxQueue?: number | undefined;
  /**
   * What happens beyond that: the client's oldest message that waits is dropped (default), the newest is, the client is
   * disconnected, or the emitter waits until each client has room.
   */
  overflow?: 'dropOldest' | 'dropNewest' | 'disconnect' | 'wait' | undefined;
  /** Disposes of the sink when aborted. */
  signal?: AbortSignal | undefined;
}

/** How much has gone to the clients of a server, one message to each of two counted twice. */
export interface BroadcastCounts {
  /** Clients that messages wait for or have gone to, and that are still connected. */
  readonly clients: number;
  /** Messages handed to a connection. */
  readonly sent: number;
  /** Messages that a client did not get: by the overflow policy, or since it left. */
  readonly dropped: number;
}

/** A stream that goes to all clients of a server. */
export interface WebSocketServerSink extends Sink {
  readonly counts: BroadcastCounts;
}

/**
 * Sends each element of a stream to all clients that a server of WebSockets has at the time.
 *
 * The server is the user's, who makes and closes it; a client that connects gets the elements from then on. A client that reads
 * too slowly has its own queue, so it holds up the others only with `overflow: 'wait'`. Keeps `maxQueue` messages for each
 * client, shared where all get the same.
 *
 * @throws `bad-option` for limits or policies that are none.
 */
export function toWebSocketServer<T>(
  stream: Stream<T>,
  server: SocketServer,
  options: WebSocketServerSinkOptions<T> = {},
): WebSocketServerSink {
  return putBelow(stream.node, new BroadcastNode(server, options));
}

type Message = string | Uint8Array;

class BroadcastNode<T> extends EndNode<T> implements WebSocketServerSink {
  override readonly kind: string = 'toWebSocketServer';
  readonly #server: SocketServer;
  readonly #encode: (value: T) => Message;
  readonly #limits: Limits;
  readonly #clients = new Map<ServerSocket, Client>();
  #sent = 0;
  #forget: () => void = () => {};

  static {
    addDisposeSymbol(BroadcastNode.prototype);
  }

  constructor(server: SocketServer, options: WebSocketServerSinkOptions<T>) {
    const { encode = messageOf, maxBuffered = 2 ** 20, maxQueue = 1000, overflow = 'dropOldest' } = options;
    for (const [name, value] of Object.entries({ maxBuffered, maxQueue })) {
      if (!(value >= 1)) throw new GraphError('bad-option', `${name} must be a number from 1, got ${value}`);
    }
    if (!policies.includes(overflow)) {
      throw new GraphError(
        'bad-option',
        `unknown overflow ${quote(String(overflow))}; known: ${policies.join(', ')}`,
      );
    }
    super(options);
    this.#server = server;
    this.#encode = encode;
    this.#limits = { maxBuffered, maxQueue, overflow };
    this.begin();
    this.#forget = onAbort(options.signal, () => this.dispose());
  }

  get counts(): BroadcastCounts {
    return { clients: this.#clients.size, sent: this.#sent, dropped: this.dropped };
  }

  override get waiting(): number {
    let waiting = 0;
    for (const client of this.#clients.values()) waiting = Math.max(waiting, client.waiting);
    return waiting;
  }

  override update(value: T): Flow {
    const message = this.#encode(value);
    let room: Promise<void>[] | undefined;
    for (const socket of this.#server.clients) {
      if (socket.readyState !== open) continue;
      const flow = this.#clientOf(socket).give(message);
      if (flow === undefined) continue;
      room ??= [];
      room.push(flow);
    }
    if (room !== undefined) return Promise.all(room).then(() => {});
  }

  protected override onDispose(): void {
    super.onDispose();
    this.#forget();
    for (const client of this.#clients.values()) client.leave();
    this.#clients.clear();
  }

  #clientOf(socket: ServerSocket): Client {
    let client = this.#clients.get(socket);
    if (client === undefined) {
      const events: ClientEvents = {
        sent: () => {
          this.#sent++;
        },
        failed: () => {
          this.#sent--;
          this.drop();
        },
        dropped: (n) => this.drop(n),
        left: () => this.#clients.delete(socket),
      };
      client = new Client(socket, this.#limits, events);
      this.#clients.set(socket, client);
    }
    return client;
  }
}

type Overflow = NonNullable<WebSocketServerSinkOptions<unknown>['overflow']>;

const policies: readonly Overflow[] = ['dropOldest', 'dropNewest', 'disconnect', 'wait'];

interface Limits {
  readonly maxBuffered: number;
  readonly maxQueue: number;
  readonly overflow: Overflow;
}

interface ClientEvents {
  readonly sent: () => void;
  /** Called when a message counted as sent was not. */
  readonly failed: () => void;
  readonly dropped: (n: number) => void;
  readonly left: () => void;
}

interface Waiting {
  readonly message: Message;
  /** Called when the message is sent, or will not be. */
  readonly over: (() => void) | undefined;
}

/** What is on its way to one client. */
class Client {
  readonly #socket: ServerSocket;
  readonly #limits: Limits;
  readonly #events: ClientEvents;
  readonly #queue = new Fifo<Waiting>();
  /** How many messages the socket has not written yet. Another may have filled it, who does not tell when it is empty. */
  #unwritten = 0;
  #gone = false;

  constructor(socket: ServerSocket, limits: Limits, events: ClientEvents) {
    this.#socket = socket;
    this.#limits = limits;
    this.#events = events;
    socket.on('close', this.#onClose);
    socket.on('error', ignore); // it is closed then
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Sends the message, now or later; gives a promise where the emitter is to wait for that. */
  give(message: Message): Promise<void> | undefined {
    if (this.#queue.length === 0 && this.#hasRoom()) {
      this.#send(message);
      return;
    }
    const { overflow, maxQueue } = this.#limits;
    if (overflow === 'wait') {
      return new Promise((over) => {
        this.#queue.push({ message, over });
      });
    }
    if (this.#queue.length >= maxQueue) {
      if (overflow === 'dropOldest') this.#queue.shift();
      this.#events.dropped(1);
      if (overflow === 'disconnect') this.#socket.terminate();
      if (overflow !== 'dropOldest') return;
    }
    this.#queue.push({ message, over: undefined });
  }

  /** Has no more to do with the socket. */
  leave(): void {
    this.#gone = true;
    this.#socket.off('close', this.#onClose);
    this.#socket.off('error', ignore);
    this.#events.dropped(this.#queue.length);
    for (const { over } of this.#queue.drain()) over?.();
  }

  readonly #onClose = (): void => {
    this.leave();
    this.#events.left();
  };

  #hasRoom(): boolean {
    return this.#unwritten === 0 || this.#socket.bufferedAmount < this.#limits.maxBuffered;
  }

  #send(message: Message): void {
    this.#unwritten++;
    this.#events.sent();
    this.#socket.send(message, (error) => {
      this.#unwritten--;
      if (error) this.#events.failed();
      // What waits for a connection that is coming to its end goes when that is closed.
      while (!this.#gone && this.#socket.readyState === open && this.#hasRoom()) {
        const next = this.#queue.shift();
        if (next === undefined) return;
        this.#send(next.message);
        next.over?.();
      }
    });
  }
}

/** The state of a socket that takes messages. */
const open = 1;

function ignore(): void {}

function messageOf(value: unknown): Message {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof RecordBatch) return toIpc([value]);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new SchemaError('bad-value', `an element cannot be sent as JSON: ${textOf(cause)}`, { cause });
  }
  if (text === undefined) throw new SchemaError('bad-value', `${typeof value} cannot be sent as JSON`);
  return text;
}
