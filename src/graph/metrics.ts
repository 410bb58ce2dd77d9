import type { Clock, Timer } from '../core/clock.ts';
import { onAbort } from '../core/dispose.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { noMetadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError } from '../errors.ts';
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
  #observer: GraphObserver | undefined;
  #timer: Timer | undefined;
  #isBusy = false;

  constructor(observes: Node<never, unknown>, { interval = '1s', signal, clock, name }: MetricsOptions = {}) {
    super({ clock: clock ?? observes.clock, name: name ?? `metrics(${observes.label})` });
    this.#observes = observes;
    this.#intervalMs = readingMs(interval, 'interval of metrics');
    this.#forget = onAbort(signal, () => this.dispose());
  }

  override update(): Flow {}

  protected override onActivate(): void {
    const { clock } = this;
    this.#observer = new GraphObserver(this.#observes, clock);
    this.#wait(clock, clock.monotonic() + this.#intervalMs);
  }

  protected override onDeactivate(): void {
    this.#timer?.cancel();
    this.#observer?.stop();
    this.#observer = undefined;
  }

  protected override onDispose(): void {
    this.#forget?.();
  }

  #wait(clock: Clock, dueMs: number): void {
    this.#timer = clock.setTimer(dueMs - clock.monotonic(), () => {
      const missed = Math.max(0, Math.floor((clock.monotonic() - dueMs) / this.#intervalMs));
      this.#wait(clock, dueMs + (missed + 1) * this.#intervalMs);
      this.#read();
    });
  }

  #read(): void {
    if (this.#observes.disposed) {
      this.end();
      this.dispose();
      return;
    }
    if (this.#isBusy) return;
    const flow = this.emitDetached([...this.#observer!.look().values()], noMetadata);
    if (flow === undefined) return;
    this.#isBusy = true;
    void flow.then(() => {
      this.#isBusy = false;
    });
  }
}

/** @throws `bad-option` for what is no duration, or none above zero. */
export function readingMs(interval: Duration, what: string): number {
  const ms = durationMs(interval, what);
  if (!(ms > 0)) throw new GraphError('bad-option', `${what} must be above zero, got '${interval}'`);
  return ms;
}
