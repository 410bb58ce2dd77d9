import type { RecordBatch } from 'apache-arrow';
import { type Clock, sleep } from '../core/clock.ts';
import { SourceError, type SourcePosition } from '../errors.ts';
import { MalformedError } from '../formats/flatbuffer.ts';
import { IpcDecoder } from '../formats/ipc.ts';
import type { IpcLimits } from '../formats/ipc-framer.ts';
import { tableOfJson } from '../formats/json.ts';
import { formatOfBody, type TableFormat } from '../formats/media-type.ts';
import { NdjsonDecoder, type NdjsonLines } from '../formats/ndjson.ts';
import { excerpt } from '../formats/sniff.ts';
import { Chunks } from './chunks.ts';
import type { Intake } from './intake.ts';
import { placed, textOf } from './source.ts';

/** How bodies of responses are read. */
export interface ReadOptions extends IpcLimits {
  /** How the body is written. Default: found out from its first bytes and the content type. */
  format?: TableFormat | undefined;
  /** Picks rows or columns out of a JSON document, such as `(json) => json.features`. */
  pick?: ((json: never) => unknown) | undefined;
  /** Most bytes of a body that is read whole (JSON). Default 64 MiB. */
  maxBytes?: number | undefined;
  /** Most bytes of one line of NDJSON. Default 16 MiB. */
  maxLineBytes?: number | undefined;
  /** Most rows of one batch made from NDJSON lines that arrive together. Default 65,536. */
  maxBatchRows?: number | undefined;
}

export interface ReadTarget {
  readonly intake: Intake;
  readonly report: (error: SourceError) => void;
  /** The address, for errors. */
  readonly name: string;
  /** Number of the request. */
  readonly message: number;
  /** Bytes of the body are held against `maxBytes`, streamed or not. */
  readonly bounded: boolean;
}

/** What is known of a response beside its lines. */
export interface ResponseTarget extends ReadTarget {
  readonly clock: Clock;
  /** How long nothing may come before the body is given up. Default: for ever. */
  readonly idleMs?: number | undefined;
}

/** How long the body of an answer that is no success is waited for; it only makes the error clearer. */
const excerptMs = 1000;

/** Default of `maxBytes`. */
const defaultMaxBytes = 2 ** 26;

/**
 * Batches of a response, each as soon as it is whole; none of one that says it has no content. Bad rows, lines and
 * record batches are reported and left out.
 *
 * @throws SourceError `source-failed` for a status that is no success and a body that breaks off, `bad-message`
 * for a body that is not what it should be, `limit-exceeded`.
 */
export async function* readResponse(
  response: Response,
  options: ReadOptions,
  target: ResponseTarget,
): AsyncGenerator<RecordBatch, void, undefined> {
  if (!response.ok) throw await statusError(response, target);
  if (response.status === 204 || response.status === 205) return;
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const declared = Number(response.headers.get('content-length') ?? 0);
  if (target.bounded && declared > maxBytes) {
    await response.body?.cancel();
    throw tooLarge(target, maxBytes);
  }
  const body = new Body(response, target, target.bounded ? maxBytes : Number.POSITIVE_INFINITY);
  try {
    const head = await body.head(64);
    const format = options.format ?? formatOf(head, response, target);
    if (format === 'arrow') yield* readArrow(body, options, target);
    else if (format === 'ndjson') yield* readLines(body, options, target);
    else yield* readDocument(body, options, target, maxBytes);
  } finally {
    await body.close();
  }
}

function formatOf(head: Uint8Array, response: Response, target: ReadTarget): TableFormat {
  const contentType = response.headers.get('content-type');
  try {
    return formatOfBody(head, contentType);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const text = `${target.name} answered ${response.status} (${contentType ?? 'no content type'}): ${error.message}`;
    throw new SourceError('bad-message', text, { position: { message: target.message }, cause: error });
  }
}

/** `http://… answered 500 Internal Server Error (text/html): "<h1>Oops"`. */
export async function statusError(
  response: Response,
  { name, message, clock }: Pick<ResponseTarget, 'name' | 'message' | 'clock'>,
): Promise<SourceError> {
  const type = response.headers.get('content-type') ?? 'no content type';
  const status = `${response.status} ${response.statusText}`.trim();
  const reader = response.body?.getReader();
  const read = new AbortController();
  // Where the body breaks off, the status says enough.
  const piece = reader?.read().then(
    ({ value }) => value,
    () => undefined,
  );
  const first = await Promise.race([piece, sleep(clock, excerptMs, read.signal)]);
  read.abort();
  reader?.cancel().catch(() => {});
  const start = first === undefined ? '' : `: ${excerpt(first)}`;
  return new SourceError('source-failed', `${name} answered ${status} (${type})${start}`, {
    position: { message },
  });
}

function tooLarge({ name, message }: ReadTarget, maxBytes: number): SourceError {
  return new SourceError(
    'limit-exceeded',
    `body of ${name} is over the limit of ${maxBytes} bytes (maxBytes)`,
    { position: { message } },
  );
}

/** The pieces of a body, of which the first bytes can be looked at before. */
class Body implements AsyncIterable<Uint8Array> {
  readonly #pieces: Chunks<Uint8Array> | undefined;
  readonly #target: ResponseTarget;
  readonly #maxBytes: number;
  #ahead: Uint8Array[] = [];
  #bytes = 0;

  constructor(response: Response, target: ResponseTarget, maxBytes: number) {
    this.#pieces = response.body === null ? undefined : new Chunks(response.body);
    this.#target = target;
    this.#maxBytes = maxBytes;
  }

  /** Up to `length` first bytes: what has arrived once anything but space has, or all there is. */
  async head(length: number): Promise<Uint8Array> {
    const head: number[] = [];
    while (head.length < 8 || head.every((byte) => byte <= 32)) {
      const piece = await this.#next();
      if (piece === undefined) break;
      this.#ahead.push(piece);
      if (head.length < length) head.push(...piece.subarray(0, length - head.length));
      else break;
    }
    return Uint8Array.from(head);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const ahead = this.#ahead;
    this.#ahead = [];
    yield* ahead;
    for (let piece = await this.#next(); piece !== undefined; piece = await this.#next()) yield piece;
  }

  async close(): Promise<void> {
    await this.#pieces?.return();
  }

  /** The next piece; gives up where it does not come in time. */
  async #read(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { clock, idleMs } = this.#target;
    const next = this.#pieces?.next() ?? Promise.resolve({ done: true as const, value: undefined });
    if (idleMs === undefined) return next;
    const read = new AbortController();
    const late = sleep(clock, idleMs, read.signal).then(() => undefined);
    try {
      const result = await Promise.race([next, late]);
      if (result !== undefined) return result;
      throw new Error(`nothing came within ${idleMs} ms`);
    } finally {
      read.abort();
    }
  }

  async #next(): Promise<Uint8Array | undefined> {
    let result: IteratorResult<Uint8Array, undefined>;
    try {
      result = await this.#read();
    } catch (error) {
      const { name, message } = this.#target;
      const position = { message, byte: this.#bytes };
      throw new SourceError(
        'source-failed',
        `${name} broke off after ${this.#bytes} bytes: ${textOf(error)}`,
        { cause: error, position },
      );
    }
    if (result.done === true) return undefined;
    this.#bytes += result.value.length;
    if (this.#bytes > this.#maxBytes) throw tooLarge(this.#target, this.#maxBytes);
    return result.value;
  }
}

async function* readArrow(body: Body, options: ReadOptions, target: ReadTarget): AsyncGenerator<RecordBatch> {
  const { intake, name, message } = target;
  const named = (error: SourceError): SourceError =>
    placed(
      new SourceError(error.code, `${name}: ${error.message}`, { cause: error, position: error.position }),
      { message },
    );
  const decoder = new IpcDecoder({ ...options, onBadBatch: (error) => target.report(named(error)) });
  let number = 0;
  const accept = (batch: RecordBatch): RecordBatch | undefined =>
    intake.batch(batch, { message, batch: number++ });
  try {
    for await (const bytes of body) {
      for (const batch of decoder.push(bytes)) {
        const accepted = accept(batch);
        if (accepted !== undefined) yield accepted;
      }
    }
    for (const batch of decoder.end()) {
      const accepted = accept(batch);
      if (accepted !== undefined) yield accepted;
    }
  } catch (error) {
    if (error instanceof SourceError && error.code !== 'source-failed') throw named(error);
    throw error;
  }
}

async function* readLines(
  body: AsyncIterable<Uint8Array>,
  options: ReadOptions,
  target: ReadTarget,
): AsyncGenerator<RecordBatch> {
  const decoder = new NdjsonDecoder(options);
  for await (const bytes of body) yield* batchesOfLines(decoder.push(bytes), options, target);
  yield* batchesOfLines(decoder.end(), options, target);
}

/** Batches of lines that arrived together, none of more than `maxBatchRows`. */
export function* batchesOfLines(
  lines: NdjsonLines,
  { maxBatchRows = 65_536 }: ReadOptions,
  { intake, message, name }: ReadTarget,
): Generator<RecordBatch> {
  for (const { line, reason, tooLong } of lines.rejected) {
    const position: SourcePosition = { message, row: line };
    intake.reject(
      new SourceError(tooLong ? 'limit-exceeded' : 'bad-message', `line ${line + 1} of ${name}: ${reason}`, {
        position,
      }),
    );
  }
  for (let start = 0; start < lines.values.length; start += maxBatchRows) {
    const rows = lines.values.slice(start, start + maxBatchRows);
    const batch = intake.rows(rows, (row) => ({ message, row: lines.lines[start + row]! }));
    if (batch !== undefined) yield batch;
  }
}

async function* readDocument(
  body: Body,
  options: ReadOptions,
  target: ReadTarget,
  maxBytes: number,
): AsyncGenerator<RecordBatch> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length > maxBytes) throw tooLarge(target, maxBytes);
  }
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  const { intake, message, name } = target;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    // Lines of JSON are often sent as JSON; the first line then is whole by itself.
    const lines = linesOf(bytes, options);
    if (lines !== undefined) yield* batchesOfLines(lines, options, target);
    else {
      const text = `${name} is not JSON (${textOf(cause)}): ${excerpt(bytes)}`;
      throw new SourceError('bad-message', text, { cause, position: { message } });
    }
    return;
  }
  const picked = pickFrom(json, options, target);
  const table = tableOfJson(picked);
  if (table === undefined) {
    const text = `${name} holds neither an array of rows nor an object of columns: ${excerpt(bytes)}`;
    throw new SourceError('bad-message', text, { position: { message } });
  }
  const batch =
    'rows' in table
      ? intake.rows(table.rows, (row) => ({ message, row }))
      : intake.columns(table.columns, { message });
  if (batch !== undefined) yield batch;
}

function linesOf(bytes: Uint8Array, options: ReadOptions): NdjsonLines | undefined {
  const decoder = new NdjsonDecoder(options);
  const lines = decoder.push(bytes);
  const last = decoder.end();
  const whole: NdjsonLines = {
    values: [...lines.values, ...last.values],
    lines: [...lines.lines, ...last.lines],
    rejected: [...lines.rejected, ...last.rejected],
  };
  const isRows = whole.lines[0] === 0 && whole.values.length > 1;
  return isRows && whole.values.every((value) => typeof value === 'object' && value !== null)
    ? whole
    : undefined;
}

function pickFrom(json: unknown, { pick }: ReadOptions, { name, message }: ReadTarget): unknown {
  if (pick === undefined) return json;
  try {
    return pick(json as never);
  } catch (cause) {
    throw new SourceError('user-code', `pick threw on ${name}: ${textOf(cause)}`, {
      cause,
      position: { message },
    });
  }
}
