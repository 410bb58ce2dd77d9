import { oneOf, wholeNumberOrInfinity } from '../core/check.ts';
import { SourceError } from '../errors.ts';
import { type SocketOptions, type SocketReader, SocketSourceNode } from './socket-source.ts';
import { Source, textOf } from './source.ts';

/** What the messages of a WebSocket are given as. */
export type MessagesAs = 'text' | 'json' | 'bytes' | 'data';

/** Options of `fromWebSocketMessages`. */
export interface WebSocketMessagesOptions<T = unknown, P = unknown> extends SocketOptions<T, P> {
  /**
   * What the elements are: texts; what JSON says; bytes; or `'data'` (default), texts and bytes as they come. Text is read
   * from binary messages, and written to bytes, as UTF-8.
   */
  as?: MessagesAs | undefined;
  /** Most messages that wait while asynchronous work below is busy. Default 10,000. */
  maxQueue?: number | undefined;
}

/** What has come through a WebSocket. */
export interface SocketMessageCounts {
  /** All that came, the dropped included. */
  readonly messages: number;
  readonly dropped: number;
  /** How often messages may be missing since the connection was made again without `resume`. */
  readonly gaps: number;
}

/** A stream of the messages of a WebSocket. */
export class MessageSource<T> extends Source<T> {
  readonly #node: MessagesNode<T>;

  constructor(node: MessagesNode<T>) {
    super(node);
    this.#node = node;
  }

  /** How much has come so far, and how much of it was dropped. */
  get counts(): SocketMessageCounts {
    return this.#node.counts;
  }
}

/**
 * The messages of a WebSocket, one by one and in order; `fromWebSocket` makes record batches of them.
 *
 * Connects when something listens, and again, after a wait with jitter, when the connection is lost. What the server sends
 * meanwhile is missed, and `counts.gaps` counts on, unless `resume` asks for it, as with `fromWebSocket`. A message that is not what
 * it should be, such as bad JSON, is reported with its number, counted over all connections, and costs no other. A
 * socket cannot be slowed down, so messages wait in a bounded queue while asynchronous work below is busy.
 *
 * @throws `bad-option` for options that cannot be, and for `resume` or `ack` without `position`.
 */
export function fromWebSocketMessages<P = unknown>(
  url: string | URL,
  options: WebSocketMessagesOptions<string, P> & { as: 'text' },
): MessageSource<string>;
export function fromWebSocketMessages<T = unknown, P = unknown>(
  url: string | URL,
  options: WebSocketMessagesOptions<T, P> & { as: 'json' },
): MessageSource<T>;
export function fromWebSocketMessages<P = unknown>(
  url: string | URL,
  options: WebSocketMessagesOptions<Uint8Array, P> & { as: 'bytes' },
): MessageSource<Uint8Array>;
export function fromWebSocketMessages<P = unknown>(
  url: string | URL,
  options?: WebSocketMessagesOptions<string | Uint8Array, P> & { as?: 'data' | undefined },
): MessageSource<string | Uint8Array>;
export function fromWebSocketMessages(url: string | URL, options: object = {}): unknown {
  return new MessageSource(new MessagesNode(String(url), options));
}

class MessagesNode<T> extends SocketSourceNode<T> {
  override readonly kind: string = 'fromWebSocketMessages';
  readonly #decode: (data: string | Uint8Array) => unknown;
  #gaps = 0;

  constructor(url: string, options: WebSocketMessagesOptions<T>) {
    const { as = 'data', maxQueue = 10_000 } = options;
    oneOf(as, ['text', 'json', 'bytes', 'data'], 'as');
    const max = wholeNumberOrInfinity(maxQueue, 'maxQueue', 1);
    super(url, options, { max, sizeOf: () => 1, unit: 'messages', option: 'maxQueue' });
    this.#decode = decoders[as];
  }

  get counts(): SocketMessageCounts {
    return { messages: this.messages, dropped: this.dropped, gaps: this.#gaps };
  }

  protected override reader(): SocketReader<T> {
    return { read: (data, message) => this.#read(data, message), close: () => {} };
  }

  protected override discard(values: readonly T[]): void {
    this.drop(values.length);
  }

  protected override missed(): void {
    this.#gaps++;
  }

  #read(data: unknown, message: number): T[] {
    try {
      return [this.#decode(dataOf(data)) as T];
    } catch (cause) {
      const text = `message ${message} ${textOf(cause)}`;
      this.report(new SourceError('bad-message', text, { cause, position: { message } }));
      return [];
    }
  }
}

function dataOf(data: unknown): string | Uint8Array {
  if (typeof data === 'string') return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw new SourceError('bad-message', 'is neither text nor bytes');
}

const decoders: Readonly<Record<MessagesAs, (data: string | Uint8Array) => unknown>> = {
  text: utf8Of,
  json: jsonOf,
  bytes: (data) => (typeof data === 'string' ? new TextEncoder().encode(data) : data),
  data: (data) => data,
};

function utf8Of(data: string | Uint8Array): string {
  if (typeof data === 'string') return data;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch (cause) {
    throw new SourceError('bad-message', 'is not UTF-8', { cause });
  }
}

function jsonOf(data: string | Uint8Array): unknown {
  const text = utf8Of(data);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SourceError('bad-message', `is not JSON: ${textOf(cause)}`, { cause });
  }
}
