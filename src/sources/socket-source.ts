import { sleep, type Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { failStopped, type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow } from '../core/node.ts';
import { type Overflow, OverflowQueue } from '../core/overflow-queue.ts';
import { MillraceError, SourceError } from '../errors.ts';
import { Acknowledger, type AckOptions } from './acknowledger.ts';
import { backoffMs } from './backoff.ts';
import { Heartbeat, type HeartbeatOptions, type HeartbeatTimes, heartbeatOf } from './heartbeat.ts';
import { closeQuietly, type OpenSocketOptions, openSocket } from './open-socket.ts';
import { addressOf, SourceNode, type SourceOptions, textOf } from './source.ts';

/** How a connection goes on from a position. */
export interface ResumeRequest {
  /** The address to connect to. Default: that of the source. */
  url?: string | URL | undefined;
  /** The first message to send. */
  message?: string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | undefined;
}

/** Options of sources that read a WebSocket. */
export interface SocketOptions<T = unknown, P = unknown>
  extends SourceOptions,
    AckOptions<P>,
    OpenSocketOptions {
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
   * The position of an element in what the server has to say, such as the last number in it; `data` is the message
   * it came in. Compared by identity, so numbers, texts and bigints do. `undefined` for none.
   */
  position?: ((value: T, data: string | ArrayBuffer) => P | undefined) | undefined;
  /**
   * How to go on from the last acknowledged position, which is `startAt` (by default `undefined`) for the first
   * connection. Needs `position`. Nothing is lost where the server gives all that comes after it.
   */
  resume?: ((position: P | undefined) => ResumeRequest) | undefined;
  /** The position to start from, as `ack` gave it. */
  startAt?: P | undefined;
  /**
   * What happens when more waits than may: the oldest that wait are dropped (default), the newest are, all but the newest are
   * (`'keepLatest'`), or the source fails. Drops are counted in `counts`, and reported once each time the queue fills up.
   */
  overflow?: Overflow | undefined;
  /** Numbers from 0 to 1 for the jitter. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** How a connection ended. */
interface Ending {
  readonly opened: boolean;
  readonly received: boolean;
  /** Whether the server closed it as finished. */
  readonly normal: boolean;
  readonly reason: string;
}

/** An element that waits for its turn. */
interface Waiting<T> {
  readonly value: T;
  readonly metadata: Metadata;
}

/** How much may wait. */
export interface SocketLimit<T> {
  readonly max: number;
  /** How much of it an element is. */
  readonly sizeOf: (value: T) => number;
  /** What it is a number of, and the option it comes from: `rows`, `maxQueueRows`. */
  readonly unit: string;
  readonly option: string;
}

/** Makes elements of the messages of one connection. */
export interface SocketReader<T> {
  read(data: unknown, message: number): Iterable<T>;
  /** Says that the connection is gone. */
  close(): void;
}

/**
 * The node of a source that reads a WebSocket: connects, and again when the connection is lost, and passes on at
 * once what its reader makes of each message where nothing waits.
 */
export abstract class SocketSourceNode<T> extends SourceNode<T> {
  readonly #url: string;
  readonly #options: SocketOptions<T>;
  readonly #limit: SocketLimit<T>;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #connectMs: number;
  readonly #idleMs: number | undefined;
  readonly #heartbeat: HeartbeatTimes | undefined;
  readonly #acknowledger: Acknowledger<unknown> | undefined;
  #messages = 0;
  /** What waits, of the run that is on: work that hangs holds up its own run only. */
  #queue: OverflowQueue<Waiting<T>>;
  #busy = false;
  #working: Promise<void> | undefined;
  #dropping = false;

  constructor(url: string, options: SocketOptions<T>, limit: SocketLimit<T>) {
    super(options);
    this.#url = url;
    this.#options = options;
    this.#limit = limit;
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

  override get waiting(): number {
    return this.#queue.length;
  }

  /** How many messages have come, over all connections. */
  protected get messages(): number {
    return this.#messages;
  }

  /** For one connection. */
  protected abstract reader(): SocketReader<T>;

  /** Counts elements that were thrown away. */
  protected abstract discard(values: readonly T[]): void;

  /** Counts a place where messages may be missing. */
  protected abstract missed(): void;

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
        if (opened && this.#options.resume === undefined) this.missed();
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
    const socket = openSocket(String(url), this.#options);
    socket.binaryType = 'arraybuffer';
    const reader = this.reader();
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
          for (const value of reader.read(data, message)) {
            const metadata = this.#track(value, data as string | ArrayBuffer, inHand);
            if (metadata !== undefined) this.#receive(value, metadata, message, signal);
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

  /** Metadata of an element; nothing where it is in hand already. */
  #track(
    value: T,
    data: string | ArrayBuffer,
    inHand: ((position: unknown) => boolean) | undefined,
  ): Metadata | undefined {
    if (this.#acknowledger === undefined) return noMetadata;
    let position: unknown;
    try {
      position = this.#options.position!(value, data);
    } catch (cause) {
      this.report(new SourceError('user-code', `position threw: ${textOf(cause)}`, { cause }));
    }
    if (position === undefined) return noMetadata;
    return inHand?.(position) ? undefined : this.#acknowledger.track(position);
  }

  /** Passes the element on at once where nothing waits. */
  #receive(value: T, metadata: Metadata, message: number, signal: AbortSignal): void {
    if (!this.#busy) {
      const flow = this.#give(value, metadata, signal);
      if (flow === undefined) return;
      this.#busy = true;
      this.#working = this.#work(flow, signal);
      return;
    }
    const { overflow = 'dropOldest' } = this.#options;
    const { max, unit, option } = this.#limit;
    retainAll(metadata);
    const fallen = this.#queue.push({ value, metadata }, overflow);
    for (const { metadata } of fallen) {
      if (overflow === 'error') failStopped(metadata, this.label);
      releaseAll(metadata);
    }
    if (fallen.length === 0) return;
    this.discard(fallen.map(({ value }) => value));
    const consequence = overflow === 'error' ? 'reading ends' : `${unit} are dropped (${overflow})`;
    const error = new SourceError(
      'limit-exceeded',
      `more than ${max} ${unit} wait (${option}); ${consequence}`,
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
      const { value, metadata } = next.item;
      const flow = this.#give(value, metadata, signal);
      releaseAll(metadata);
      await flow;
    }
    if (signal.aborted) return;
    this.#busy = false;
    this.#dropping = false;
  }

  #give(value: T, metadata: Metadata, signal: AbortSignal): Flow {
    return metadata === noMetadata ? this.deliver(value, signal) : this.deliverWith(value, metadata, signal);
  }

  /** Waits until what has come is worked off; once stopped, drops it. */
  async #drained(queue: OverflowQueue<Waiting<T>>): Promise<void> {
    await this.#working;
    this.#giveUp(queue);
  }

  /** Drops what waits, and says that it will not be passed on. */
  #giveUp(queue: OverflowQueue<Waiting<T>>): void {
    const left = queue.drain();
    this.discard(left.map(({ value }) => value));
    for (const { metadata } of left) {
      failStopped(metadata, this.label);
      releaseAll(metadata);
    }
  }

  #newQueue(): OverflowQueue<Waiting<T>> {
    const { max, sizeOf } = this.#limit;
    return new OverflowQueue({ maxSize: max, sizeOf: ({ value }) => sizeOf(value) });
  }
}
