import { optionsOf } from '../core/check.ts';
import type { Clock } from '../core/clock.ts';
import { onAbort } from '../core/dispose.ts';
import type { Duration } from '../core/duration.ts';
import { noMetadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { intervalMs, runTicks } from '../core/ticks.ts';
import { GraphObserver, type NodeMetrics } from './observer.ts';

/** Options of `metrics`. */
export interface MetricsOptions {
  /** Time between two readings. Default `'1s'`. */
  interval?: Duration | undefined;
  /** Ends the readings when aborted. */
  signal?: AbortSignal | undefined;
  /** Where time is taken from. Default: the clock of the observed graph. */
  clock?: Clock | undefined;
  /** Shown in error paths. */
  name?: string | undefined;
}

/**
 * Gives the figures of all nodes of another graph once per interval, while something listens; nothing is counted
 * before and after. It is not connected to what it observes. A reading that finds the one before still being worked on
 * is left out; its figures are in the next. Ends with the node it was made for.
 */
export class MetricsNode extends Node<never, readonly NodeMetrics[]> {
  override readonly kind: string = 'metrics';
  readonly #observes: Node<never, unknown>;
  readonly #intervalMs: number;
  readonly #forget: () => void;
  #running: AbortController | undefined;

  constructor(observes: Node<never, unknown>, options: MetricsOptions = {}) {
    optionsOf(options, ['interval', 'signal', 'clock', 'name'], 'metrics');
    const { interval = '1s', signal, clock, name } = options;
    super({ clock: clock ?? observes.clock, name: name ?? `metrics(${observes.label})` });
    this.#observes = observes;
    this.#intervalMs = intervalMs(interval, 'interval of metrics');
    this.#forget = onAbort(signal, () => this.dispose());
  }

  override update(): Flow {}

  protected override onActivate(): void {
    this.#running = new AbortController();
    void this.#run(this.#running.signal); // never rejects
  }

  protected override onDeactivate(): void {
    this.#running?.abort();
  }

  protected override onDispose(): void {
    this.#forget?.();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this;
    const observer = new GraphObserver(this.#observes, clock);
    signal.addEventListener('abort', () => observer.stop(), { once: true });
    await runTicks({ intervalMs: this.#intervalMs, clock, signal }, async () => {
      if (this.#observes.disposed) this.dispose();
      else await this.emitDetached([...observer.look().values()], noMetadata);
      return undefined;
    });
  }
}
