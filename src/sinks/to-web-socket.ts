import { RecordBatch } from 'apache-arrow';
import { nodeOptionsOf, streamOf, wholeNumberOrInfinity } from '../core/check.ts';
import { sleep, type Timer } from '../core/clock.ts';
import { onAbort } from '../core/dispose.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { Fifo } from '../core/fifo.ts';
import { failAll, failStopped, type Metadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import type { Overflow } from '../core/overflow-queue.ts';
import { quietly, reportUnheard } from '../core/report.ts';
import { GraphError, SourceError, textOfThrown } from '../errors.ts';
import { toIpc } from '../formats/ipc-write.ts';
import type { Sink } from '../nodes/sink.ts';
import { backoffMs } from '../sources/backoff.ts';
import { Heartbeat, type HeartbeatOptions, type HeartbeatTimes, heartbeatOf } from '../sources/heartbeat.ts';
import {
  closeQuietly,
  type OpenSocketOptions,
  openSocket,
  type WebSocketLike,
} from '../sources/open-socket.ts';
import { addressOf, type SourceState } from '../sources/source.ts';
import { Stream } from '../stream.ts';

/** What a WebSocket sends. */
export type SocketMessage = string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** Options of `toWebSocket`. */
export interface ToWebSocketOptions<T = unknown> extends NodeOptions<T>, OpenSocketOptions {
  /** Ends the sink when aborted. */
  signal?: AbortSignal | undefined;
  /**
   * The message for an element. Default: texts and bytes as they are, record batches as Arrow IPC streams, all else
   * as JSON.
   */
  serialize?: ((value: T) => SocketMessage) | undefined;
  /** Bytes that the socket may hold back (`bufferedAmount`) before the next elements wait. Default 1 MiB. */
  highWaterMark?: number | undefined;
  /** Most elements that wait, with all policies but `'wait'`. Default 10,000. */
  maxQueue?: number | undefined;
  /**
   * What happens while the socket is full or not connected: emitters wait until their element is sent (default), or
   * elements wait in a queue, and beyond `maxQueue` the oldest are dropped, the newest are, all but the newest are, or
   * emitters get an error.
   * Drops are counted in `counts.dropped`.
   */
  overflow?: 'wait' | Overflow | undefined;
  /** Called with each new connection once it is open, before anything else is sent. */
  onOpen?: ((socket: WebSocket) => void) | undefined;
  /** Whether a connection that has ended is made again. Default `true`; never for a socket that was given. */
  reconnect?: boolean | undefined;
  /**
   * Longest wait before the first new attempt; it doubles with each further one, until a connection lasts as long as the
   * wait after it would be. Default `'500ms'`.
   */
  minDelay?: Duration | undefined;
  /** Longest wait of all. Default `'30s'`. */
  maxDelay?: Duration | undefined;
  /** How many attempts in a row may fail before the sink does. Default: no limit. */
  maxAttempts?: number | undefined;
  /** How long a connection may take to open. Default `'10s'`. */
  connectTimeout?: Duration | undefined;
  /** Finds out that the other side is gone without a word. Default: never. */
  heartbeat?: HeartbeatOptions | undefined;
  /** Told of connections that fail. Default: the global error event. */
  onFailure?: ((error: SourceError) => void) | undefined;
  /** Numbers from 0 to 1 for the jitter. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** What has become of the elements of a sink. */
export interface SinkCounts {
  /** Handed over to a socket, and by all it says on their way. */
  readonly sent: number;
  /** Sent once more since the connection was lost while the socket still held them. */
  readonly resent: number;
  /** Thrown away by the overflow policy, or since the sink has ended. */
  readonly dropped: number;
  /** Waiting, or held by the socket. */
  readonly waiting: number;
}

/** The end of a branch that sends. */
export interface SocketSink extends Sink {
  readonly state: SourceState;
  /** Each change of `state`. */
  readonly states: Stream<SourceState>;
  readonly counts: SinkCounts;
  /** Resolves when the sink has ended for good: all sent after the end of the stream, disposed of, or failed. Never rejects. */
  readonly done: Promise<void>;
}

/**
 * Sends each element through a WebSocket, in order: one that is made for `url`, at once, and made again when it is lost, or
 * one that is open already, such as a server's, which is left open at the end.
 *
 * A socket that is full (`bufferedAmount` over `highWaterMark`) or not connected holds up emitters that wait. An element
 * counts as done, for reference counters, when the socket has let go of it; what it still held when the connection was lost
 * is sent again. Whether the other side has got it, a WebSocket does not say. When the stream above has ended, the socket is
 * closed once all is sent.
 *
 * @throws `bad-option` for durations that are none and numbers out of range, `not-available` without a WebSocket.
 */
export function toWebSocket<T>(
  stream: Stream<T>,
  where: string | URL | WebSocketLike,
  options: ToWebSocketOptions<T> = {},
): SocketSink {
  streamOf(stream, 'toWebSocket');
  const node = new WebSocketSinkNode<T>(where, nodeOptionsOf(options, optionNames, 'toWebSocket'));
  if (!node.disposed) stream.node.connect(node);
  return node;
}

const optionNames = [
  'signal',
  'serialize',
  'highWaterMark',
  'maxQueue',
  'overflow',
  'protocols',
  'onOpen',
  'reconnect',
  'minDelay',
  'maxDelay',
  'maxAttempts',
  'connectTimeout',
  'heartbeat',
  'onFailure',
  'webSocket',
  'random',
] as const;

interface Entry {
  readonly message: SocketMessage;
  readonly metadata: Metadata;
  /** Bytes that the socket has been given up to the end of this one. */
  endBytes: number;
  /** Lets the emitter go on. */
  sent: ((error?: unknown) => void) | undefined;
  /** Why the socket did not take it. */
  failure: unknown;
  /** Whether its emitter is further on. */
  isAlone: boolean;
}

/** How a connection ended. */
interface Ending {
  /** How long it was open; -1 where it never was. */
  readonly livedMs: number;
  readonly reason: string;
}

/** How long to wait before the socket is asked again how much it holds. */
const lookMs = 10;

class WebSocketSinkNode<T> extends Node<T, never> implements SocketSink {
  override readonly kind: string = 'toWebSocket';
  readonly states: Stream<SourceState>;
  readonly done: Promise<void>;
  readonly #where: string | WebSocketLike;
  readonly #options: ToWebSocketOptions<T>;
  readonly #highWaterMark: number;
  readonly #maxQueue: number;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #connectMs: number;
  readonly #heartbeat: HeartbeatTimes | undefined;
  readonly #control = new AbortController();
  readonly #waiting = new Fifo<Entry>();
  /** What the socket holds, as far as is known. */
  readonly #held = new Fifo<Entry>();
  #state: SourceState = { status: 'idle', attempt: 0 };
  #socket: WebSocket | undefined;
  /** Bytes given to the socket. */
  #givenBytes = 0;
  #looking: Timer | undefined;
  #sent = 0;
  #resent = 0;
  #ending = false;
  #failure: SourceError | undefined;
  #resolveDone: () => void = () => {};
  #forget: () => void = () => {};

  constructor(where: string | URL | WebSocketLike, options: ToWebSocketOptions<T>) {
    super(options);
    const { highWaterMark = 2 ** 20, maxQueue = 10_000, heartbeat, clock } = options;
    this.#where = typeof where === 'string' || where instanceof URL ? String(where) : where;
    this.#options = options;
    this.#highWaterMark = wholeNumberOrInfinity(highWaterMark, 'highWaterMark', 1);
    this.#maxQueue = wholeNumberOrInfinity(maxQueue, 'maxQueue', 1);
    this.#minMs = durationMs(options.minDelay ?? '500ms', 'minDelay');
    this.#maxMs = Math.max(this.#minMs, durationMs(options.maxDelay ?? '30s', 'maxDelay'));
    this.#connectMs = durationMs(options.connectTimeout ?? '10s', 'connectTimeout');
    this.#heartbeat = heartbeat === undefined ? undefined : heartbeatOf(heartbeat);
    this.states = new Stream<SourceState>({ name: 'states', ...(clock === undefined ? {} : { clock }) });
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    this.begin();
    this.#forget = onAbort(options.signal, () => this.dispose());
    if (!this.disposed) queueMicrotask(() => void this.#run()); // never rejects
  }

  get state(): SourceState {
    return this.#state;
  }

  get counts(): SinkCounts {
    return { sent: this.#sent, resent: this.#resent, dropped: this.dropped, waiting: this.waiting };
  }

  override get waiting(): number {
    return this.#waiting.length + this.#held.length;
  }

  override update(value: T, metadata: Metadata): Flow {
    if (this.#failure !== undefined) throw this.#failure;
    const message = (this.#options.serialize ?? messageOf)(value);
    const { overflow = 'wait' } = this.#options;
    this.#pump();
    if (overflow !== 'wait' && this.#waiting.length >= this.#maxQueue) {
      if (overflow === 'error') {
        throw new GraphError('limit-exceeded', `more than ${this.#maxQueue} elements wait (maxQueue)`);
      }
      if (overflow === 'dropNewest') return this.drop();
      const fallen = overflow === 'keepLatest' ? this.#waiting.drain() : [this.#waiting.shift()!];
      this.drop(fallen.length);
      for (const entry of fallen) releaseAll(entry.metadata);
    }
    retainAll(metadata);
    const entry: Entry = {
      message,
      metadata,
      endBytes: 0,
      sent: undefined,
      failure: undefined,
      isAlone: false,
    };
    this.#waiting.push(entry);
    this.#pump();
    if (entry.failure !== undefined) throw entry.failure;
    if (overflow !== 'wait' || this.#isSent(entry)) {
      entry.isAlone = true;
      return;
    }
    return new Promise((resolve, reject) => {
      entry.sent = (error) => (error === undefined ? resolve() : reject(error));
    });
  }

  protected override get isEnd(): boolean {
    return true;
  }

  protected override onUpstreamEnd(): void {
    this.#ending = true;
    this.#settle();
  }

  protected override onDispose(): void {
    this.#finish('closed');
  }

  /** Whether an element that was the last to wait does so no longer. */
  #isSent(entry: Entry): boolean {
    return this.#waiting.length === 0 || this.#waiting.at(this.#waiting.length - 1) !== entry;
  }

  /** Connects, and again, until the sink has ended. */
  async #run(): Promise<void> {
    const { signal } = this.#control;
    const { maxAttempts = Number.POSITIVE_INFINITY, reconnect = true, random = Math.random } = this.#options;
    const canReconnect = reconnect && typeof this.#where === 'string';
    let failures = 0;
    try {
      while (!signal.aborted) {
        this.#setState('connecting', failures + 1);
        const { livedMs, reason } = await this.#connection(signal);
        if (signal.aborted) return;
        // A server that lets in whoever comes and throws them out at once is no better than one that does not answer.
        failures = livedMs >= Math.min(this.#maxMs, this.#minMs * 2 ** failures) ? 1 : failures + 1;
        const more = failures >= maxAttempts ? `; given up after ${failures} attempts (maxAttempts)` : '';
        const name = typeof this.#where === 'string' ? addressOf(this.#where) : 'socket';
        const error = new SourceError('source-failed', `${name}: ${reason}${more}`);
        if (!canReconnect || more !== '') throw error;
        this.#report(error);
        const delayMs = backoffMs(failures, { minMs: this.#minMs, maxMs: this.#maxMs, random });
        this.#setState('waiting', failures, delayMs);
        await sleep(this.clock, delayMs, signal);
      }
    } catch (error) {
      this.#fail(error as SourceError, failures);
    }
  }

  /** One connection, from its first attempt to its end. */
  #connection(signal: AbortSignal): Promise<Ending> {
    const where = this.#where;
    const isOwn = typeof where === 'string';
    const socket = isOwn ? openSocket(where, this.#options) : (where as WebSocket);
    return new Promise((resolve) => {
      let openedMs: number | undefined;
      let over = false;
      let heartbeat: Heartbeat | undefined;
      let timer: Timer | undefined;
      let forget = (): void => {};
      const end = (reason: string): void => {
        if (over) return;
        over = true;
        timer?.cancel();
        heartbeat?.stop();
        forget();
        for (const [type, listener] of listeners) socket.removeEventListener(type, listener);
        if (isOwn) closeQuietly(socket);
        else socket.removeEventListener('error', ignore);
        if (this.#socket === socket) this.#lost(socket);
        resolve({ livedMs: openedMs === undefined ? -1 : this.clock.monotonic() - openedMs, reason });
      };
      const open = (): void => {
        openedMs = this.clock.monotonic();
        timer?.cancel();
        this.#setState('live');
        const times = this.#heartbeat;
        const dead = (): void => end(`no answer to the heartbeat within ${times!.timeoutMs} ms`);
        const ask = (): void => quietly(() => times!.ping(socket, () => heartbeat?.heard()));
        if (times !== undefined) heartbeat = new Heartbeat(times, { ask, dead }, this.clock);
        quietly(() => this.#options.onOpen?.(socket));
        this.#socket = socket;
        this.#givenBytes = socket.bufferedAmount;
        this.#pump();
      };
      const closed = (event: Event): void => {
        const { code, reason } = event as CloseEvent;
        const why = reason === '' ? '' : `, ${JSON.stringify(reason)}`;
        end(
          `${openedMs !== undefined ? 'connection lost' : 'cannot connect, or closed at once'} (code ${code}${why})`,
        );
      };
      const listeners: readonly (readonly [string, (event: Event) => void])[] = [
        ['open', open],
        ['message', () => heartbeat?.heard()],
        ['close', closed],
      ];
      for (const [type, listener] of listeners) socket.addEventListener(type, listener);
      // The event says nothing; what it means comes with the close event that follows. One's own socket keeps it, for a late one.
      socket.addEventListener('error', ignore);
      timer = this.clock.setTimer(this.#connectMs, () => end(`no connection within ${this.#connectMs} ms`));
      forget = onAbort(signal, () => end('stopped'));
      if (socket.readyState === 1) open();
      else if (socket.readyState > 1) end('the socket is closed');
    });
  }

  /** Sends as much as the socket takes, and notes what it has let go of. */
  #pump(): void {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== 1) return;
    this.#look(socket);
    while (this.#waiting.length > 0 && socket.bufferedAmount < this.#highWaterMark) {
      const entry = this.#waiting.shift()!;
      const before = socket.bufferedAmount;
      try {
        socket.send(entry.message);
      } catch (error) {
        this.#refused(entry, error);
        continue;
      }
      this.#givenBytes += Math.max(0, socket.bufferedAmount - before);
      entry.endBytes = this.#givenBytes;
      this.#held.push(entry);
      this.#sent++;
      entry.sent?.();
    }
    this.#look(socket);
    if (this.#held.length > 0 || this.#waiting.length > 0) {
      this.#looking ??= this.clock.setTimer(lookMs, () => {
        this.#looking = undefined;
        this.#pump();
      });
    }
    this.#settle();
  }

  /** Says that the socket does not take an element: to its emitter, or where that is further on, to whoever hears of failures. */
  #refused(entry: Entry, cause: unknown): void {
    entry.failure = cause;
    if (entry.sent !== undefined) entry.sent(cause);
    else if (entry.isAlone) {
      const error = new SourceError('bad-value', `an element cannot be sent: ${textOfThrown(cause)}`, {
        cause,
      });
      failAll(entry.metadata, error);
      this.drop();
      this.#report(error);
    }
    releaseAll(entry.metadata);
  }

  /** Lets go of the elements that have left the socket. */
  #look(socket: WebSocket): void {
    const goneBytes = this.#givenBytes - socket.bufferedAmount;
    while (this.#held.length > 0 && this.#held.at(0)!.endBytes <= goneBytes)
      releaseAll(this.#held.shift()!.metadata);
  }

  /** Puts what the lost socket still held before what waits. */
  #lost(socket: WebSocket): void {
    this.#socket = undefined;
    this.#looking?.cancel();
    this.#looking = undefined;
    this.#look(socket);
    const held = this.#held.drain();
    if (held.length === 0) return;
    this.#resent += held.length;
    this.#sent -= held.length;
    for (const entry of held) {
      entry.sent = undefined;
      entry.isAlone = true;
    }
    const waiting = this.#waiting.drain();
    for (const entry of [...held, ...waiting]) this.#waiting.push(entry);
  }

  /** Ends in good order when nothing more can come and all is sent. */
  #settle(): void {
    if (this.#ending && this.waiting === 0) this.dispose();
  }

  #fail(error: SourceError, attempt: number): void {
    this.#failure = error;
    this.#report(error);
    this.#finish('failed', attempt);
  }

  #finish(status: 'closed' | 'failed', attempt = 0): void {
    if (this.#control.signal.aborted) return;
    this.#forget();
    const left = [...this.#held.drain(), ...this.#waiting.drain()];
    this.#control.abort();
    this.#looking?.cancel();
    this.drop(left.length);
    for (const { metadata, sent } of left) {
      failStopped(metadata, this.label);
      releaseAll(metadata);
      sent?.(this.#failure);
    }
    this.#setState(status, attempt);
    this.#resolveDone();
  }

  #report(error: SourceError): void {
    const { onFailure } = this.#options;
    if (onFailure === undefined) reportUnheard(error);
    else quietly(() => onFailure(error));
  }

  #setState(status: SourceState['status'], attempt = 0, retryMs?: number): void {
    const { status: before } = this.#state;
    if (before === 'closed' || before === 'failed') return;
    this.#state = retryMs === undefined ? { status, attempt } : { status, attempt, retryMs };
    quietly(() => this.states.emit(this.#state));
  }
}

function messageOf(value: unknown): SocketMessage {
  if (typeof value === 'string' || value instanceof ArrayBuffer || value instanceof Blob) return value;
  if (ArrayBuffer.isView(value)) return value as ArrayBufferView<ArrayBuffer>;
  if (value instanceof RecordBatch) return toIpc([value]) as Uint8Array<ArrayBuffer>;
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new GraphError('bad-value', `${typeof value} cannot be written as JSON`);
  return text;
}

function ignore(): void {}
