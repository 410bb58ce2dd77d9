import { GraphError, type MillraceError, quote } from '../errors.ts';
import { type Duration, durationMs } from './duration.ts';
import type { Metadata } from './metadata.ts';

/** An element that a node failed on, and why. */
export interface FailedElement<T> {
  readonly value: T;
  /** Its `path` begins at the node that failed. */
  readonly error: MillraceError;
}

/** Something that elements can be given to, such as a `Stream`. */
export interface Outlet<T> {
  readonly node: { emit(value: T, metadata?: Metadata): void | Promise<void> };
}

/** Tries an element again before anything else is done about it. */
export interface RetryPolicy<T> {
  /** How often to try again. */
  readonly retry: number;
  /** Wait before the first retry. Default `'100ms'`. */
  readonly delay?: Duration;
  /** What each further wait is multiplied by. Default 2. */
  readonly factor?: number;
  /** Longest wait. Default `'30s'`. */
  readonly maxDelay?: Duration;
  /** What to do about an element that failed each time. Default `'raise'`. */
  readonly otherwise?: Exclude<ErrorPolicy<T>, RetryPolicy<T>>;
}

/**
 * What becomes of an element that a node fails on. A failure of a node further below is that node's.
 *
 * - `'raise'`: the emitter gets the error, and so do the reference counters of the element. The default.
 * - `'skip'`: the element goes no further; the node counts it as dropped.
 * - a function: it is told, and the element goes no further.
 * - a stream: the element and its error go there, with the metadata (a dead-letter stream).
 * - `{ retry: 3 }`: the element is tried again; those that come after it has failed wait for it.
 */
export type ErrorPolicy<T> =
  | 'raise'
  | 'skip'
  | ((error: MillraceError, value: T) => void)
  | Outlet<FailedElement<T>>
  | RetryPolicy<T>;

/** Waits between the attempts of a policy, and what follows them. */
export interface Attempts<T> {
  readonly waitsMs: readonly number[];
  readonly otherwise: Exclude<ErrorPolicy<T>, RetryPolicy<T>>;
}

/**
 * The policy as attempts; nothing for `'raise'`.
 *
 * @throws `bad-option` for one that is none of the forms above.
 */
export function attemptsOf<T>(policy: ErrorPolicy<T> | undefined): Attempts<T> | undefined {
  if (policy === undefined || policy === 'raise') return undefined;
  if (policy === 'skip' || typeof policy === 'function') return { waitsMs: [], otherwise: policy };
  if (typeof policy === 'object' && policy !== null) {
    if ('node' in policy) return { waitsMs: [], otherwise: policy };
    if ('retry' in policy) {
      const otherwise = attemptsOf(policy.otherwise)?.otherwise ?? 'raise';
      return { waitsMs: waitsOf(policy), otherwise };
    }
  }
  throw new GraphError(
    'bad-option',
    `onError must be 'raise', 'skip', a function, a stream or { retry: n }, got ${typeof policy === 'string' ? quote(policy) : typeof policy}`,
  );
}

function waitsOf<T>({
  retry,
  delay = '100ms',
  factor = 2,
  maxDelay = '30s',
}: RetryPolicy<T>): readonly number[] {
  if (!(Number.isInteger(retry) && retry >= 0 && retry <= maxRetries)) {
    throw new GraphError(
      'bad-option',
      `retry of onError must be a whole number from 0 to ${maxRetries}, got ${String(retry)}`,
    );
  }
  if (!(factor >= 1)) {
    throw new GraphError('bad-option', `factor of onError must be at least 1, got ${String(factor)}`);
  }
  const longest = durationMs(maxDelay, 'maxDelay of onError');
  const first = durationMs(delay, 'delay of onError');
  return Array.from({ length: retry }, (_, i) =>
    Math.min(longest, first * Math.min(factor ** i, Number.MAX_VALUE)),
  );
}

const maxRetries = 1000;
