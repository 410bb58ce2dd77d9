import { wholeNumberOrInfinity } from '../core/check.ts';
import { onAbort } from '../core/dispose.ts';
import { type Overflow, OverflowQueue } from '../core/overflow-queue.ts';
import { SourceError } from '../errors.ts';
import { Source, SourceNode, type SourceOptions, textOf } from './source.ts';

/** Options of sources that cannot be slowed down. */
export interface PushOptions extends SourceOptions {
  /** Most elements that wait while asynchronous work below is busy. Default 10,000. */
  maxQueue?: number | undefined;
  /**
   * What happens beyond that: the oldest that wait are dropped (default), the newest are, all but the newest are, or the source
   * fails. Drops are
   * counted in `counts.dropped` and reported once each time the queue fills up.
   */
  overflow?: Overflow | undefined;
}

/** What has come through a source that cannot be slowed down. */
export interface PushCounts {
  /** All that came, the dropped included. */
  readonly elements: number;
  readonly dropped: number;
}

/** How a source is told what comes. */
export interface Listener<T> {
  push(value: T): void;
  /** Ends the source: as failed, or in good order. */
  end(failure?: SourceError): void;
}

/** The node of a source that is told of its elements: passes them on at once where nothing waits. */
export abstract class PushSourceNode<T> extends SourceNode<T> {
  readonly #maxQueue: number;
  readonly #overflow: Overflow;
  /** What waits, of the run that is on: work that hangs holds up its own run only. */
  #queue: OverflowQueue<T>;
  #busy = false;
  #working: Promise<void> | undefined;
  #dropping = false;
  #elements = 0;

  constructor({ maxQueue = 10_000, overflow = 'dropOldest', ...options }: PushOptions) {
    super(options);
    this.#maxQueue = wholeNumberOrInfinity(maxQueue, 'maxQueue', 1);
    this.#overflow = overflow;
    this.#queue = new OverflowQueue({ maxItems: maxQueue });
  }

  get counts(): PushCounts {
    return { elements: this.#elements, dropped: this.dropped };
  }

  override get waiting(): number {
    return this.#queue.length;
  }

  /** Begins to listen; gives what ends that. Called each time the source starts. */
  protected abstract listen(listener: Listener<T>): () => void;

  protected override async run(signal: AbortSignal): Promise<void> {
    this.#queue = new OverflowQueue({ maxItems: this.#maxQueue });
    this.#busy = false;
    this.#working = undefined;
    this.#dropping = false;
    try {
      await this.#listened(signal);
    } finally {
      if (!signal.aborted) await this.#working;
    }
  }

  /** Resolves when the source has ended or is stopped. */
  #listened(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let over = false;
      let unlisten: (() => void) | undefined;
      let forget: (() => void) | undefined;
      const end = (failure?: unknown): void => {
        if (over) return;
        over = true;
        forget?.();
        unlisten?.();
        if (failure === undefined) resolve();
        else reject(failure);
      };
      const push = (value: T): void => {
        if (over || this.stopped(signal)) return;
        try {
          this.#receive(value, signal);
        } catch (error) {
          end(error);
        }
      };
      unlisten = this.listen({ push, end });
      if (over) unlisten();
      else forget = onAbort(signal, () => end());
    });
  }

  #receive(value: T, signal: AbortSignal): void {
    const message = this.#elements++;
    if (!this.#busy) {
      const flow = this.deliver(value, signal);
      if (flow === undefined) return;
      this.#busy = true;
      this.#working = this.#work(flow, signal);
      return;
    }
    const overflow = this.#overflow;
    const fallen = this.#queue.push(value, overflow);
    if (fallen.length === 0) return;
    this.drop(fallen.length);
    const consequence = overflow === 'error' ? 'listening ends' : `elements are dropped (${overflow})`;
    const text = `more than ${this.#maxQueue} elements wait (maxQueue); ${consequence}`;
    const error = new SourceError('limit-exceeded', text, { position: { message } });
    if (overflow === 'error') throw error;
    if (!this.#dropping) this.report(error);
    this.#dropping = true;
  }

  /** Works off the queue. Never rejects, as `deliver` does not. */
  async #work(first: Promise<void>, signal: AbortSignal): Promise<void> {
    const queue = this.#queue;
    await first;
    while (!signal.aborted) {
      const next = queue.shift();
      if (next === undefined) break;
      await this.deliver(next.item, signal);
    }
    if (signal.aborted) {
      this.drop(queue.drain().length);
      return;
    }
    this.#busy = false;
    this.#dropping = false;
  }
}

/** A stream of what comes from something that cannot be slowed down. */
export class PushSource<T> extends Source<T> {
  readonly #node: PushSourceNode<T>;

  constructor(node: PushSourceNode<T>) {
    super(node);
    this.#node = node;
  }

  /** How much has come so far, and how much of it was dropped. */
  get counts(): PushCounts {
    return this.#node.counts;
  }
}

/** `make()`; where that throws, reports it as a failure of the user's function `what` and gives nothing. */
export function madeBy<T>(
  what: string,
  make: () => T,
  report: (error: SourceError) => void,
): { readonly value: T } | undefined {
  try {
    return { value: make() };
  } catch (cause) {
    report(new SourceError('user-code', `${what} threw: ${textOf(cause)}`, { cause }));
    return undefined;
  }
}
