import { nodeOptionsOf } from '../core/check.ts';
import { type Clock, systemClock, type Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { Fifo } from '../core/fifo.ts';
import { failStopped, type Metadata, noMetadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';

interface Waiting<T> {
  readonly value: T;
  readonly metadata: Metadata;
  readonly resolve: (flow: Flow) => void;
  readonly reject: (error: unknown) => void;
}

interface SavedLimit<T> {
  readonly values: readonly T[];
  /** How long until the next element may go. */
  readonly leftMs: number;
}

/**
 * Emits at most one element per `interval`, in order. An element that comes early waits for its turn, and its
 * emitter with it. A turn that the timer took late is made up by the next one, by less than an interval.
 * Keeps the elements that wait; their number is up to the emitters.
 *
 * When nothing needs the node any more, it drops the elements that wait, and their reference counters hear of it.
 */
export class RateLimitNode<T> extends Node<T, T> {
  override readonly kind: string = 'rateLimit';
  readonly #intervalMs: number;
  readonly #queue = new Fifo<Waiting<T>>();
  #source: Clock = systemClock;
  #timer: Timer | undefined;
  /** When the next element may go. */
  #nextMs = Number.NEGATIVE_INFINITY;
  #ending = false;

  constructor(interval: Duration, options: NodeOptions<T> = {}) {
    super(nodeOptionsOf(options, [], 'rateLimit'));
    this.#intervalMs = durationMs(interval, 'interval of rateLimit');
  }

  override get waiting(): number {
    return this.#queue.length;
  }

  override update(value: T, metadata: Metadata): Flow {
    const now = this.#source.monotonic();
    if (this.#queue.length === 0 && now >= this.#nextMs) {
      this.#nextMs = now + this.#intervalMs;
      return this.emit(value, metadata);
    }
    const flow = new Promise<void>((resolve, reject) => {
      this.#queue.push({ value, metadata, resolve, reject });
    });
    if (this.#timer === undefined) this.#wait(now);
    return flow;
  }

  #wait(now: number): void {
    this.#timer = this.#source.setTimer(this.#nextMs - now, () => this.#turn());
  }

  #turn(): void {
    this.#timer = undefined;
    const now = this.#source.monotonic();
    if (now < this.#nextMs) {
      this.#wait(now); // timers of the platform can be early by a fraction
      return;
    }
    const { value, metadata, resolve, reject } = this.#queue.shift()!;
    const late = now - this.#nextMs;
    this.#nextMs = (late < this.#intervalMs ? this.#nextMs : now) + this.#intervalMs;
    if (this.#queue.length > 0) this.#wait(now);
    try {
      resolve(this.emit(value, metadata));
    } catch (error) {
      reject(error);
    }
    this.#endWhenEmpty();
  }

  #endWhenEmpty(): void {
    if (this.#ending && this.isCutOff && this.#queue.length === 0) this.end();
  }

  override saveState(): SavedLimit<T> {
    const values = Array.from({ length: this.#queue.length }, (_, i) => this.#queue.at(i)!.value);
    return { values, leftMs: Math.max(0, this.#nextMs - this.clock.monotonic()) };
  }

  override restoreState(state: unknown): void {
    const { values, leftMs } = state as SavedLimit<T>;
    this.#nextMs = this.clock.monotonic() + leftMs;
    for (const value of values) {
      // Nobody waits for these, so that failures go to the error policy.
      const reject = (error: unknown): void => void this.failDetached(error, value, noMetadata);
      const resolve = (flow: Flow): void => void flow?.catch(reject);
      this.#queue.push({ value, metadata: noMetadata, resolve, reject });
    }
    if (this.active) this.#waitForFirst();
  }

  #waitForFirst(): void {
    if (this.#queue.length > 0 && this.#timer === undefined) this.#wait(this.#source.monotonic());
  }

  protected override onActivate(): void {
    this.#source = this.clock;
    this.#waitForFirst();
  }

  protected override onUpstreamEnd(): void {
    this.#ending = true;
    this.#endWhenEmpty();
  }

  protected override onDeactivate(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const { metadata, resolve } of this.#queue.drain()) {
      failStopped(metadata, this.label);
      resolve();
    }
    this.#endWhenEmpty();
  }
}
