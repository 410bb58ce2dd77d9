import type { RecordBatch } from 'apache-arrow';
import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import { sleep, type Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { type Overflow, OverflowQueue } from '../core/overflow-queue.ts';
import { MillraceError, SourceError } from '../errors.ts';
import { backoffMs } from './backoff.ts';
import { BatchSource, BatchSourceNode, type BatchSourceOptions } from './batch-source.ts';
import { type MessageOptions, MessageReader } from './socket-messages.ts';
import { textOf } from './source.ts';

export interface WebSocketOptions<S extends ColumnTypes = ColumnTypes>
  extends BatchSourceOptions<S>,
    MessageOptions {
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
 * Connects when something listens, and again, after a wait with jitter, when the connection is lost; what the server sends
 * meanwhile is missed. A bad message is reported with its number (counted over all connections), and costs no other
 * message. A socket cannot be slowed down, so rows wait in a queue while asynchronous work below is busy.
 *
 * @throws `bad-option` for durations that are none.
 */
export function fromWebSocket<S extends ColumnTypes = AnySchema>(
  url: string | URL,
  options: WebSocketOptions<S> = {},
): BatchSource<S> {
  return new BatchSource(new WebSocketNode(String(url), options as object));
}

/** How a connection ended. */
interface Ending {
  readonly received: boolean;
  /** Whether the server closed it as finished. */
  readonly normal: boolean;
  readonly reason: string;
}

class WebSocketNode extends BatchSourceNode {
  override readonly kind: string = 'fromWebSocket';
  readonly #url: string;
  readonly #options: WebSocketOptions;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #connectMs: number;
  readonly #idleMs: number | undefined;
  #messages = 0;
  /** Batches that wait, of the run that is on: work that hangs holds up its own run only. */
  #queue: OverflowQueue<RecordBatch>;
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
    this.#queue = this.#newQueue();
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const {
      reconnect = 'always',
      maxAttempts = Number.POSITIVE_INFINITY,
      random = Math.random,
    } = this.#options;
    let failures = 0;
    const queue = this.#newQueue();
    this.#queue = queue;
    this.#busy = false;
    this.#working = undefined;
    this.#dropping = false;
    try {
      while (true) {
        this.setState('connecting', failures + 1);
        const { received, normal, reason } = await this.#connection(signal);
        if (signal.aborted) return;
        if (reconnect === 'never' || (reconnect === 'abnormal' && normal)) {
          if (normal) return;
          throw new SourceError('source-failed', `${this.#url}: ${reason}`);
        }
        failures = received ? 1 : failures + 1;
        if (failures >= maxAttempts) {
          throw new SourceError(
            'source-failed',
            `${this.#url}: ${reason}; given up after ${failures} attempts (maxAttempts)`,
          );
        }
        if (!normal)
          this.report(
            new SourceError('source-failed', `${this.#url}: ${reason}`, {
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
    const socket = this.#open();
    socket.binaryType = 'arraybuffer';
    const reader = new MessageReader(this.#options, this.intake, (error) => this.report(error));
    const { clock } = this;
    return new Promise((resolve, reject) => {
      let received = false;
      let ended = false;
      let timer: Timer | undefined;
      const end = (how: { normal: boolean; reason: string } | { error: unknown }, close: boolean): void => {
        if (ended) return;
        ended = true;
        timer?.cancel();
        signal.removeEventListener('abort', abort);
        if (close) closeQuietly(socket);
        if (!signal.aborted) reader.close();
        if ('error' in how) reject(how.error);
        else resolve({ received, ...how });
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
        this.setState('live');
        within(this.#idleMs, `no message within ${this.#idleMs} ms`);
        void this.#opened(socket); // reports failures itself
      });
      socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (ended) return;
        received = true;
        within(this.#idleMs, `no message within ${this.#idleMs} ms`);
        const message = this.#messages++;
        try {
          for (const batch of reader.read(data, message)) {
            this.#receive(batch, message, signal);
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

  #open(): WebSocket {
    const Socket = this.#options.webSocket ?? (globalThis.WebSocket as typeof WebSocket | undefined);
    if (Socket === undefined) {
      throw new SourceError(
        'not-available',
        'this platform has no WebSocket; give one as the option webSocket',
      );
    }
    try {
      return new Socket(this.#url, this.#options.protocols);
    } catch (error) {
      throw new SourceError(
        'bad-option',
        `cannot connect to ${JSON.stringify(this.#url)}: ${textOf(error)}`,
        { cause: error },
      );
    }
  }

  /** Passes the batch on at once where nothing waits. */
  #receive(batch: RecordBatch, message: number, signal: AbortSignal): void {
    if (!this.#busy) {
      const flow = this.deliver(batch, signal);
      if (flow === undefined) return;
      this.#busy = true;
      this.#working = this.#work(flow, signal);
      return;
    }
    const { overflow = 'dropOldest', maxQueueRows = 1_000_000 } = this.#options;
    const dropped = rowsOf(this.#queue.push(batch, overflow));
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
    await first;
    while (!signal.aborted) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      await this.deliver(next.item, signal);
    }
    if (signal.aborted) return;
    this.#busy = false;
    this.#dropping = false;
  }

  /** Waits until what has come is worked off; once stopped, drops it. */
  async #drained(queue: OverflowQueue<RecordBatch>): Promise<void> {
    await this.#working;
    this.intake.counts.droppedRows += rowsOf(queue.drain());
  }

  #newQueue(): OverflowQueue<RecordBatch> {
    return new OverflowQueue({
      maxSize: this.#options.maxQueueRows ?? 1_000_000,
      sizeOf: ({ numRows }) => numRows,
    });
  }
}

function rowsOf(batches: readonly RecordBatch[]): number {
  return batches.reduce((rows, { numRows }) => rows + numRows, 0);
}

function closeQuietly(socket: WebSocket): void {
  try {
    socket.close(1000);
  } catch (error) {
    // A connection that is still opening may refuse; it is closed once it opens.
    if (error instanceof MillraceError) throw error;
  }
}
