import { functionOf, isThenable, nodeOptionsOf } from '../core/check.ts';
import { type Disposes, onAbort } from '../core/dispose.ts';
import { EndNode } from '../core/end-node.ts';
import { type Flow, labelOf, type NodeOptions } from '../core/node.ts';

/** The end of a branch. It keeps the branch working until it is disposed of. */
export interface Sink extends Disposes {
  readonly disposed: boolean;
  /**
   * Ends when all sources above have ended and the sink has worked off everything, failures included, or when it is disposed of. Never
   * rejects.
   */
  readonly done: Promise<void>;
}

/** Options of `sink`. */
export interface SinkOptions<T = unknown> extends NodeOptions<T> {
  /** Disposes of the sink when aborted. */
  signal?: AbortSignal | undefined;
}

/**
 * Calls `fn` with each value. Where that gives a promise, the value counts as worked on when the promise
 * is done. Keeps nothing.
 */
export class SinkNode<T> extends EndNode<T> implements Sink {
  override readonly kind: string = 'sink';
  readonly #fn: (value: T) => unknown;
  #forget: () => void = nothing;

  constructor(fn: (value: T) => unknown, options: SinkOptions<T> = {}) {
    const { signal, name, clock, onError } = nodeOptionsOf(options, ['signal'], 'sink');
    super({ clock, onError, name: name ?? labelOf('sink', fn) });
    this.#fn = functionOf(fn, 'sink');
    this.begin();
    this.#forget = onAbort(signal, () => this.dispose());
  }

  override update(value: T): Flow {
    const fn = this.#fn;
    const result = fn(value);
    if (isThenable(result)) return Promise.resolve(result).then(nothing);
  }

  protected override onDispose(): void {
    this.#forget();
    super.onDispose();
  }
}

function nothing(): void {}
