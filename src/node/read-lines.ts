import { open } from 'node:fs/promises';
import { onAbort, unlessAborted } from '../core/dispose.ts';
import { quote, SourceError } from '../errors.ts';
import { textOf } from '../sources/source.ts';
import { fileError, pathOf } from './file-errors.ts';
import type { FrameOptions } from './frame-options.ts';
import { Framing, type Part } from './framing.ts';

/** Options of `readLines`. `maxLine` is 16 MiB unless given. */
export interface ReadLinesOptions extends Omit<FrameOptions, 'keepDelimiter'> {
  /** Ends the iteration when aborted. */
  signal?: AbortSignal | undefined;
}

/** Bytes or texts in pieces: a `Readable` of Node, a response's body, any iterable of chunks. */
export type ChunkSource = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/**
 * The lines of a file, or of bytes that come in pieces, without their newlines (`\n` or `\r\n`); the last needs none.
 *
 * The next is read when it is asked for. Leaving the loop closes the file. Keeps one line of at most `maxLine` bytes
 * and 64 KiB.
 *
 * @throws `source-failed` where it cannot be read, `limit-exceeded` for a line that is too long; both with their place.
 * `bad-option` for options that cannot be.
 */
export async function* readLines(
  input: string | URL | ChunkSource,
  options: ReadLinesOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { signal, ...frameOptions } = options;
  const framing = new Framing({ ...frameOptions, keepDelimiter: false }, 2 ** 24);
  const isFile = typeof input === 'string' || input instanceof URL;
  const name = isFile ? pathOf(input) : 'the input';
  const endsInNewline = (options.delimiter ?? '\n') === '\n';
  const framer = framing.framer();
  const lineOf = (part: Part): string => {
    if (part.bytes === undefined) throw framing.tooLong(name, part);
    const line = framing.textOf(part);
    return endsInNewline && part.ended && line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  let byte = 0;
  try {
    for await (const chunk of isFile ? chunksOf(name, signal) : pieces(input, framing, signal)) {
      for (const part of framer.push(chunk)) {
        if (signal?.aborted) return;
        yield lineOf(part);
      }
      byte += chunk.length;
    }
  } catch (error) {
    if (error instanceof SourceError) throw error;
    if (isFile) throw fileError('read', name, error, { byte });
    throw new SourceError('source-failed', `cannot read ${name}: ${textOf(error)}`, {
      cause: error,
      position: { byte },
    });
  }
  if (signal?.aborted) return;
  for (const part of framer.end()) yield lineOf(part);
}

async function* chunksOf(path: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const bytes = new Uint8Array(2 ** 16);
    while (!signal?.aborted) {
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, null);
      if (bytesRead === 0) return;
      yield bytes.subarray(0, bytesRead);
    }
  } finally {
    await handle.close().catch(() => {}); // nothing was written to it
  }
}

/** The pieces as bytes; does not wait for one that never comes once `signal` aborts. */
async function* pieces(
  input: ChunkSource,
  framing: Framing,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
  const aborted = new AbortController();
  const forget = onAbort(signal, () => aborted.abort());
  let done = false;
  try {
    while (!aborted.signal.aborted) {
      const result = await unlessAborted(Promise.resolve(iterator.next()), aborted.signal);
      if (result === undefined) return;
      if (result.done === true) {
        done = true;
        return;
      }
      const { value } = result;
      if (typeof value === 'string') yield framing.encode(value);
      else if (value instanceof Uint8Array) yield value;
      else throw new SourceError('bad-value', `expected bytes or text, got ${quote(String(value))}`);
    }
  } finally {
    forget();
    if (!done) Promise.resolve(iterator.return?.()).catch(() => {}); // nobody waits for its end
  }
}
