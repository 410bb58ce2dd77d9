import type { RecordBatch } from 'apache-arrow';
import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { intervalMs, runTicks } from '../core/ticks.ts';
import { SourceError } from '../errors.ts';
import { backoffMs, retryAfterMs } from './backoff.ts';
import { BatchSource, BatchSourceNode, type BatchSourceOptions } from './batch-source.ts';
import { type ReadOptions, readResponse } from './response.ts';
import { addressOf, asSourceError, textOf } from './source.ts';

export interface PollOptions<S extends ColumnTypes = ColumnTypes> extends BatchSourceOptions<S>, ReadOptions {
  /** Time between requests. Default `'1s'`. */
  interval?: Duration | undefined;
  /** Make the first request at once rather than one interval after the start. Default `true`. */
  immediate?: boolean | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Passed on to `fetch`. */
  request?: Omit<RequestInit, 'signal' | 'headers'> | undefined;
  /** How long a request may take, its body included. Default `'30s'`. */
  timeout?: Duration | undefined;
  /** Longest wait that failures lead to; `Retry-After` may ask for longer. Default `'1min'`, or the interval if that is longer. */
  maxDelay?: Duration | undefined;
  /** Stands in for the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /** Numbers from 0 to 1 for the jitter. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** Longest time that `Retry-After` is believed. */
const longestRetryMs = 86_400_000;

/**
 * Record batches of an address that is asked once per interval while something listens: JSON rows or columns, NDJSON,
 * or Arrow, as its answers are.
 *
 * Requests never overlap and keep to start + k · interval. They are made with `cache: 'no-cache'`: an answer that has not
 * changed (304, or the same `ETag` as before) makes no batch. `Retry-After` of a 429 or 503 is honoured, up to a
 * day; after other failures the wait grows with jitter up to `maxDelay`, never below the interval. For another origin
 * the server must expose both headers (`Access-Control-Expose-Headers`). A failure is reported with the
 * number of the request, and polling goes on.
 *
 * @throws `bad-option` for durations that are none.
 */
export function fromPoll<S extends ColumnTypes = AnySchema>(
  url: string | URL,
  options: PollOptions<S> = {},
): BatchSource<S> {
  return new BatchSource(new PollNode(String(url), options as object));
}

class PollNode extends BatchSourceNode {
  override readonly kind: string = 'fromPoll';
  readonly #url: string;
  readonly #options: PollOptions;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #maxDelayMs: number;
  #requests = 0;
  #failures = 0;
  #etag: string | undefined;

  constructor(url: string, options: PollOptions) {
    super(options);
    this.#url = url;
    this.#options = options;
    this.#intervalMs = intervalMs(options.interval ?? '1s');
    this.#timeoutMs = durationMs(options.timeout ?? '30s', 'timeout');
    this.#maxDelayMs = Math.max(this.#intervalMs, durationMs(options.maxDelay ?? '1min', 'maxDelay'));
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const { clock } = this;
    const options = {
      intervalMs: this.#intervalMs,
      clock,
      signal,
      firstMs: (this.#options.immediate ?? true) ? 0 : this.#intervalMs,
    };
    // Who listens anew has seen nothing yet, changed or not.
    this.#etag = undefined;
    this.#failures = 0;
    this.setState('connecting', 1);
    await runTicks(options, async () => {
      const message = this.#requests++;
      let retryMs: number | undefined;
      const hear = (response: Response): void => {
        if (response.status === 429 || response.status === 503) {
          retryMs = retryAfterMs(response.headers.get('retry-after'), clock.now());
        }
      };
      try {
        await this.#poll(signal, message, hear);
        if (this.stopped(signal)) return undefined;
        this.#failures = 0;
        this.setState('live');
        return undefined;
      } catch (error) {
        if (this.stopped(signal)) return undefined;
        this.intake.counts.gaps++;
        this.report(asSourceError(error));
        return this.#retryAt(retryMs);
      }
    });
  }

  /** Says how long to wait, and gives the time before which not to ask again. */
  #retryAt(askedMs: number | undefined): number {
    this.#failures++;
    const backoff = {
      minMs: this.#intervalMs,
      maxMs: this.#maxDelayMs,
      random: this.#options.random ?? Math.random,
    };
    const delayMs =
      askedMs === undefined ? backoffMs(this.#failures, backoff) : Math.min(askedMs, longestRetryMs);
    this.setState('waiting', this.#failures, delayMs);
    return this.clock.monotonic() + delayMs;
  }

  /** One request. What came before a failure is delivered, and the failure thrown after. */
  async #poll(signal: AbortSignal, message: number, hear: (response: Response) => void): Promise<void> {
    const batches: RecordBatch[] = [];
    let failure: SourceError | undefined;
    let etag: string | undefined;
    try {
      etag = await this.#read(batches, signal, message, hear);
    } catch (error) {
      failure = asSourceError(error);
    }
    for (const batch of batches) {
      if (this.stopped(signal)) return;
      await this.deliver(batch, signal);
    }
    if (failure !== undefined) throw failure;
    if (!this.stopped(signal)) this.#etag = etag;
  }

  /** Reads the whole answer, within the time it may take, and gives its `ETag`. */
  async #read(
    batches: RecordBatch[],
    signal: AbortSignal,
    message: number,
    hear: (response: Response) => void,
  ): Promise<string | undefined> {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    signal.addEventListener('abort', stop, { once: true });
    let timedOut = false;
    const timer = this.clock.setTimer(this.#timeoutMs, () => {
      timedOut = true;
      stop();
    });
    const fail = (text: string, cause: unknown): SourceError =>
      new SourceError('source-failed', text, { cause, position: { message } });
    try {
      const response = await this.#request(controller.signal);
      hear(response);
      if (this.#unchanged(response)) {
        await response.body?.cancel();
        return this.#etag;
      }
      const report = (error: SourceError): void => this.report(error);
      const target = {
        intake: this.intake,
        report,
        name: addressOf(this.#url),
        message,
        bounded: true,
        clock: this.clock,
      };
      for await (const batch of readResponse(response, this.#options, target)) batches.push(batch);
      return response.headers.get('etag') ?? undefined;
    } catch (error) {
      if (timedOut) throw fail(`${addressOf(this.#url)} did not answer within ${this.#timeoutMs} ms`, error);
      throw error instanceof SourceError
        ? error
        : fail(`cannot read ${addressOf(this.#url)}: ${textOf(error)}`, error);
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', stop);
    }
  }

  #request(signal: AbortSignal): Promise<Response> {
    const { fetch: ask = fetch, headers, request } = this.#options;
    const sent: Record<string, string> = {
      accept: 'application/vnd.apache.arrow.stream, application/x-ndjson, application/json',
      ...headers,
    };
    // Browsers ask by themselves whether their copy is still good; a header of ours would cost other origins a preflight.
    if (this.#etag !== undefined && !('location' in globalThis)) sent['if-none-match'] = this.#etag;
    return ask(this.#url, { cache: 'no-cache', ...request, headers: sent, signal });
  }

  #unchanged(response: Response): boolean {
    if (response.status === 304) return true;
    const etag = response.headers.get('etag');
    return response.ok && etag !== null && etag === this.#etag;
  }
}
