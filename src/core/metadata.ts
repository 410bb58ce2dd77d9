import { GraphError } from '../errors.ts';
import { functionOf, optionsOf } from './check.ts';
import { quietly } from './report.ts';

/**
 * Told when the last work on an element is done; `error` is the first failure on the way, if any. What
 * it throws, or its promise rejects with, is reported and stops nothing.
 */
export type OnDone = (error?: unknown) => void;

/** Options of a reference counter. */
export interface RefCounterOptions {
  /** Called exactly once, when the count comes back to zero. */
  onDone?: OnDone;
}

/**
 * Counts who still works on an element. Every node that holds the element retains it and releases it
 * when its own work, asynchronous work included, is done; with the last release `onDone` runs, once.
 * That is how a source learns that an offset may be committed.
 */
export class RefCounter {
  readonly #onDone: OnDone | undefined;
  #count = 0;
  #done = false;
  #failed = false;
  #error: unknown;

  constructor(options?: RefCounterOptions) {
    const onDone = options?.onDone;
    if (onDone !== undefined) functionOf(onDone, 'onDone of RefCounter');
    else if (options !== undefined) optionsOf(options, ['onDone'], 'RefCounter');
    this.#onDone = onDone;
  }

  /** How many holders there are now. */
  get count(): number {
    return this.#count;
  }

  /** Whether `onDone` has run. */
  get done(): boolean {
    return this.#done;
  }

  /** Says that `n` more work on the element. */
  retain(n = 1): void {
    this.#count += n;
  }

  /** Says that `n` of them are done; the last one calls `onDone`. */
  release(n = 1): void {
    this.#count -= n;
    if (this.#count > 0 || this.#done) return;
    this.#done = true;
    quietly(() => (this.#failed ? this.#onDone?.(this.#error) : this.#onDone?.()));
  }

  /** Remembers the first failure, for `onDone`. Does not change the count. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#error = error;
  }
}

/** What travels beside an element. `ref` is the one key the library knows; the rest is the user's. */
export interface ElementMetadata {
  readonly ref?: RefCounter;
  readonly [key: string]: unknown;
}

/** The metadata of one element: that of every source element it was made from, in order. */
export type Metadata = readonly ElementMetadata[];

/** The metadata of an element that has none. Compared by identity on the fast path. */
export const noMetadata: Metadata = Object.freeze([]);

/** The metadata of what is made of two elements. */
export function concatMetadata(a: Metadata, b: Metadata): Metadata {
  if (a.length === 0) return b;
  return b.length === 0 ? a : [...a, ...b];
}

/** The reference counters of an element without the rest of its metadata, for what is part of it. */
export function referencesOf(metadata: Metadata): Metadata {
  if (metadata.length === 0) return metadata;
  return metadata.flatMap(({ ref }) => (ref === undefined ? [] : [{ ref }]));
}

/** One more holder for each reference counter of an element. */
export function retainAll(metadata: Metadata, n = 1): void {
  for (const { ref } of metadata) ref?.retain(n);
}

/** One holder fewer for each reference counter of an element. */
export function releaseAll(metadata: Metadata, n = 1): void {
  for (const { ref } of metadata) ref?.release(n);
}

/** Tells each reference counter of an element of a failure. */
export function failAll(metadata: Metadata, error: unknown): void {
  for (const { ref } of metadata) ref?.fail(error);
}

/**
 * Tells the counters of an element that `where` was stopped and will not pass it on, so that nobody takes the
 * element for done. Does not release.
 */
export function failStopped(metadata: Metadata, where: string): void {
  if (metadata.length === 0) return;
  failAll(metadata, new GraphError('disposed', `${where} was stopped before it had passed the element on`));
}
