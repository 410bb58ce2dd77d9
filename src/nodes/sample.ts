import { nodeOptionsOf } from '../core/check.ts';
import type { Duration } from '../core/duration.ts';
import type { Held } from '../core/holding-node.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow, NodeOptions } from '../core/node.ts';
import { TickingNode } from './ticking.ts';

interface SavedSample<T> {
  readonly values: readonly T[];
  readonly leftMs: number;
}

/**
 * Emits every `interval` the newest value, where one has come since the last time. Times are start + k · `interval`, without
 * drift; start is when the node is first needed. Never holds up the emitter: a value that comes meanwhile takes the place
 * of the one that waits, which counts as dropped. Keeps one value.
 *
 * While the work below is not done, nothing is emitted. At the end of the upstreams the value left is emitted at once.
 * Failures below go to `onError`.
 */
export class SampleNode<T> extends TickingNode<T, T> {
  override readonly kind: string = 'sample';
  #newest: Held<T> | undefined;

  constructor(interval: Duration, options: NodeOptions<T> = {}) {
    super(interval, 'sample', nodeOptionsOf(options, [], 'sample'));
  }

  override get waiting(): number {
    return this.#newest === undefined ? 0 : 1;
  }

  override update(value: T, metadata: Metadata): Flow {
    const before = this.#newest;
    retainAll(metadata);
    this.#newest = { value, metadata };
    this.collecting();
    if (before === undefined) return;
    this.drop();
    releaseAll(before.metadata);
  }

  protected override collect(): Held<T> | undefined {
    const newest = this.#newest;
    this.#newest = undefined;
    return newest;
  }

  protected override letGo(): Held<T>[] {
    const newest = this.collect();
    return newest === undefined ? [] : [newest];
  }

  override saveState(): SavedSample<T> {
    const newest = this.#newest;
    return { values: newest === undefined ? [] : [newest.value], leftMs: this.leftMs };
  }

  override restoreState(state: unknown): void {
    const { values, leftMs } = state as SavedSample<T>;
    for (const value of values) this.#newest = { value, metadata: noMetadata };
    this.leftMs = leftMs;
  }
}
