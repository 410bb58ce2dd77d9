import { functionOf, nodeOptionsOf, oneOf } from '../core/check.ts';
import type { Duration } from '../core/duration.ts';
import type { Held } from '../core/holding-node.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow } from '../core/node.ts';
import { TickingNode } from './ticking.ts';
import { listOf, type SavedWindow, type TimedWindowOptions } from './timed-window.ts';

/** Options of `timedWindowUnique`. */
export interface TimedWindowUniqueOptions<T = unknown> extends TimedWindowOptions<T> {
  /** What makes a value the same as another; compared as keys of a `Map` are. Default: the value itself. */
  key?: ((value: T) => unknown) | undefined;
  /** Which value of several with the same key the list has, at its own place. Default `'first'`. */
  keep?: 'first' | 'last' | undefined;
}

/**
 * Emits every `interval` the list of the values with different keys that have come since the last time, in the order in
 * which those kept came. The others go no further, and their references are released. Times, flow and end are those of
 * `timedWindow`. Keeps one value per key of one window.
 */
export class TimedWindowUniqueNode<T> extends TickingNode<T, T[]> {
  override readonly kind: string = 'timedWindowUnique';
  readonly #key: (value: T) => unknown;
  readonly #keep: 'first' | 'last';
  readonly #empty: boolean;
  #elements = new Map<unknown, Held<T>>();

  constructor(interval: Duration, options: TimedWindowUniqueOptions<T> = {}) {
    nodeOptionsOf(options, ['key', 'keep', 'empty'], 'timedWindowUnique');
    const { key = itself, keep = 'first', empty = false } = options;
    oneOf(keep, ['first', 'last'], 'keep of timedWindowUnique');
    super(interval, 'timedWindowUnique', options);
    this.#key = functionOf(key, 'key of timedWindowUnique');
    this.#keep = keep;
    this.#empty = empty;
  }

  override get waiting(): number {
    return this.#elements.size;
  }

  override update(value: T, metadata: Metadata): Flow {
    const keyOf = this.#key;
    const key = keyOf(value);
    const before = this.#elements.get(key);
    if (before === undefined || this.#keep === 'last') {
      retainAll(metadata);
      this.#elements.delete(key); // the later one has its own place
      this.#elements.set(key, { value, metadata });
      if (before !== undefined) releaseAll(before.metadata);
    }
    this.collecting();
    if (this.isPassing) return this.passed();
  }

  protected override collect(): Held<T[]> | undefined {
    return listOf(this.letGo(), this.#empty && !this.isEnding);
  }

  protected override letGo(): Held<T>[] {
    const elements = [...this.#elements.values()];
    this.#elements = new Map();
    return elements;
  }

  override saveState(): SavedWindow<T> {
    return { values: Array.from(this.#elements.values(), ({ value }) => value), leftMs: this.leftMs };
  }

  override restoreState(state: unknown): void {
    const { values, leftMs } = state as SavedWindow<T>;
    const keyOf = this.#key;
    this.#elements = new Map(values.map((value) => [keyOf(value), { value, metadata: noMetadata }]));
    this.leftMs = leftMs;
  }
}

const itself = (value: unknown): unknown => value;
