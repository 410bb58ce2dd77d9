import { sleep } from '../core/clock.ts';
import { onAbort, unlessAborted } from '../core/dispose.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import type { Flow } from '../core/node.ts';
import { SourceError } from '../errors.ts';
import { EventStreamDecoder, notJson, type ServerSentEvent } from '../formats/event-stream.ts';
import { Acknowledger, type AckOptions } from './acknowledger.ts';
import { backoffMs, retryAfterMs } from './backoff.ts';
import { Chunks } from './chunks.ts';
import { statusError } from './response.ts';
import { addressOf, Source, SourceNode, type SourceOptions, textOf } from './source.ts';

/** Options of `fromServerSentEvents`. */
export interface ServerSentEventsOptions extends SourceOptions, AckOptions<string> {
  /** Sent with each request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Default `'GET'`. */
  method?: string | undefined;
  /** Sent with each request, so it must be something that can be sent again: no stream. */
  body?: Exclude<NonNullable<RequestInit['body']>, ReadableStream> | undefined;
  /** Passed on to `fetch`, such as `{ credentials: 'include' }`. */
  request?: Omit<RequestInit, 'signal' | 'headers' | 'method' | 'body'> | undefined;
  /** The id to go on from, as `ack` or `lastEventId` gave it. Default: what the server begins with. */
  lastEventId?: string | undefined;
  /** Parse the data of each event as JSON. Default `false`. */
  json?: boolean | undefined;
  /** Longest wait before the first new attempt; it doubles with each further one. Default `'500ms'`. */
  minDelay?: Duration | undefined;
  /** Longest wait that failures lead to; the server may ask for longer. Default `'30s'`. */
  maxDelay?: Duration | undefined;
  /** How many attempts in a row may fail before the source does. Default: no limit. */
  maxAttempts?: number | undefined;
  /** How long the server may take to answer. Default `'30s'`. */
  connectTimeout?: Duration | undefined;
  /** A connection on which nothing comes for that long, no comment either, is taken for dead. Default: never. */
  idleTimeout?: Duration | undefined;
  /** Most characters of one event. Default 16,777,216. */
  maxEventLength?: number | undefined;
  /** Stands in for the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /** Numbers from 0 to 1 for the jitter. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** What has come through a source of server-sent events. */
export interface EventCounts {
  readonly events: number;
  /** Events whose data was not JSON. */
  readonly rejected: number;
  /** Events that came again on a new connection while they were still being worked on, and were passed over. */
  readonly repeated: number;
  /** Connections lost without an id to go on from: something may be missing there. */
  readonly gaps: number;
}

/** A stream of server-sent events. */
export class EventStreamSource<D = string> extends Source<ServerSentEvent<D>> {
  readonly #node: EventStreamNode;

  constructor(node: EventStreamNode) {
    super(node as unknown as SourceNode<ServerSentEvent<D>>);
    this.#node = node;
  }

  /** The id of the last event that has come; empty where the server gives none. */
  get lastEventId(): string {
    return this.#node.lastEventId;
  }

  /** How much has come so far. */
  get counts(): EventCounts {
    return { ...this.#node.counts };
  }
}

/**
 * The events that a server sends as `text/event-stream`, each after the work on the one before is done, read by
 * `fetch`: with headers, any method and a body, unlike `fromEventSource`.
 *
 * Connects when something listens, and again, asking for what comes after the last event it got (`Last-Event-ID`),
 * whenever the connection ends: after what `retry:` or the `Retry-After` of a 429 or 503 says (at most a day), if
 * anything, and a wait with jitter that grows with each failure. With `ack` it asks for what comes after the last
 * acknowledged event instead, so that those that failed come again, and passes over those still being worked on. A 204
 * ends it. It fails for good with a status that does not pass (4xx but 408, 425 and 429), with `bad-message` for another
 * content type, and with `limit-exceeded` for an event that is too long. For another origin `Last-Event-ID` must be
 * among the headers that the server allows.
 *
 * @throws `bad-option` for durations that are none.
 */
export function fromServerSentEvents<D = unknown>(
  url: string | URL,
  options: ServerSentEventsOptions & { json: true },
): EventStreamSource<D>;
export function fromServerSentEvents(url: string | URL, options?: ServerSentEventsOptions): EventStreamSource;
export function fromServerSentEvents(
  url: string | URL,
  options: ServerSentEventsOptions = {},
): EventStreamSource {
  return new EventStreamSource(new EventStreamNode(String(url), options));
}

/** How a connection ended. */
interface Ending {
  /** Whether the server has said that there is nothing more. */
  readonly over: boolean;
  /** Whether anything came. */
  readonly received: boolean;
  /** What went wrong. */
  readonly error?: SourceError;
  /** How long the server wants to be left alone. */
  readonly retryMs?: number | undefined;
}

/** Longest time that a server's wish is heeded. */
const longestRetryMs = 86_400_000;

class EventStreamNode extends SourceNode<ServerSentEvent<unknown>> {
  override readonly kind: string = 'fromServerSentEvents';
  readonly counts: { events: number; rejected: number; repeated: number; gaps: number } = {
    events: 0,
    rejected: 0,
    repeated: 0,
    gaps: 0,
  };
  lastEventId: string;
  readonly #url: string;
  readonly #options: ServerSentEventsOptions;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #connectMs: number;
  readonly #idleMs: number | undefined;
  readonly #acknowledger: Acknowledger<string> | undefined;
  #retryMs: number | undefined;

  constructor(url: string, options: ServerSentEventsOptions) {
    super(options);
    const { lastEventId = '', ack, idleTimeout } = options;
    this.#url = url;
    this.#options = options;
    this.#minMs = durationMs(options.minDelay ?? '500ms', 'minDelay');
    this.#maxMs = Math.max(this.#minMs, durationMs(options.maxDelay ?? '30s', 'maxDelay'));
    this.#connectMs = durationMs(options.connectTimeout ?? '30s', 'connectTimeout');
    this.#idleMs = idleTimeout === undefined ? undefined : durationMs(idleTimeout, 'idleTimeout');
    this.lastEventId = lastEventId;
    this.#acknowledger = ack === undefined ? undefined : new Acknowledger(ack, lastEventId);
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const { maxAttempts = Number.POSITIVE_INFINITY } = this.#options;
    let failures = 0;
    while (true) {
      this.setState('connecting', failures + 1);
      const { over, received, error, retryMs } = await this.#connection(signal);
      if (over || this.stopped(signal)) return;
      failures = received ? 1 : failures + 1;
      if (failures >= maxAttempts) {
        const why = error?.message ?? `${addressOf(this.#url)} sent nothing`;
        throw new SourceError('source-failed', `${why}; given up after ${failures} attempts (maxAttempts)`);
      }
      if (error !== undefined) this.report(error);
      const delayMs = this.#delayMs(failures, retryMs ?? this.#retryMs);
      this.setState('waiting', failures, delayMs);
      await sleep(this.clock, delayMs, signal);
      if (this.stopped(signal)) return;
    }
  }

  /** What the server has asked for, and on top of it the time that grows with further failures. */
  #delayMs(failures: number, askedMs: number | undefined): number {
    const { random = Math.random } = this.#options;
    const backoff = { minMs: this.#minMs, maxMs: this.#maxMs, random };
    if (askedMs === undefined) return backoffMs(failures, backoff);
    const more = failures > 1 ? backoffMs(failures - 1, backoff) : 0;
    return Math.min(askedMs, longestRetryMs) + more;
  }

  /** One connection, from the request to its end. Throws what ends the source as failed. */
  async #connection(signal: AbortSignal): Promise<Ending> {
    const controller = new AbortController();
    const forget = onAbort(signal, () => controller.abort());
    let received = false;
    let timedOut: string | undefined;
    /** What `work` gives; gives up on it after `ms`. */
    const within = async <T>(ms: number | undefined, what: string, work: Promise<T>): Promise<T> => {
      const giveUp = (): void => {
        timedOut = `${what} within ${ms} ms`;
        controller.abort();
      };
      const timer = ms === undefined ? undefined : this.clock.setTimer(ms, giveUp);
      try {
        const result = await unlessAborted(work, controller.signal);
        if (result === undefined) throw controller.signal.reason;
        return result;
      } finally {
        timer?.cancel();
      }
    };
    let decoder: EventStreamDecoder | undefined;
    let chunks: Chunks<Uint8Array> | undefined;
    try {
      const inHand = this.#acknowledger?.restart();
      const id = this.#acknowledger?.acknowledged ?? this.lastEventId;
      const response = await within(this.#connectMs, 'no answer', this.#request(id, controller.signal));
      const ending = await this.#refused(response);
      if (ending !== undefined) return ending;
      if (this.stopped(signal)) return { over: false, received };
      this.setState('live');
      decoder = new EventStreamDecoder({ ...this.#options, lastEventId: id });
      chunks = new Chunks(response.body!);
      while (true) {
        const { done, value } = await within(this.#idleMs, 'nothing came', chunks.next());
        if (done || this.stopped(signal)) break;
        received = true;
        for (const event of decoder.push(value)) {
          this.lastEventId = event.id;
          if (inHand?.(event.id)) {
            this.counts.repeated++;
            continue;
          }
          await this.#give(event, signal);
          if (this.stopped(signal)) return { over: false, received };
        }
      }
      return { over: false, received };
    } catch (error) {
      if (error instanceof SourceError) throw error;
      const reason = timedOut ?? `${received ? 'connection lost' : 'cannot connect'}: ${textOf(error)}`;
      return { over: false, received, error: this.#failure(reason, error) };
    } finally {
      forget();
      void chunks?.return();
      controller.abort();
      if (decoder !== undefined) {
        this.lastEventId = decoder.lastEventId;
        this.#retryMs = decoder.retryMs ?? this.#retryMs;
        if (this.lastEventId === '' && !this.stopped(signal)) this.counts.gaps++;
      }
    }
  }

  #give({ type, data, id }: ServerSentEvent, signal: AbortSignal): Flow {
    const message = this.counts.events++;
    const event: { type: string; data: unknown; id: string } = { type, data, id };
    if (this.#options.json) {
      try {
        event.data = JSON.parse(data);
      } catch (cause) {
        this.counts.rejected++;
        this.report(notJson(data, message, cause));
        return;
      }
    }
    if (this.#acknowledger === undefined || id === '') return this.deliver(event, signal);
    return this.deliverWith(event, this.#acknowledger.track(id), signal);
  }

  #request(lastEventId: string, signal: AbortSignal): Promise<Response> {
    const { fetch: ask = fetch, headers, method = 'GET', body, request } = this.#options;
    const sent = new Headers(headers);
    if (!sent.has('accept')) sent.set('accept', 'text/event-stream');
    if (lastEventId !== '') sent.set('last-event-id', bytesAsText(lastEventId));
    const init: RequestInit = { cache: 'no-store', ...request, headers: sent, method, signal };
    return ask(this.#url, body === undefined ? init : { ...init, body });
  }

  /** How the connection ends at once, where the answer is no event stream. */
  async #refused(response: Response): Promise<Ending | undefined> {
    const { status, headers } = response;
    if (status === 204) return { over: true, received: false };
    const message = this.counts.events;
    const contentType = headers.get('content-type');
    if (!response.ok) {
      const error = await statusError(response, { name: addressOf(this.#url), message, clock: this.clock });
      if (status < 500 && ![408, 425, 429].includes(status)) throw error;
      const retryMs =
        status === 429 || status === 503
          ? retryAfterMs(headers.get('retry-after'), this.clock.now())
          : undefined;
      return { over: false, received: false, error, retryMs };
    }
    if (/^text\/event-stream\s*(;|$)/i.test(contentType ?? '') && response.body !== null) return undefined;
    response.body?.cancel().catch(() => {});
    const text = `${addressOf(this.#url)} answered ${status} with ${contentType ?? 'no content type'}, not with text/event-stream`;
    throw new SourceError('bad-message', text, { position: { message } });
  }

  #failure(reason: string, cause: unknown): SourceError {
    const position = { message: this.counts.events };
    return new SourceError('source-failed', `${addressOf(this.#url)}: ${reason}`, { cause, position });
  }
}

/** A text as the value of a header: the bytes of its UTF-8, each as one character. */
function bytesAsText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what needs no bytes
  return /^[\x00-\x7f]*$/.test(text) ? text : String.fromCharCode(...new TextEncoder().encode(text));
}
