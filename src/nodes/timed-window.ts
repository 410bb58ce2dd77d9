import { nodeOptionsOf } from '../core/check.ts';
import type { Duration } from '../core/duration.ts';
import type { Held } from '../core/holding-node.ts';
import { type Metadata, noMetadata, retainAll } from '../core/metadata.ts';
import type { Flow, NodeOptions } from '../core/node.ts';
import { TickingNode } from './ticking.ts';

/** Options of `timedWindow`. */
export interface TimedWindowOptions<T = unknown> extends NodeOptions<T> {
  /** Also emit a list, an empty one, where nothing came within the interval. Default `false`. */
  empty?: boolean | undefined;
}

/** What a timed window saves. */
export interface SavedWindow<T> {
  readonly values: readonly T[];
  /** How long until the window ends. */
  readonly leftMs: number;
}

/**
 * Emits every `interval` the list of the values that have come since the last time, oldest first. Windows end at start + k ·
 * `interval`, without drift; start is when the node is first needed. Keeps the values of one window.
 *
 * While the work below on a window is not done, the next one goes on, if need be to the first such time after that, and
 * emitters wait: each that does adds no more than one value. At the end of the upstreams the values left are emitted at
 * once. Failures below go to `onError`.
 */
export class TimedWindowNode<T> extends TickingNode<T, T[]> {
  override readonly kind: string = 'timedWindow';
  readonly #empty: boolean;
  #elements: Held<T>[] = [];

  constructor(interval: Duration, options: TimedWindowOptions<T> = {}) {
    super(interval, 'timedWindow', nodeOptionsOf(options, ['empty'], 'timedWindow'));
    this.#empty = options.empty ?? false;
  }

  override get waiting(): number {
    return this.#elements.length;
  }

  override update(value: T, metadata: Metadata): Flow {
    retainAll(metadata);
    this.#elements.push({ value, metadata });
    this.collecting();
    if (this.isPassing) return this.passed();
  }

  protected override collect(): Held<T[]> | undefined {
    return listOf(this.letGo(), this.#empty && !this.isEnding);
  }

  protected override letGo(): Held<T>[] {
    const elements = this.#elements;
    this.#elements = [];
    return elements;
  }

  override saveState(): SavedWindow<T> {
    return { values: this.#elements.map(({ value }) => value), leftMs: this.leftMs };
  }

  override restoreState(state: unknown): void {
    const { values, leftMs } = state as SavedWindow<T>;
    this.#elements = values.map((value) => ({ value, metadata: noMetadata }));
    this.leftMs = leftMs;
  }
}

/** The elements of a window as one, their metadata one after the other; nothing for none, unless `orEmpty`. */
export function listOf<T>(elements: readonly Held<T>[], orEmpty: boolean): Held<T[]> | undefined {
  if (elements.length === 0 && !orEmpty) return undefined;
  return {
    value: elements.map(({ value }) => value),
    metadata: elements.flatMap(({ metadata }) => metadata),
  };
}
