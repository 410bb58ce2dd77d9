import { GraphError, quote, SourceError } from '../errors.ts';
import { textOf } from './source.ts';

/**
 * The file at `path` in the private file system of the origin, such as `'logs/today.txt'`.
 *
 * @throws SourceError `not-available` where the platform has no such file system, `source-failed` where the file cannot be opened.
 */
export async function opfsFile(path: string, { create }: { create: boolean }): Promise<FileSystemFileHandle> {
  const { storage } = (globalThis.navigator ?? {}) as Partial<Navigator>;
  if (storage?.getDirectory === undefined) {
    throw new SourceError('not-available', 'this platform has no private file system');
  }
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  const name = names.pop()!;
  try {
    let directory = await storage.getDirectory();
    for (const folder of names) directory = await directory.getDirectoryHandle(folder, { create });
    return await directory.getFileHandle(name, { create });
  } catch (cause) {
    throw new SourceError('source-failed', `cannot open ${quote(path)}: ${textOf(cause)}`, { cause });
  }
}

/** @throws `bad-option` for a path that names no file. */
export function checkPath(path: string): void {
  const isFile = typeof path === 'string' && /[^/.]|\.{3}/.test(path.split('/').at(-1)!);
  if (!isFile) throw new GraphError('bad-option', `path must name a file, got ${quote(String(path))}`);
  if (path.split('/').includes('..')) {
    throw new GraphError('bad-option', `path must not lead out of its folder, got ${quote(path)}`);
  }
}
