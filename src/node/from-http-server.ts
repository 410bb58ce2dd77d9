import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { unlessAborted } from '../core/dispose.ts';
import { RefCounter } from '../core/metadata.ts';
import { asMillraceError, type MillraceError, quote, SourceError } from '../errors.ts';
import { textOf } from '../sources/source.ts';
import { ServerNode } from './server-node.ts';
import { type ServerOptions, ServerSource } from './server-source.ts';

/** Options of `fromHttpServer`. */
export interface HttpServerOptions<T> extends ServerOptions {
  /** The path that takes requests, its query left out; an expression is tried on the whole path. Default: any. */
  path?: string | RegExp | undefined;
  /** Default `'POST'`. */
  method?: string | undefined;
  /** Most bytes of a body; a longer one is answered with 413. Default 16 MiB. */
  maxBody?: number | undefined;
  /** What the elements are. Default `'text'`, read as UTF-8. */
  as?: 'text' | 'bytes' | undefined;
  /**
   * What to answer with, called with the body when the work on it is done; a promise is awaited. A string is sent as
   * text, bytes as they are, anything else as JSON. Default: the text `OK`.
   */
  answer?: ((body: T) => unknown) | undefined;
}

/**
 * The bodies of requests to an HTTP server, as they come.
 *
 * The server listens while something listens to the source. A request is answered when the work on its body is done,
 * asynchronous work and nodes that hold elements included: 200, or 500 with the error as text where the work failed, which
 * is reported as well. What a node has left out or an overflow policy has dropped counts as done; a body in a partition that is not
 * yet full holds up its answer. 404 is the answer to another path, 405 to
 * another method, 413 to a body over `maxBody`, 415 to one that is compressed, 503 where the source is stopped meanwhile.
 * Requests do not wait for each other. One that breaks off is reported with its number, from 0, as `position.message`.
 * Keeps the bodies being worked on.
 *
 * @throws `bad-option` for options that cannot be.
 */
export function fromHttpServer(
  options: HttpServerOptions<Uint8Array> & { as: 'bytes' },
): ServerSource<Uint8Array>;
export function fromHttpServer(
  options: HttpServerOptions<string> & { as?: 'text' | undefined },
): ServerSource<string>;
export function fromHttpServer(
  options: HttpServerOptions<string> | HttpServerOptions<Uint8Array>,
): ServerSource<string> | ServerSource<Uint8Array> {
  if (options.as === 'bytes') {
    const node = new HttpNode<Uint8Array>(
      options as HttpServerOptions<Uint8Array>,
      (body) => new Uint8Array(body),
    );
    return new ServerSource(node);
  }
  return new ServerSource(
    new HttpNode(options as HttpServerOptions<string>, (body) => body.toString('utf8')),
  );
}

interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

class HttpNode<T> extends ServerNode<T> {
  override readonly kind: string = 'fromHttpServer';
  readonly #options: HttpServerOptions<T>;
  readonly #decode: (body: Buffer) => T;
  readonly #maxBody: number;
  #requests = 0;

  constructor(options: HttpServerOptions<T>, decode: (body: Buffer) => T) {
    super(options);
    const { maxBody = 2 ** 24 } = options;
    if (!(maxBody >= 0)) {
      throw new SourceError('bad-option', `maxBody must be a number of bytes, got ${String(maxBody)}`);
    }
    this.#options = options;
    this.#decode = decode;
    this.#maxBody = maxBody;
  }

  protected override run(signal: AbortSignal): Promise<void> {
    /** Sockets of requests that are being answered. */
    const working = new Set<Socket>();
    const server = createServer((request, response) => {
      void this.#handle(request, response, working, signal); // reports failures itself
    });
    return this.serve(server, signal, (socket) => working.has(socket));
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
    working: Set<Socket>,
    signal: AbortSignal,
  ): Promise<void> {
    const message = this.#requests++;
    const refusal = this.#refuse(request);
    if (refusal !== undefined) return send(request, response, refusal, signal);
    let body: Buffer | undefined;
    try {
      body = await readBody(request, this.#maxBody);
    } catch (cause) {
      if (signal.aborted) return;
      const text = `request ${message} broke off: ${textOf(cause)}`;
      this.report(new SourceError('source-failed', text, { cause, position: { message } }));
      return;
    }
    if (body === undefined) return send(request, response, this.#tooLarge(), signal);
    const { socket } = request;
    if (!socket.destroyed) {
      working.add(socket);
      response.once('close', () => {
        working.delete(socket);
        if (signal.aborted) socket.destroySoon(); // the answer may have promised to go on
      });
    }
    send(request, response, await this.#answer(this.#decode(body), message, signal), signal);
  }

  /** The answer to a request whose body need not be read. */
  #refuse({ url = '/', method, headers }: IncomingMessage): Answer | undefined {
    const { path, method: wanted = 'POST' } = this.#options;
    const end = url.indexOf('?');
    const actual = end < 0 ? url : url.slice(0, end);
    const fits = typeof path === 'string' ? actual === path : (wholeOf(path)?.test(actual) ?? true);
    if (!fits) return { status: 404, body: `nothing is at ${quote(actual)}` };
    if (method !== wanted) {
      return { status: 405, body: `${method} is not ${wanted}`, headers: { allow: wanted } };
    }
    const coding = headers['content-encoding'];
    if (coding !== undefined && coding !== 'identity') {
      return { status: 415, body: `a body in ${quote(coding)} is not read` };
    }
    return Number(headers['content-length'] ?? 0) > this.#maxBody ? this.#tooLarge() : undefined;
  }

  #tooLarge(): Answer {
    return { status: 413, body: `the body is over the limit of ${this.#maxBody} bytes` };
  }

  /** Resolves when all work on the body is done, with its failure if there is one: what is below may hold it for long. */
  #worked(value: T, signal: AbortSignal): Promise<MillraceError | undefined> {
    return new Promise((resolve) => {
      let reported: SourceError | undefined;
      const onDone = (...failure: unknown[]): void =>
        resolve(reported ?? (failure.length === 0 ? undefined : asMillraceError(failure[0])));
      void this.deliverWith(value, [{ ref: new RefCounter({ onDone }) }], signal, (error) => {
        reported = error;
      });
    });
  }

  /** Never rejects. */
  async #answer(value: T, message: number, signal: AbortSignal): Promise<Answer> {
    if (this.stopped(signal)) return stopped;
    const failure = await unlessAborted(this.#worked(value, signal), signal);
    if (signal.aborted) return stopped;
    if (failure !== undefined) return this.active ? { status: 500, body: failure.message } : stopped;
    const { answer } = this.#options;
    if (answer === undefined) return { status: 200, body: 'OK' };
    try {
      return answerOf(await answer(value));
    } catch (cause) {
      const error = new SourceError('user-code', `answer failed: ${textOf(cause)}`, {
        cause,
        position: { message },
      });
      this.report(error);
      return { status: 500, body: error.message };
    }
  }
}

const stopped: Answer = { status: 503, body: 'the source has been stopped' };

function answerOf(value: unknown): Answer {
  if (typeof value === 'string') return { status: 200, body: value };
  if (value instanceof Uint8Array) {
    return { status: 200, body: value, headers: { 'content-type': 'application/octet-stream' } };
  }
  const json = JSON.stringify(value) ?? 'null';
  return { status: 200, body: json, headers: { 'content-type': 'application/json' } };
}

/** The body, or nothing where it is over `max` bytes; the rest of it is not read then. */
async function readBody(request: IncomingMessage, max: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > max) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers = {} }: Answer,
  signal: AbortSignal,
): void {
  const last = signal.aborted ? { connection: 'close' } : {};
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': bytes.length,
    ...headers,
    ...last,
  });
  // Not ended before all is written: a server that closes cuts those whose answers have been ended, written or not.
  if (bytes.length === 0) response.end();
  else response.write(bytes, () => response.end());
  request.resume(); // what is left of a body would hold up the next request
}

/** The expression, free of the state that `g` and `y` give it. */
function wholeOf(path: RegExp | undefined): RegExp | undefined {
  return path === undefined ? undefined : new RegExp(`^(?:${path.source})$`, path.flags.replace(/[gy]/g, ''));
}
