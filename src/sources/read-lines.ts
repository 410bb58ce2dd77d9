import { onAbort } from '../core/dispose.ts';
import { SourceError } from '../errors.ts';
import type { LineOptions } from '../formats/lines.ts';
import { Chunks, linesOf } from './chunks.ts';
import { addressOf, textOf } from './source.ts';

/** Where text comes from: an address, or what holds it already. */
export type TextSource = string | URL | Request | Response | Blob | ReadableStream<Uint8Array | string>;

/** Options of `readLines`. */
export interface ReadLinesOptions extends LineOptions {
  /** Ends the reading when aborted, without an error. */
  signal?: AbortSignal | undefined;
  /** Stands in for the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/**
 * The lines of a text, without their ends, each as soon as it is in: of an address (a string is one, relative to
 * the page in a browser), a `Response`, a `Blob` or `File`, or a stream of bytes or strings.
 *
 * Read no faster than the loop asks; leaving the loop cancels the rest. Memory: the longest line and a chunk.
 *
 * @throws SourceError `source-failed` for an address that cannot be read, a status that is no success, and a body
 * that breaks off, after the lines before; `not-available` for a body that has been read already; `limit-exceeded`.
 */
export async function* readLines(
  source: TextSource,
  { signal, fetch: ask, ...options }: ReadLinesOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { name, body } = await open(source, signal, ask);
  if (body === null) return;
  const chunks = new Chunks<Uint8Array | string>(body);
  const forget = onAbort(signal, () => void chunks.return());
  let count = 0;
  try {
    for await (const lines of linesOf(chunks, options)) {
      for (const line of lines) {
        if (signal?.aborted) return;
        count++;
        yield line;
      }
    }
  } catch (error) {
    if (signal?.aborted) return;
    if (error instanceof SourceError) throw new SourceError(error.code, `${name}: ${error.message}`, error);
    throw new SourceError('source-failed', `${name} broke off after ${count} lines: ${textOf(error)}`, {
      cause: error,
      position: { row: count },
    });
  } finally {
    forget();
    await chunks.return();
  }
}

interface Opened {
  /** For errors. */
  readonly name: string;
  readonly body: ReadableStream<Uint8Array | string> | null;
}

async function open(
  source: TextSource,
  signal: AbortSignal | undefined,
  ask: typeof fetch = fetch,
): Promise<Opened> {
  if (signal?.aborted) return { name: 'text', body: null };
  if (source instanceof Blob)
    return { name: 'name' in source ? String(source.name) : 'blob', body: source.stream() };
  if (source instanceof ReadableStream) return readable('stream', source, source.locked);
  if (source instanceof Response) return answered(source);
  let response: Response;
  try {
    response = await ask(source, signal === undefined ? {} : { signal });
  } catch (cause) {
    if (signal?.aborted) return { name: 'text', body: null };
    const name = addressOf(source instanceof Request ? source.url : String(source));
    throw new SourceError('source-failed', `cannot read ${name}: ${textOf(cause)}`, { cause });
  }
  return answered(response);
}

function answered(response: Response): Opened {
  const name = response.url === '' ? 'response' : addressOf(response.url);
  if (response.ok) return readable(name, response.body, response.bodyUsed);
  response.body?.cancel().catch(() => {});
  const status = `${response.status} ${response.statusText}`.trim();
  throw new SourceError('source-failed', `${name} answered ${status}`);
}

function readable(name: string, body: Opened['body'], isRead: boolean): Opened {
  if (isRead) throw new SourceError('not-available', `${name} has already been read`);
  return { name, body };
}
