import { optionsOf, streamOf } from '../core/check.ts';
import { addDisposeSymbol, type Disposes, onAbort } from '../core/dispose.ts';
import { quietly } from '../core/report.ts';
import type { Stream } from '../stream.ts';

/** Options of `toStore`. */
export interface StoreOptions {
  /** Ends the store when aborted: it keeps its last element. */
  signal?: AbortSignal | undefined;
}

/**
 * The last element of a stream, and word of each new one: what user interface libraries call an external store. Its
 * functions need no `this`: `useSyncExternalStore(store.subscribe, store.getSnapshot)`.
 */
export interface Store<T> extends Disposes {
  /** Calls `listener` after each element from now on; the returned function ends that. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The last element, or what the store began with. The very same until the next element. */
  readonly getSnapshot: () => T;
}

/**
 * Follows a stream from now on, until it is disposed of or `signal` aborts. It holds nobody up: listeners are
 * called one after the other, in the order they came, one that throws is reported and stops
 * no other, and one that has unsubscribed meanwhile is not called any more.
 *
 * The elements themselves are handed out; whoever emits the same object again, changed, shows nothing new to
 * libraries that compare.
 */
export function toStore<T>(stream: Stream<T>, initial: T, options?: StoreOptions): Store<T>;
export function toStore<T>(
  stream: Stream<T>,
  initial?: undefined,
  options?: StoreOptions,
): Store<T | undefined>;
export function toStore<T>(stream: Stream<T>, initial?: T, options: StoreOptions = {}): Store<T | undefined> {
  streamOf(stream, 'toStore');
  optionsOf(options, ['signal'], 'toStore');
  return new StreamStore<T | undefined>(stream as Stream<T | undefined>, initial, options);
}

class StreamStore<T> implements Store<T> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => T;
  readonly dispose: () => void;
  declare [Symbol.dispose]: () => void;

  static {
    addDisposeSymbol(StreamStore.prototype as unknown as Disposes);
  }

  constructor(stream: Stream<T>, initial: T, { signal }: StoreOptions) {
    let snapshot = initial;
    /** One entry per subscription: the same function may subscribe twice. */
    const listeners = new Set<{ readonly call: () => void }>();
    const hear = (value: T): void => {
      snapshot = value;
      for (const listener of [...listeners]) if (listeners.has(listener)) quietly(listener.call);
    };
    const sink = stream.sink(hear, { name: 'store', signal });
    this.getSnapshot = () => snapshot;
    this.subscribe = (call) => {
      const listener = { call };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    };
    const forget = onAbort(signal, () => listeners.clear());
    this.dispose = () => {
      forget();
      listeners.clear();
      sink.dispose();
    };
  }
}
