import type { Duration } from '../core/duration.ts';
import { type Held, HoldingNode } from '../core/holding-node.ts';
import type { NodeOptions } from '../core/node.ts';
import { intervalMs, runTicks } from '../core/ticks.ts';

/**
 * A node that emits what it has collected at start + k · interval, without drift; start is when it is first needed. A tick
 * at which the work below is not done is left out. At the end of its upstreams it emits the rest at once.
 */
export abstract class TickingNode<I, O> extends HoldingNode<I, O> {
  readonly #intervalMs: number;
  #ticks: AbortController | undefined;
  /** Time of `monotonic` of a tick; the others are whole intervals away. */
  #tickMs = 0;
  /** From the start to the first tick. */
  #firstMs: number;
  #due = false;

  constructor(interval: Duration, what: string, options: NodeOptions<I>) {
    super(options);
    this.#intervalMs = intervalMs(interval, `interval of ${what}`);
    this.#firstMs = this.#intervalMs;
  }

  /** Takes out what has come since the last tick; nothing where that is not to be emitted. */
  protected abstract collect(): Held<O> | undefined;

  protected override take(): Held<O> | undefined {
    if (!this.#due && !this.isEnding) return undefined;
    this.#due = false;
    return this.collect();
  }

  /** How long until the next tick. */
  protected get leftMs(): number {
    if (this.#ticks === undefined) return this.#firstMs;
    const left = (this.#tickMs - this.time.monotonic()) % this.#intervalMs;
    return left > 0 ? left : left + this.#intervalMs;
  }

  /** Sets how long it is until the next tick. */
  protected set leftMs(leftMs: number) {
    this.#firstMs = leftMs;
    if (this.#ticks !== undefined) this.#start();
  }

  /** To be called with each value: ticks stop at the end of the upstreams, and go on where another is connected later. */
  protected collecting(): void {
    if (this.#ticks === undefined) this.#start();
  }

  #start(): void {
    this.#ticks?.abort();
    this.#ticks = new AbortController();
    const clock = this.time;
    this.#tickMs = clock.monotonic() + this.#firstMs;
    const options = {
      clock,
      intervalMs: this.#intervalMs,
      firstMs: this.#firstMs,
      signal: this.#ticks.signal,
    };
    void runTicks(options, async () => {
      this.#due = true;
      this.wake();
      await this.passed();
      return undefined;
    }); // never rejects
  }

  protected override onActivate(): void {
    super.onActivate();
    this.#start();
  }

  protected override onUpstreamEnd(): void {
    this.#stop();
    super.onUpstreamEnd();
  }

  #stop(): void {
    this.#ticks?.abort();
    this.#ticks = undefined;
    this.#firstMs = this.#intervalMs;
    this.#due = false;
  }

  protected override onDeactivate(): void {
    this.#stop();
    super.onDeactivate();
  }
}
