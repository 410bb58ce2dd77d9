import type { Duration } from '../core/duration.ts';
import { intervalMs, runTicks } from '../core/ticks.ts';
import { SourceError } from '../errors.ts';
import { Source, SourceNode, type SourceOptions, textOf } from './source.ts';

/** What the function of `fromInterval` is called with. */
export interface IntervalTick {
  /** Number of the call, from 0, since the source was started. */
  readonly tick: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `now` of the call before; at the first call, `now` less one interval. */
  readonly last: number;
  /** Aborts when the source stops. */
  readonly signal: AbortSignal;
}

/** Options of `fromInterval`. */
export interface IntervalOptions extends SourceOptions {
  /** Time between calls. Default `'500ms'`. */
  interval?: Duration | undefined;
  /** Make the first call at once rather than one interval after the start. Default `false`. */
  immediate?: boolean | undefined;
}

/**
 * What `fn` gives, whatever it is, called once per interval while something listens; without `fn`, the numbers from 0. For rows
 * of a frame there is `fromPeriodic`.
 *
 * Calls are at start + k · interval, without drift, and never overlap, work below included: a late call delays the next,
 * and ticks missed meanwhile are left out. A promise is awaited; `undefined` and `null` are elements like any other. A
 * function that throws is reported with the number of the tick as `position.message`, and the next tick goes on. What it
 * gives after the source was stopped is thrown away. Keeps nothing.
 *
 * @throws `bad-option` for an interval that is none.
 */
export function fromInterval(fn?: undefined, options?: IntervalOptions): Source<number>;
export function fromInterval<T>(
  fn: (tick: IntervalTick) => T | PromiseLike<T>,
  options?: IntervalOptions,
): Source<T>;
export function fromInterval(
  fn: (tick: IntervalTick) => unknown = ({ tick }) => tick,
  options: IntervalOptions = {},
): unknown {
  return new Source(new IntervalNode(fn, options));
}

class IntervalNode<T> extends SourceNode<T> {
  override readonly kind: string = 'fromInterval';
  readonly #fn: (tick: IntervalTick) => T | PromiseLike<T>;
  readonly #intervalMs: number;
  readonly #immediate: boolean;

  constructor(fn: (tick: IntervalTick) => T | PromiseLike<T>, options: IntervalOptions) {
    super(options);
    this.#fn = fn;
    this.#intervalMs = intervalMs(options.interval ?? '500ms');
    this.#immediate = options.immediate ?? false;
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    this.setState('live');
    const fn = this.#fn;
    const firstMs = this.#immediate ? 0 : this.#intervalMs;
    const options = { intervalMs: this.#intervalMs, clock: this.clock, firstMs, signal };
    await runTicks(options, async ({ tick, now, last }) => {
      let value: T;
      try {
        value = await fn({ tick, now, last, signal });
      } catch (cause) {
        if (!this.stopped(signal)) {
          const text = `function threw on tick ${tick}: ${textOf(cause)}`;
          this.report(new SourceError('user-code', text, { cause, position: { message: tick } }));
        }
        return undefined;
      }
      if (!this.stopped(signal)) await this.deliver(value, signal);
      return undefined;
    });
  }
}
