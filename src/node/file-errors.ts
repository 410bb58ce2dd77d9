import { fileURLToPath } from 'node:url';
import { quote, SourceError, type SourcePosition } from '../errors.ts';
import { textOf } from '../sources/source.ts';

/** A path, also of a `file:` URL. */
export function pathOf(path: string | URL): string {
  return typeof path === 'string' ? path : fileURLToPath(path);
}

/** Whether the error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** The error of a file that cannot be read or written. */
export function fileError(
  deed: 'read' | 'write',
  path: string,
  cause: unknown,
  position: SourcePosition = {},
): SourceError {
  return new SourceError('source-failed', `cannot ${deed} ${quote(path)}: ${textOf(cause)}`, {
    cause,
    position,
  });
}
