export type { FrameOptions, TextEncoding } from './frame-options.ts';
export { type FilenamesOptions, fromFilenames } from './from-filenames.ts';
export { fromHttpServer, type HttpServerOptions } from './from-http-server.ts';
export { fromProcess, type ProcessOptions, type ProcessSource } from './from-process.ts';
export { fromTcp, type TcpOptions } from './from-tcp.ts';
export { fromTextFile, type TextFileOptions } from './from-text-file.ts';
export { fromWebSocketServer, type WebSocketServerOptions } from './from-web-socket-server.ts';
export { type LoadPackagesOptions, loadPlugins } from './load-plugins.ts';
export { type ChunkSource, type ReadLinesOptions, readLines } from './read-lines.ts';
export type { ServerAddress, ServerOptions, ServerSource } from './server-source.ts';
export { sinkToTextFile, type TextFileSink, type TextFileSinkOptions } from './sink-to-text-file.ts';
export type { ServerSocket, SocketServer } from './socket-server.ts';
export {
  type BroadcastCounts,
  toWebSocketServer,
  type WebSocketServerSink,
  type WebSocketServerSinkOptions,
} from './to-web-socket-server.ts';
