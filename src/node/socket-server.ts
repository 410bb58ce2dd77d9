/** A server's end of a WebSocket, such as a `WebSocket` of the package ws. */
export interface ServerSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array, written: (error?: Error) => void): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** A server of WebSockets that keeps its clients, such as a `WebSocketServer` of the package ws. */
export interface SocketServer {
  readonly clients: Iterable<ServerSocket>;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}
