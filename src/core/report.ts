/**
 * Where a failure goes that nobody listens for: the global `error` event in browsers, the console
 * elsewhere (a process must not die of one bad message).
 */
export function reportUnheard(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else console.error(error);
}
