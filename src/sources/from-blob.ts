import { MillraceError } from '../errors.ts';
import { LineDecoder, type LineOptions } from '../formats/lines.ts';
import { Chunks, linesOf } from './chunks.ts';
import { ReadingNode, type ReadingOptions } from './reading.ts';
import { Source } from './source.ts';

/** Options of sources that give lines. */
export interface LinesOptions extends ReadingOptions, LineOptions {
  as?: 'lines' | undefined;
}

/** Options of sources that give bytes as they come. */
export interface BytesOptions extends ReadingOptions {
  as: 'bytes';
}

/**
 * The lines of a `Blob` or `File` (default), without their ends, or its bytes, piece by piece, each after the work on
 * the one before is done.
 *
 * Read from the start each time something begins to listen. Memory: a piece and the longest line, however long the
 * file. A file that has changed since it was picked cannot be read: the source fails. `ack` gets the number of lines
 * or pieces that are done.
 *
 * @throws `bad-option` for an unknown encoding and an empty delimiter.
 */
export function fromBlob(blob: Blob, options?: LinesOptions): Source<string>;
export function fromBlob(blob: Blob, options: BytesOptions): Source<Uint8Array>;
export function fromBlob(
  blob: Blob,
  options: LinesOptions | BytesOptions = {},
): Source<string> | Source<Uint8Array> {
  return fromStreams('fromBlob', () => blob.stream(), options);
}

/** The lines or bytes of a stream that can be opened again. */
export function fromStreams(
  kind: string,
  open: () => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>,
  options: LinesOptions | BytesOptions,
): Source<string> | Source<Uint8Array> {
  if (options.as === 'bytes') {
    return new Source<Uint8Array>(
      new ReadingNode({ kind, failure: brokenOff, open: () => opened(open) }, options),
    );
  }
  if (options.as !== undefined && options.as !== 'lines') {
    throw new MillraceError('bad-option', `as must be 'lines' or 'bytes', got ${String(options.as)}`);
  }
  new LineDecoder(options); // refuses bad options now
  return new Source<string>(
    new ReadingNode(
      { kind, failure: brokenOff, open: () => ({ pieces: linesOf(opened(open), options) }) },
      options,
    ),
  );
}

const brokenOff = 'file broke off';

async function* opened(
  open: () => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* new Chunks(await open());
}
