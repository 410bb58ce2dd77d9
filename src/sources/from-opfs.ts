import { type BytesOptions, fromStreams, type LinesOptions } from './from-blob.ts';
import { checkPath, opfsFile } from './opfs.ts';
import type { Source } from './source.ts';

/**
 * The lines (default) or bytes of a file in the private file system of the origin (OPFS), as `fromBlob` gives them: what
 * the file holds when something begins to listen, read from the start.
 *
 * A file that is not there, and a platform without such a file system (`not-available`), end the source as failed.
 *
 * @throws `bad-option` for a path that names no file, an unknown encoding and an empty delimiter.
 */
export function fromOpfs(path: string, options?: LinesOptions): Source<string>;
export function fromOpfs(path: string, options: BytesOptions): Source<Uint8Array>;
export function fromOpfs(
  path: string,
  options: LinesOptions | BytesOptions = {},
): Source<string> | Source<Uint8Array> {
  checkPath(path);
  const open = async (): Promise<ReadableStream<Uint8Array>> => {
    const handle = await opfsFile(path, { create: false });
    return (await handle.getFile()).stream();
  };
  return fromStreams('fromOpfs', open, options);
}
