import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './file-errors.ts';

/** A pattern of paths: where to begin, and what the names from there on must be. */
export interface Glob {
  readonly folder: string;
  readonly segments: readonly Segment[];
}

/** What a name must match; `'**'` stands for any number of folders. */
type Segment = RegExp | '**';

/** The pattern of a path with `*`, `?` and `**`; of one without, all files of that folder. */
export function globOf(path: string, recursive: boolean): Glob {
  const parts = path.split('/');
  const first = parts.findIndex((part) => /[*?]/.test(part));
  if (first < 0) return { folder: path, segments: recursive ? ['**', nameOf('*')] : [nameOf('*')] };
  const folder = parts.slice(0, first).join('/');
  const names = parts.slice(first).filter((part) => part !== '');
  const segments = names.map((part): Segment => (part === '**' ? '**' : nameOf(part)));
  if (segments.at(-1) === '**') segments.push(nameOf('*'));
  return { folder: folder !== '' ? folder : path.startsWith('/') ? '/' : '', segments };
}

/** Matches the whole of a name. As in a shell, only a pattern that begins with a dot takes names that do. */
function nameOf(pattern: string): RegExp {
  const body = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern.startsWith('.') ? '' : '(?!\\.)'}${body}$`, 'su');
}

/**
 * The files that match, sorted; a link counts as what it leads to, but `**` does not follow one. A folder below the first
 * that cannot be read is told to `failed` and passed over.
 */
export async function filesOf(
  { folder, segments }: Glob,
  failed: (folder: string, error: unknown) => void,
): Promise<string[]> {
  const found = new Set<string>();
  const walk = async (at: string, i: number, depth: number): Promise<void> => {
    const segment = segments[i]!;
    if (segment === '**') await walk(at, i + 1, depth);
    for (const entry of await entriesOf(at, depth)) {
      const path = at === '' ? entry.name : join(at, entry.name);
      if (segment === '**') {
        if (entry.isDirectory() && !entry.name.startsWith('.')) await walk(path, i, depth + 1);
      } else if (segment.test(entry.name)) {
        const kind = entry.isSymbolicLink() ? await kindOf(path) : entry;
        if (i === segments.length - 1) {
          if (kind?.isFile()) found.add(path);
        } else if (kind?.isDirectory()) await walk(path, i + 1, depth + 1);
      }
    }
  };
  const entriesOf = async (at: string, depth: number): Promise<Dirent[]> => {
    try {
      return await readdir(at === '' ? '.' : at, { withFileTypes: true });
    } catch (error) {
      if (depth === 0) throw error;
      if (!isMissing(error)) failed(at, error); // one that has gone meanwhile holds nothing
      return [];
    }
  };
  await walk(folder, 0, 0);
  return [...found].sort();
}

/** What a link leads to; nothing where it leads nowhere. */
function kindOf(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean } | undefined> {
  return stat(path).catch(() => undefined);
}
