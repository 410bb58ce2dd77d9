/** Time to wait before trying again. */
export interface BackoffOptions {
  /** Longest wait after the first failure, in ms; it doubles with each further one. */
  readonly minMs: number;
  readonly maxMs: number;
  /** A number from 0 to 1. */
  readonly random: () => number;
}

/** Full jitter: a random time up to a bound that doubles with each failure. `failures` counts from 1. */
export function backoffMs(failures: number, { minMs, maxMs, random }: BackoffOptions): number {
  return random() * Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 50));
}

/**
 * Milliseconds that a `Retry-After` header asks for: seconds, or an HTTP date counted from `nowMs`. `undefined` where
 * it is missing or nonsense.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Only dates: what the platform makes of "5.5" or "-3" is no time to wait.
  if (!/^[a-z]{3}.*\d{4}/i.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
