import { reportUnheard } from './report.ts';

/**
 * The well-known symbol of `using`, or the stand-in that compilers use where the platform lacks it.
 */
export const disposeSymbol: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);

/** Something that holds resources until it is disposed of; works with `using`. Disposing twice is harmless. */
export interface Disposes {
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * Gives a class with `dispose` the method that `using` looks for. Called in a static block of the class, which declares
 * the member: written as a method, its name would be `undefined` on platforms without the symbol.
 */
export function addDisposeSymbol(prototype: Disposes): void {
  Object.defineProperty(prototype, disposeSymbol, {
    value(this: Disposes) {
      this.dispose();
    },
    configurable: true,
    writable: true,
  });
}

/**
 * What `work` gives, or `undefined` as soon as `signal` aborts. Leaves nothing behind on a signal that lives longer
 * than the work, as `Promise.race` with one promise for all would.
 */
export function unlessAborted<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => resolve(undefined));
    work.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error) => {
        forget();
        reject(error);
      },
    );
  });
}

/** Calls `end` when `signal` aborts, or at once if it has; the returned function forgets about it. */
export function onAbort(signal: AbortSignal | undefined, end: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    end();
    return () => {};
  }
  let waiting = waitingFor.get(signal);
  if (waiting === undefined) {
    waiting = new Waiting(signal);
    waitingFor.set(signal, waiting);
  }
  return waiting.add(end);
}

/** One listener on each signal however many ends wait for it: platforms take many for a leak and warn. */
const waitingFor = new WeakMap<AbortSignal, Waiting>();

class Waiting {
  readonly #signal: AbortSignal;
  readonly #ends = new Set<{ readonly end: () => void }>();
  readonly #aborted = (): void => {
    for (const waiting of this.#ends) {
      this.#ends.delete(waiting);
      try {
        waiting.end();
      } catch (error) {
        reportUnheard(error);
      }
    }
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(end: () => void): () => void {
    if (this.#ends.size === 0) this.#signal.addEventListener('abort', this.#aborted, { once: true });
    const waiting = { end };
    this.#ends.add(waiting);
    return () => {
      if (this.#ends.delete(waiting) && this.#ends.size === 0) {
        this.#signal.removeEventListener('abort', this.#aborted);
      }
    };
  }
}
