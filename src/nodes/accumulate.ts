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
}

/**
 * Emits the state after each value: `state = fn(state, value)`. Keeps the state; where `fn` throws, it stays
 * as it was.
 */
export class AccumulateNode<S, I, O> extends Node<I, O> {
  override readonly kind: string = 'accumulate';
  readonly #fn: (state: S, value: I) => unknown;
  readonly #returnsState: boolean;
  #started: boolean;
  #state: S | undefined;

  constructor(fn: (state: S, value: I) => unknown, options: AccumulateOptions<S, I> = {}) {
    super({ ...options, name: options.name ?? labelOf('accumulate', fn) });
    this.#fn = fn;
    this.#returnsState = options.returnsState ?? false;
    this.#started = 'start' in options;
    this.#state = options.start;
  }

  override update(value: I, metadata: Metadata): Flow {
    if (!this.#started) {
      this.#started = true;
      this.#state = value as unknown as S;
      return this.emit(value as unknown as O, metadata);
    }
    const fn = this.#fn;
    const given = fn(this.#state as S, value);
    if (!this.#returnsState) {
      this.#state = given as S;
      return this.emit(given as O, metadata);
    }
    const [state, result] = given as readonly [S, O];
    this.#state = state;
    return this.emit(result, metadata);
  }
}
