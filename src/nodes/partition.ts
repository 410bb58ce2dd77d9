import { nodeOptionsOf, wholeNumber } from '../core/check.ts';
import { type Clock, systemClock, type Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { inOrder, together } from '../core/flow.ts';
import { type ElementMetadata, type Metadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { dropHeld, emitHeld } from './held.ts';
import { type KeyOf, keyFunction } from './pick.ts';

/** Options of `partition`. */
export interface PartitionOptions<T = unknown> extends NodeOptions<T> {
  /** How long the first element of a partition waits for the others; then there are fewer. Default: for ever. */
  timeout?: Duration | undefined;
  /** A function of the element, or one of its fields: elements of equal keys are put together. */
  key?: KeyOf<T> | undefined;
}

/** Elements that wait for others. */
interface Part<T> {
  readonly key: unknown;
  readonly values: T[];
  readonly metadata: ElementMetadata[];
  /** When it goes out as it is. */
  dueMs: number;
  timer: Timer | undefined;
}

interface SavedPart<T> {
  readonly key: unknown;
  readonly values: readonly T[];
  /** How much of the timeout is left. */
  readonly leftMs: number;
}

/**
 * Emits arrays of `size` elements, of each key its own. With `timeout` an array goes out when its oldest element
 * has waited that long; while work on such an array goes on, emitters wait for it. When the stream ends, the
 * rest goes out, the oldest arrays first.
 *
 * Keeps fewer than `size` elements of each key that waits, and nothing of a key whose elements are out. Elements that wait when
 * nothing needs the node any more are dropped, and their reference counters hear of it.
 */
export class PartitionNode<T> extends Node<T, T[]> {
  override readonly kind: string = 'partition';
  readonly #size: number;
  readonly #timeoutMs: number;
  readonly #keyOf: ((value: T) => unknown) | undefined;
  readonly #parts = new Map<unknown, Part<T>>();
  #source: Clock = systemClock;
  /** Work on arrays that went out by the clock. */
  #late: Promise<void> | undefined;

  constructor(size: number, options: PartitionOptions<T> = {}) {
    const { timeout, key } = nodeOptionsOf(options, ['timeout', 'key'], 'partition');
    super(options);
    this.#size = wholeNumber(size, 'size of partition', 1);
    this.#timeoutMs =
      timeout === undefined ? Number.POSITIVE_INFINITY : durationMs(timeout, 'timeout of partition');
    this.#keyOf = keyFunction(key, 'partition');
  }

  override get waiting(): number {
    let count = 0;
    for (const { values } of this.#parts.values()) count += values.length;
    return count;
  }

  override update(value: T, metadata: Metadata): Flow {
    const key = this.#keyOf?.(value);
    const part = this.#parts.get(key) ?? this.#open(key, this.#timeoutMs);
    retainAll(metadata);
    part.values.push(value);
    for (const one of metadata) part.metadata.push(one);
    if (part.values.length < this.#size) return this.#late;
    this.#take(part);
    if (this.#late === undefined) return emitHeld(this, part.values, part.metadata);
    const late = this.#late;
    return together(this, [() => late, () => emitHeld(this, part.values, part.metadata)]);
  }

  #open(key: unknown, leftMs: number): Part<T> {
    const part: Part<T> = { key, values: [], metadata: [], dueMs: this.#now() + leftMs, timer: undefined };
    this.#parts.set(key, part);
    if (this.active) this.#wait(part, leftMs);
    return part;
  }

  /** Time as it passes for the elements that wait: not before the node is active. */
  #now(): number {
    return this.active ? this.#source.monotonic() : 0;
  }

  #wait(part: Part<T>, leftMs: number): void {
    if (leftMs === Number.POSITIVE_INFINITY || this.#size === 1) return;
    part.timer = this.#source.setTimer(leftMs, () => this.#timedOut(part));
  }

  #take(part: Part<T>): void {
    part.timer?.cancel();
    this.#parts.delete(part.key);
  }

  #timedOut(part: Part<T>): void {
    this.#take(part);
    const flow = this.#emitLate(part);
    if (flow === undefined) return;
    const late = this.#late === undefined ? flow : Promise.all([this.#late, flow]).then(() => {});
    this.#late = late;
    void late.then(() => {
      if (this.#late === late) this.#late = undefined;
    });
  }

  /** Never fails. */
  #emitLate({ values, metadata }: Part<T>): Flow {
    const flow = this.emitDetached(values, metadata);
    releaseAll(metadata);
    return flow;
  }

  override saveState(): unknown {
    const now = this.#now();
    return Array.from(
      this.#parts.values(),
      ({ key, values, dueMs }): SavedPart<T> => ({
        key,
        values: values.slice(),
        leftMs: Math.max(0, dueMs - now),
      }),
    );
  }

  override restoreState(state: unknown): void {
    this.#drop();
    for (const { key, values, leftMs } of state as SavedPart<T>[]) {
      const part = this.#open(key, leftMs);
      for (const value of values) part.values.push(value);
    }
  }

  protected override onActivate(): void {
    this.#source = this.clock;
    for (const part of this.#parts.values()) {
      this.#wait(part, part.dueMs);
      part.dueMs += this.#now();
    }
  }

  protected override onUpstreamEnd(): void {
    const parts = [...this.#parts.values()];
    for (const part of parts) this.#take(part);
    const flow = inOrder(parts.length, (i) => this.#emitLate(parts[i]!));
    this.endAfter(flow);
  }

  protected override onDeactivate(): void {
    this.#drop();
  }

  #drop(): void {
    for (const part of [...this.#parts.values()]) {
      this.#take(part);
      dropHeld(part.metadata, this.label);
    }
  }
}
