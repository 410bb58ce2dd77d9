import { optionsOf } from './check.ts';
import { addDisposeSymbol, type Disposes, onAbort } from './dispose.ts';
import { reportUnheard } from './report.ts';

/** Options of a scope. */
export interface ScopeOptions {
  /** Disposes of the scope when aborted. */
  signal?: AbortSignal | undefined;
}

/**
 * Owns sinks, sources and whatever else has to end together: a page, a panel, a test. Give `scope.signal` to what takes
 * a signal, and the rest to `own`.
 */
export class Scope implements Disposes {
  declare [Symbol.dispose]: () => void;
  readonly #controller = new AbortController();
  readonly #forget: () => void;
  #owned: (() => void)[] = [];

  static {
    addDisposeSymbol(Scope.prototype);
  }

  constructor(options: ScopeOptions = {}) {
    const { signal } = optionsOf(options, ['signal'], 'Scope');
    this.#forget = onAbort(signal, () => this.dispose());
  }

  /** Aborted when the scope is disposed of. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get disposed(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Disposes of `thing` with the scope, at once where that has happened already. Gives `thing`. */
  own<T extends { dispose(): void }>(thing: T): T {
    this.defer(() => thing.dispose());
    return thing;
  }

  /** Calls `end` when the scope is disposed of, at once where it has been. */
  defer(end: () => void): void {
    if (this.disposed) end();
    else this.#owned.push(end);
  }

  /** Ends all it owns, the newest first, each even if another fails; failures are reported. Harmless when repeated. */
  dispose(): void {
    if (this.disposed) return;
    this.#controller.abort();
    this.#forget?.();
    const owned = this.#owned;
    this.#owned = [];
    for (const end of owned.toReversed()) {
      try {
        end();
      } catch (error) {
        reportUnheard(error);
      }
    }
  }
}
