import type { RecordBatch } from 'apache-arrow';
import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import { sleep, type Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { failStopped, type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow } from '../core/node.ts';
import { type Overflow, OverflowQueue } from '../core/overflow-queue.ts';
import { MillraceError, quote, SourceError } from '../errors.ts';
import { Acknowledger, type AckOptions } from './acknowledger.ts';
import { backoffMs } from './backoff.ts';
import { BatchSource, BatchSourceNode, type BatchSourceOptions } from './batch-source.ts';
import { Heartbeat, type HeartbeatOptions, type HeartbeatTimes, heartbeatOf } from './heartbeat.ts';
import { type MessageOptions, MessageReader } from './socket-messages.ts';
import { addressOf, textOf } from './source.ts';

/** How a connection goes on from a position. */
export interface ResumeRequest {
  /** The address to connect to. Default: that of the source. */
  url?: string | URL | undefined;
  /** The first message to send. */
  message?: string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | undefined;
}

export interface WebSocketOptions<S extends ColumnTypes = ColumnTypes, P = unknown>
  extends BatchSourceOptions<S>,
    MessageOptions,
    AckOptions<P> {
  protocols?: string | string[] | undefined;
  /** Called with each new connection once it is open, for instance to send what to subscribe to. */
  onOpen?: ((socket: WebSocket) => void) | undefined;
  /**
   * When a connection that has ended is made again: always, only after an abnormal end (any but close code 1000),
   * or never. Default `'always'`.
   */
  reconnect?: 'always' | 'abnormal' | 'never' | undefined;
  /** Longest wait before the first new attempt; it doubles with each further one. Default `'500ms'`. */
  minDelay?: Duration | undefined;
  /** Longest wait of all. Default `'30s'`. */
  maxDelay?: Duration | undefined;
  /** How many attempts in a row may fail before the source does. Default: no limit. */
  maxAttempts?: number | undefined;
  /** How long a connection may take to open. Default `'10s'`. */
  connectTimeout?: Duration | undefined;
  /** A connection without a message for that long is taken for dead and made again. Default: never. */
  idleTimeout?: Duration | undefined;
  /**
   * Asks the other side for a sign of life when nothing comes, and takes a connection without one for dead: it may
   * be half open, its other side gone without a word. Default: never.
   */
  heartbeat?: HeartbeatOptions | undefined;
  /**
   * The position of a batch in what the server has to say, such as the last number in it; `data` is the message
   * it came in. Compared by identity, so numbers, texts and bigints do. `undefined` for none.
   */
  position?: ((batch: RecordBatch, data: string | ArrayBuffer) => P | undefined) | undefined;
  /**
   * How to go on from the last acknowledged position, which is `startAt` (by default `undefined`) for the first
   * connection. Needs `position`. Nothing is lost where the server gives all that comes after it.
   */
  resume?: ((position: P | undefined) => ResumeRequest) | undefined;
  /** The position to start from, as `ack` gave it. */
  startAt?: P | undefined;
  /** Most rows that wait while the work below is busy. Default 1,000,000. */
  maxQueueRows?: number | undefined;
  /**
   * What happens beyond that: the oldest batches that wait are dropped (default), the newest is, all but the newest are
   * (`'keepLatest'`), or the source fails. Drops are counted in `counts.droppedRows` and reported once each time the queue
   * fills up.
   */
  overflow?: Overflow | undefined;
  /** Stands in for the global `WebSocket`. */
  webSocket?: (new (url: string, protocols?: string | string[]) => WebSocket) | undefined;
  /** Numbers from 0 to 1 for the jitter. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/**
 * Record batches of the messages of a WebSocket, in order: Arrow IPC in binary messages, JSON (a row, an array of rows, an
 * object of columns, or lines of rows) in texts.
 *
 * Connects when something listens, and again, after a wait with jitter, when the connection is lost. What the server sends
 * meanwhile is missed, and `counts.gaps` counts on, unless `resume` asks for it: with `position`, batches that failed come
 * again, with those after them, and those still being worked on are passed over. A bad message is reported with its number (counted over all connections), and costs no other
 * message. A socket cannot be slowed down, so rows wait in a queue while asynchronous work below is busy.
 *
 * @throws `bad-option` for durations that are none, and for `resume` or `ack` without `position`.
 */
export function fromWebSocket<S extends ColumnTypes = AnySchema, P = unknown>(
  url: string | URL,
  options: WebSocketOptions<S, P> = {},
): BatchSource<S> {
  return new BatchSource(new WebSocketNode(String(url), options as object));
}

/** How a connection ended. */
interface Ending {
  readonly opened: boolean;
  readonly received: boolean;
  /** Whether the server closed it as finished. */
  readonly normal: boolean;
  readonly reason: string;
}

/** A batch that waits for its turn. */
interface Waiting {
  readonly batch: RecordBatch;
  readonly metadata: Metadata;
}

class WebSocketNode extends BatchSourceNode {
  override readonly kind: string = 'fromWebSocket';
  readonly #url: string;
  readonly #options: WebSocketOptions;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #connectMs: number;
  readonly #idleMs: number | undefined;
  readonly #heartbeat: HeartbeatTimes | undefined;
  readonly #acknowledger: Acknowledger<unknown> | undefined;
  #messages = 0;
  /** Batches that wait, of the run that is on: work that hangs holds up its own run only. */
  #queue: OverflowQueue<Waiting>;
  #busy = false;
  #working: Promise<void> | undefined;
  #dropping = false;

  constructor(url: string, options: WebSocketOptions) {
    super(options);
    this.#url = url;
    this.#options = options;
    this.#minMs = durationMs(options.minDelay ?? '500ms', 'minDelay');
    this.#maxMs = Math.max(this.#minMs, durationMs(options.maxDelay ?? '30s', 'maxDelay'));
    this.#connectMs = durationMs(options.connectTimeout ?? '10s', 'connectTimeout');
    this.#idleMs =
      options.idleTimeout === undefined ? undefined : durationMs(options.idleTimeout, 'idleTimeout');
    this.#heartbeat = options.heartbeat === undefined ? undefined : heartbeatOf(options.heartbeat);
    this.#queue = this.#newQueue();
    const { position, ack, startAt } = options;
    if (position !== undefined) this.#acknowledger = new Acknowledger(ack, startAt);
    else if (ack !== undefined || options.resume !== undefined) {
      throw new MillraceError(
        'bad-option',
        'ack and resume need to know positions: give the option position',
      );
    }
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const {
      reconnect = 'always',
      maxAttempts = Number.POSITIVE_INFINITY,
      random = Math.random,
    } = this.#options;
    let failures = 0;
    this.#giveUp(this.#queue);
    const queue = this.#newQueue();
    this.#queue = queue;
    this.#busy = false;
    this.#working = undefined;
    this.#dropping = false;
    try {
      while (true) {
        this.setState('connecting', failures + 1);
        const { opened, received, normal, reason } = await this.#connection(signal);
        if (signal.aborted) return;
        if (reconnect === 'never' || (reconnect === 'abnormal' && normal)) {
          if (normal) return;
          throw new SourceError('source-failed', `${addressOf(this.#url)}: ${reason}`);
        }
        failures = received ? 1 : failures + 1;
        if (failures >= maxAttempts) {
          throw new SourceError(
            'source-failed',
            `${addressOf(this.#url)}: ${reason}; given up after ${failures} attempts (maxAttempts)`,
          );
        }
        if (opened && this.#options.resume === undefined) this.intake.counts.gaps++;
        if (!normal)
          this.report(
            new SourceError('source-failed', `${addressOf(this.#url)}: ${reason}`, {
              position: { message: this.#messages },
            }),
          );
        const delayMs = backoffMs(failures, { minMs: this.#minMs, maxMs: this.#maxMs, random });
        this.setState('waiting', failures, delayMs);
        await sleep(this.clock, delayMs, signal);
        if (signal.aborted) return;
      }
    } finally {
      await this.#drained(queue);
    }
  }

  /** One connection, from its first attempt to its end. */
  #connection(signal: AbortSignal): Promise<Ending> {
    const inHand = this.#acknowledger?.restart();
    const { url = this.#url, message: greeting } = this.#resumed();
    const socket = this.#open(String(url));
    socket.binaryType = 'arraybuffer';
    const reader = new MessageReader(this.#options, this.intake, (error) => this.report(error));
    const { clock } = this;
    return new Promise((resolve, reject) => {
      let opened = false;
      let received = false;
      let ended = false;
      let timer: Timer | undefined;
      let heartbeat: Heartbeat | undefined;
      const end = (how: { normal: boolean; reason: string } | { error: unknown }, close: boolean): void => {
        if (ended) return;
        ended = true;
        timer?.cancel();
        heartbeat?.stop();
        signal.removeEventListener('abort', abort);
        if (close) closeQuietly(socket);
        if (!signal.aborted) reader.close();
        if ('error' in how) reject(how.error);
        else resolve({ opened, received, ...how });
      };
      const abort = (): void => end({ normal: true, reason: 'stopped' }, true);
      const within = (ms: number | undefined, reason: string): void => {
        timer?.cancel();
        timer = ms === undefined ? undefined : clock.setTimer(ms, () => end({ normal: false, reason }, true));
      };
      signal.addEventListener('abort', abort, { once: true });
      within(this.#connectMs, `no connection within ${this.#connectMs} ms`);
      socket.addEventListener('open', () => {
        if (ended) return closeQuietly(socket);
        opened = true;
        this.setState('live');
        within(this.#idleMs, `no message within ${this.#idleMs} ms`);
        heartbeat = this.#watch(socket, (reason) => end({ normal: false, reason }, true));
        if (greeting !== undefined) socket.send(greeting);
        void this.#opened(socket); // reports failures itself
      });
      socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (ended) return;
        received = true;
        heartbeat?.heard();
        within(this.#idleMs, `no message within ${this.#idleMs} ms`);
        if (this.#heartbeat?.isAnswer(data)) return;
        const message = this.#messages++;
        try {
          for (const batch of reader.read(data, message)) {
            const metadata = this.#track(batch, data as string | ArrayBuffer, inHand);
            if (metadata !== undefined) this.#receive(batch, metadata, message, signal);
            if (ended) break;
          }
        } catch (error) {
          end({ error }, true);
        }
      });
      // The event says nothing; what it means comes with the close event that follows.
      socket.addEventListener('error', () => {});
      socket.addEventListener('close', ({ code, reason }: CloseEvent) => {
        const why = reason === '' ? '' : `, ${JSON.stringify(reason)}`;
        const what = received ? 'connection lost' : 'cannot connect, or closed at once';
        end({ normal: code === 1000, reason: `${what} (code ${code}${why})` }, false);
      });
    });
  }

  async #opened(socket: WebSocket): Promise<void> {
    try {
      await this.#options.onOpen?.(socket);
    } catch (error) {
      this.report(new SourceError('user-code', `onOpen threw: ${textOf(error)}`, { cause: error }));
    }
  }

  #resumed(): ResumeRequest {
    try {
      return this.#options.resume?.(this.#acknowledger?.acknowledged) ?? {};
    } catch (cause) {
      throw new SourceError('user-code', `resume threw: ${textOf(cause)}`, { cause });
    }
  }

  #watch(socket: WebSocket, fail: (reason: string) => void): Heartbeat | undefined {
    const times = this.#heartbeat;
    if (times === undefined) return undefined;
    const ask = (): void => {
      try {
        times.ping(socket, () => heartbeat.heard());
      } catch (cause) {
        this.report(new SourceError('user-code', `ping threw: ${textOf(cause)}`, { cause }));
      }
    };
    const dead = (): void => fail(`no answer to the heartbeat within ${times.timeoutMs} ms`);
    const heartbeat = new Heartbeat(times, { ask, dead }, this.clock);
    return heartbeat;
  }

  /** Metadata of a batch; nothing where the batch is in hand already. */
  #track(
    batch: RecordBatch,
    data: string | ArrayBuffer,
    inHand: ((position: unknown) => boolean) | undefined,
  ): Metadata | undefined {
    if (this.#acknowledger === undefined) return noMetadata;
    let position: unknown;
    try {
      position = this.#options.position!(batch, data);
    } catch (cause) {
      this.report(new SourceError('user-code', `position threw: ${textOf(cause)}`, { cause }));
    }
    if (position === undefined) return noMetadata;
    return inHand?.(position) ? undefined : this.#acknowledger.track(position);
  }

  #open(url: string): WebSocket {
    const Socket = this.#options.webSocket ?? (globalThis.WebSocket as typeof WebSocket | undefined);
    if (Socket === undefined) {
      throw new SourceError(
        'not-available',
        'this platform has no WebSocket; give one as the option webSocket',
      );
    }
    try {
      return new Socket(url, this.#options.protocols);
    } catch (error) {
      throw new SourceError('bad-option', `cannot connect to ${quote(addressOf(url))}: ${textOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Passes the batch on at once where nothing waits. */
  #receive(batch: RecordBatch, metadata: Metadata, message: number, signal: AbortSignal): void {
    if (!this.#busy) {
      const flow = this.#give(batch, metadata, signal);
      if (flow === undefined) return;
      this.#busy = true;
      this.#working = this.#work(flow, signal);
      return;
    }
    const { overflow = 'dropOldest', maxQueueRows = 1_000_000 } = this.#options;
    retainAll(metadata);
    const fallen = this.#queue.push({ batch, metadata }, overflow);
    const dropped = rowsOf(fallen);
    for (const { metadata } of fallen) {
      if (overflow === 'error') failStopped(metadata, this.label);
      releaseAll(metadata);
    }
    if (dropped === 0) return;
    this.intake.counts.droppedRows += dropped;
    const consequence = overflow === 'error' ? 'reading ends' : `rows are dropped (${overflow})`;
    const error = new SourceError(
      'limit-exceeded',
      `more than ${maxQueueRows} rows wait (maxQueueRows); ${consequence}`,
      { position: { message } },
    );
    if (overflow === 'error') throw error;
    if (!this.#dropping) this.report(error);
    this.#dropping = true;
  }

  /** Works off the queue. Never rejects, as `deliver` does not. */
  async #work(first: Promise<void>, signal: AbortSignal): Promise<void> {
    const queue = this.#queue;
    await first;
    while (!signal.aborted) {
      const next = queue.shift();
      if (next === undefined) break;
      const { batch, metadata } = next.item;
      const flow = this.#give(batch, metadata, signal);
      releaseAll(metadata);
      await flow;
    }
    if (signal.aborted) return;
    this.#busy = false;
    this.#dropping = false;
  }

  #give(batch: RecordBatch, metadata: Metadata, signal: AbortSignal): Flow {
    return metadata === noMetadata ? this.deliver(batch, signal) : this.deliverWith(batch, metadata, signal);
  }

  /** Waits until what has come is worked off; once stopped, drops it. */
  async #drained(queue: OverflowQueue<Waiting>): Promise<void> {
    await this.#working;
    this.#giveUp(queue);
  }

  /** Drops what waits, and says that it will not be passed on. */
  #giveUp(queue: OverflowQueue<Waiting>): void {
    const left = queue.drain();
    this.intake.counts.droppedRows += rowsOf(left);
    for (const { metadata } of left) {
      failStopped(metadata, this.label);
      releaseAll(metadata);
    }
  }

  #newQueue(): OverflowQueue<Waiting> {
    return new OverflowQueue({
      maxSize: this.#options.maxQueueRows ?? 1_000_000,
      sizeOf: ({ batch }) => batch.numRows,
    });
  }
}

function rowsOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((rows, { batch }) => rows + batch.numRows, 0);
}

function closeQuietly(socket: WebSocket): void {
  try {
    socket.close(1000);
  } catch (error) {
    // A connection that is still opening may refuse; it is closed once it opens.
    if (error instanceof MillraceError) throw error;
  }
}
