import { quote, SourceError } from '../errors.ts';
import { addressOf, textOf } from './source.ts';

/** What is needed of a WebSocket: that of the platform has it, and that of the package `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  addEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: unknown) => void): void;
  removeEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: unknown) => void): void;
  close(code?: number, reason?: string): void;
  send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void;
}

/** What makes a WebSocket. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocketLike;

/** How a WebSocket is made. */
export interface OpenSocketOptions {
  protocols?: string | string[] | undefined;
  /** Stands in for the global `WebSocket`: in Node 20 that of the package `ws`. */
  webSocket?: WebSocketConstructor | undefined;
}

/**
 * A WebSocket that begins to connect to `url`.
 *
 * @throws SourceError `not-available` where there is none, `bad-option` for what it does not connect to.
 */
export function openSocket(url: string, { protocols, webSocket }: OpenSocketOptions): WebSocket {
  const Socket = webSocket ?? (globalThis.WebSocket as WebSocketConstructor | undefined);
  if (Socket === undefined) {
    throw new SourceError(
      'not-available',
      'this platform has no WebSocket; give one as the option webSocket',
    );
  }
  try {
    return new Socket(url, protocols) as WebSocket;
  } catch (cause) {
    const text = `cannot connect to ${quote(addressOf(url))}: ${textOf(cause)}`;
    throw new SourceError('bad-option', text, { cause });
  }
}

/** Closes a socket as finished. One that is still opening may refuse; it is to be closed once it opens. */
export function closeQuietly(socket: WebSocketLike): void {
  try {
    socket.close(1000);
  } catch {}
}
