/**
 * Where a failure goes that nobody listens for: the global `error` event in browsers, the console
 * elsewhere (a process must not die of one bad message).
 */
export function reportUnheard(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else console.error(error);
}

/** Runs what must not fail its caller, such as a listener; a failure, a rejection too, is reported. */
export function quietly(task: () => unknown): void {
  try {
    const result = task();
    if (result instanceof Promise) result.catch(reportUnheard);
  } catch (error) {
    reportUnheard(error);
  }
}
