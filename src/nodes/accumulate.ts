import { functionOf, nodeOptionsOf } from '../core/check.ts';
import { cloned } from '../core/cloned.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, labelOf, Node, type NodeOptions } from '../core/node.ts';

/** Options of `accumulate`. */
export interface AccumulateOptions<S, I = unknown> extends NodeOptions<I> {
  /**
   * State before the first value; shared, not copied. `start: undefined` is a start, too. Where there is
   * none, the first value becomes the state and is emitted as it is.
   */
  start?: S;
  /** The function gives `[state, result]`, and the result is emitted in place of the state. Default `false`. */
  returnsState?: boolean;
  /** Emits `[state, result]`, where without `returnsState` the result is the state itself. Default `false`. */
  withState?: boolean;
}

/**
 * Emits the state after each value: `state = fn(state, value)`. Keeps the state; where `fn` throws, it stays
 * as it was.
 */
export class AccumulateNode<S, I, O> extends Node<I, O> {
  override readonly kind: string = 'accumulate';
  readonly #fn: (state: S, value: I) => unknown;
  readonly #returnsState: boolean;
  readonly #withState: boolean;
  #started: boolean;
  #state: S | undefined;

  constructor(fn: (state: S, value: I) => unknown, options: AccumulateOptions<S, I> = {}) {
    functionOf(fn, 'accumulate');
    nodeOptionsOf(options, ['start', 'returnsState', 'withState'], 'accumulate');
    super({ ...options, name: options.name ?? labelOf('accumulate', fn) });
    this.#fn = fn;
    this.#returnsState = options.returnsState ?? false;
    this.#withState = options.withState ?? false;
    this.#started = 'start' in options;
    this.#state = options.start;
  }

  override update(value: I, metadata: Metadata): Flow {
    if (!this.#started) {
      this.#started = true;
      return this.#emitResult(value as unknown as S, value, metadata);
    }
    const fn = this.#fn;
    const given = fn(this.#state as S, value);
    if (!this.#returnsState) return this.#emitResult(given as S, given, metadata);
    const [state, result] = given as readonly [S, unknown];
    return this.#emitResult(state, result, metadata);
  }

  #emitResult(state: S, result: unknown, metadata: Metadata): Flow {
    this.#state = state;
    return this.emit((this.#withState ? [state, result] : result) as O, metadata);
  }

  /** @throws `not-available` for a state that cannot be cloned, such as one of a class of the program's own. */
  override saveState(): unknown {
    return this.#started ? [cloned(this.#state, this.label)] : [];
  }

  override restoreState(state: unknown): void {
    const [saved] = state as [S?];
    this.#started = (state as unknown[]).length > 0;
    this.#state = cloned(saved, this.label);
  }
}
