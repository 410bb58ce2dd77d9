import type { AnySchema, ColumnTypes } from '../columnar/type-families.ts';
import { sleep } from '../core/clock.ts';
import { onAbort } from '../core/dispose.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { SourceError } from '../errors.ts';
import { BatchSource, BatchSourceNode, type BatchSourceOptions } from './batch-source.ts';
import { type ReadOptions, readResponse } from './response.ts';
import { addressOf, textOf } from './source.ts';

export interface FetchOptions<S extends ColumnTypes = ColumnTypes>
  extends BatchSourceOptions<S>,
    ReadOptions {
  /** Passed on to `fetch`. */
  request?: Omit<RequestInit, 'signal'> | undefined;
  /**
   * How long nothing may come, neither the answer nor a piece of it, before the request is given up: a connection can
   * be half open, its other side gone without a word. Default: for ever.
   */
  idleTimeout?: Duration | undefined;
  /** Stands in for the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/**
 * Record batches of one response, each emitted as soon as it is in, long before the response ends: an Arrow IPC stream,
 * NDJSON (the lines that arrive together make a batch), or a JSON document, which is read whole.
 *
 * The request is made when something listens; the body is read no faster than the work below allows, and cancelled
 * when nothing listens any more (an address is then requested anew by the next listener, a `Response` cannot be).
 * A status that is no success, an HTML page, a body that breaks off end the source as failed, after all that came
 * before (a failed body counts as a gap in `counts`); bad rows, lines and record batches are reported alone, and reading goes on. It is never tried again.
 */
export function fromFetch<S extends ColumnTypes = AnySchema>(
  where: string | URL | Request | Response,
  options: FetchOptions<S> = {},
): BatchSource<S> {
  return new BatchSource(new FetchNode(where, options as object));
}

class FetchNode extends BatchSourceNode {
  override readonly kind: string = 'fromFetch';
  readonly #where: string | URL | Request | Response;
  readonly #options: FetchOptions;
  readonly #idleMs: number | undefined;
  #requests = 0;

  constructor(where: string | URL | Request | Response, options: FetchOptions) {
    super(options);
    this.#where = where;
    this.#options = options;
    const { idleTimeout } = options;
    this.#idleMs = idleTimeout === undefined ? undefined : durationMs(idleTimeout, 'idleTimeout');
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const message = this.#requests++;
    const name = nameOf(this.#where);
    this.setState('connecting', 1);
    const controller = new AbortController();
    const forget = onAbort(signal, () => controller.abort());
    let live = false;
    try {
      const response = await this.#answer(controller.signal, message, name);
      if (this.stopped(signal)) return;
      const target = {
        intake: this.intake,
        report: (error: SourceError) => this.report(error),
        name,
        message,
        bounded: false,
        clock: this.clock,
        idleMs: this.#idleMs,
      };
      for await (const batch of readResponse(response, this.#options, target)) {
        if (this.stopped(signal)) return;
        if (!live) this.setState('live');
        live = true;
        await this.deliver(batch, signal);
        if (this.stopped(signal)) return;
      }
    } catch (error) {
      if (this.stopped(signal)) return;
      if (live) this.intake.counts.gaps++;
      throw error;
    } finally {
      forget();
      controller.abort();
    }
  }

  /** The response, unless it is too long in coming. */
  async #answer(signal: AbortSignal, message: number, name: string): Promise<Response> {
    const request = this.#request(signal, message, name);
    const idleMs = this.#idleMs;
    if (idleMs === undefined) return request;
    const asked = new AbortController();
    try {
      const response = await Promise.race([request, sleep(this.clock, idleMs, asked.signal)]);
      if (response !== undefined) return response;
      request.catch(() => {}); // it fails when the source lets go of it
      const position = { message };
      throw new SourceError('source-failed', `${name} did not answer within ${idleMs} ms`, { position });
    } finally {
      asked.abort();
    }
  }

  async #request(signal: AbortSignal, message: number, name: string): Promise<Response> {
    const where = this.#where;
    if (where instanceof Response) {
      if (where.bodyUsed)
        throw new SourceError('not-available', `${name} has already been read`, { position: { message } });
      signal.addEventListener('abort', () => void where.body?.cancel().catch(() => {}), { once: true });
      return where;
    }
    const { fetch: ask = fetch, request } = this.#options;
    try {
      return await ask(where instanceof Request ? where.clone() : where, { ...request, signal });
    } catch (error) {
      throw new SourceError('source-failed', `cannot read ${name}: ${textOf(error)}`, {
        cause: error,
        position: { message },
      });
    }
  }
}

function nameOf(where: string | URL | Request | Response): string {
  if (typeof where === 'string' || where instanceof URL) return addressOf(String(where));
  return where.url === '' ? 'response' : addressOf(where.url);
}
