import type { Aggregation } from '../aggregate/user-aggregation.ts';
import { quote, UserCodeError } from '../errors.ts';

type Verb = 'initial' | 'onNew' | 'onOld' | 'merge';

/** Calls the functions of a user's aggregation, looks at what they return, and says whose error it was. */
export class UserCalls<Rows> {
  readonly #aggregation: Aggregation<Rows, unknown, unknown>;
  readonly #name: string;

  /** @param aggregation one of `Rows`; its own types are the user's. */
  constructor(aggregation: Aggregation<never, unknown, unknown>, name: string) {
    this.#aggregation = aggregation as Aggregation<Rows, unknown, unknown>;
    this.#name = name;
  }

  get canMerge(): boolean {
    return this.#aggregation.merge !== undefined;
  }

  get canTakeAway(): boolean {
    return this.#aggregation.onOld !== undefined;
  }

  initial(rows: Rows): unknown {
    return this.#state(
      'initial',
      this.#call('initial', () => this.#aggregation.initial(rows)),
    );
  }

  onNew(state: unknown, rows: Rows): readonly [unknown, unknown] {
    return this.#pair(
      'onNew',
      this.#call('onNew', () => this.#aggregation.onNew(state, rows)),
    );
  }

  onOld(state: unknown, rows: Rows): readonly [unknown, unknown] {
    return this.#pair(
      'onOld',
      this.#call('onOld', () => this.#aggregation.onOld!(state, rows)),
    );
  }

  merge(earlier: unknown, later: unknown): unknown {
    return this.#state(
      'merge',
      this.#call('merge', () => this.#aggregation.merge!(earlier, later)),
    );
  }

  #call(verb: Verb, run: () => unknown): unknown {
    try {
      return run();
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new UserCodeError('user-code', `${verb} of ${quote(this.#name)} threw: ${text}`, { cause });
    }
  }

  #state(verb: Verb, state: unknown): unknown {
    if (state !== undefined) return state;
    throw new UserCodeError(
      'user-code',
      `${verb} of ${quote(this.#name)} returned undefined; wanted a state`,
    );
  }

  #pair(verb: Verb, pair: unknown): readonly [unknown, unknown] {
    if (Array.isArray(pair) && pair.length === 2 && pair[0] !== undefined) return pair as [unknown, unknown];
    const got = Array.isArray(pair) ? `an array of ${pair.length}` : pair === null ? 'null' : typeof pair;
    const what = Array.isArray(pair) && pair.length === 2 ? 'undefined as its state' : got;
    throw new UserCodeError(
      'user-code',
      `${verb} of ${quote(this.#name)} returned ${what}; wanted [state, result]`,
    );
  }
}
