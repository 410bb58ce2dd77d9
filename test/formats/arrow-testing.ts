import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where the Arrow project's test files are; they are not part of this repository. */
const root = resolve(import.meta.dirname, '../../../shared/arrow-testing');

export const missing: string | undefined = existsSync(root) ? undefined : `no Arrow test files at ${root}`;

export interface GoldenFile {
  readonly path: string;
  readonly rows: number;
  readonly batches: number;
  readonly bigEndian: boolean;
  bytes(): Uint8Array;
}

const read = (path: string): Uint8Array => new Uint8Array(readFileSync(resolve(root, path)));

/** Streams and files of several producers. */
export function goldenFiles(): GoldenFile[] {
  if (missing !== undefined) return [];
  const manifest = JSON.parse(readFileSync(resolve(root, 'manifest.json'), 'utf8')) as {
    golden: { path: string; rows: number; batches: number; bigEndian: boolean }[];
  };
  return manifest.golden
    .filter((entry) => !entry.path.endsWith('.gz'))
    .map((entry) => ({ ...entry, bytes: () => read(entry.path) }));
}

/** Inputs that a fuzzer found. */
export function malformedFiles(): { path: string; bytes(): Uint8Array }[] {
  if (missing !== undefined) return [];
  return readdirSync(resolve(root, 'malformed'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = resolve(entry.parentPath, entry.name);
      return { path: path.slice(root.length + 1), bytes: () => read(path) };
    });
}
