import { functionOf, nodeOptionsOf, wholeNumberOrInfinity } from '../core/check.ts';
import { Fifo } from '../core/fifo.ts';
import { type Held, HoldingNode, type LeftOver } from '../core/holding-node.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, labelOf, type NodeOptions } from '../core/node.ts';

/** Options of `mapAsync`. */
export interface MapAsyncOptions<T = unknown> extends NodeOptions<T> {
  /** How many calls may be under way at once. Default 1. */
  parallelism?: number | undefined;
  /** Whether results come out in the order of their values, or as the calls end. Default `true`. */
  ordered?: boolean | undefined;
}

/** What a function of `mapAsync` is told besides the value. */
export interface MapAsyncContext {
  /** Aborts when the result is not needed any more. */
  readonly signal: AbortSignal;
}

interface Call<I, O> {
  readonly value: I;
  readonly metadata: Metadata;
  readonly admit: (() => void) | undefined;
  /** Where the call has ended well. */
  outcome: { readonly result: O } | undefined;
  state: 'waits' | 'runs' | 'ended' | 'stopped';
  /** Where the function has asked for its signal. Each call has its own, so that nothing piles up on one. */
  controller?: AbortController;
}

interface SavedCalls<I, O> {
  /** In order: results, and values whose call is to be made. */
  readonly calls: readonly ({ readonly value: I } | { readonly value: I; readonly result: O })[];
}

/**
 * Emits what the promise of `fn(value)` resolves with, for each value, with up to `parallelism` calls under way at once.
 *
 * A value counts as emitted when its call begins; its emitter waits for that while `parallelism` calls are under way, or
 * 2 · `parallelism` elements are kept, results that wait for their turn among them. Beyond these it keeps the one worked on
 * below and those of the emitters that wait. At the end of the upstreams it ends when the last result has been passed on.
 *
 * A failed call goes to `onError`, and so do failures below: the emitter is further on by then. With `{ retry }` the call is
 * made again and keeps its place. When nothing needs the node any more, the calls' `signal` aborts, and the reference
 * counters of their elements hear of it.
 */
export class MapAsyncNode<I, O> extends HoldingNode<I, O> {
  override readonly kind: string = 'mapAsync';
  readonly #fn: (value: I, context: MapAsyncContext) => O | PromiseLike<O>;
  readonly #parallelism: number;
  readonly #ordered: boolean;
  /** Values whose call has not begun. */
  readonly #outside = new Fifo<Call<I, O>>();
  /** Calls that have begun, in the order in which their results go; unordered ones join when they have ended. */
  readonly #calls = new Fifo<Call<I, O>>();
  readonly #running = new Set<Call<I, O>>();

  constructor(
    fn: (value: I, context: MapAsyncContext) => O | PromiseLike<O>,
    options: MapAsyncOptions<I> = {},
  ) {
    const { parallelism = 1, ordered = true } = nodeOptionsOf(
      options,
      ['parallelism', 'ordered'],
      'mapAsync',
    );
    wholeNumberOrInfinity(parallelism, 'parallelism of mapAsync', 1);
    super({ ...options, name: options.name ?? labelOf('mapAsync', fn) });
    this.#fn = functionOf(fn, 'mapAsync');
    this.#parallelism = parallelism;
    this.#ordered = ordered;
  }

  override get waiting(): number {
    return this.#outside.length + this.#held;
  }

  /** Elements whose call has begun and whose result has not gone. */
  get #held(): number {
    return this.#calls.length + (this.#ordered ? 0 : this.#running.size);
  }

  override update(value: I, metadata: Metadata): Flow {
    retainAll(metadata);
    if (this.#outside.length === 0 && this.#hasRoom) {
      this.#begin({ value, metadata, admit: undefined, outcome: undefined, state: 'waits' });
      return;
    }
    return new Promise((admit) => {
      this.#outside.push({ value, metadata, admit, outcome: undefined, state: 'waits' });
    });
  }

  get #hasRoom(): boolean {
    return this.#running.size < this.#parallelism && this.#held < 2 * this.#parallelism;
  }

  #begin(call: Call<I, O>): void {
    if (this.#ordered) this.#calls.push(call);
    this.#running.add(call);
    call.state = 'runs';
    void this.#run(call); // never rejects
  }

  async #run(call: Call<I, O>): Promise<void> {
    const { value, metadata } = call;
    const fn = this.#fn;
    const context = new CallContext(call);
    const outcome = await (call.outcome ?? this.attemptDetached(() => fn(value, context), value, metadata));
    if (call.state === 'stopped') return;
    call.outcome = outcome;
    call.state = 'ended';
    this.#running.delete(call);
    if (outcome === undefined) releaseAll(metadata);
    else if (!this.#ordered) this.#calls.push(call);
    this.#admit();
    this.wake();
  }

  #admit(): void {
    while (this.#outside.length > 0 && this.#hasRoom) {
      const call = this.#outside.shift()!;
      call.admit?.();
      this.#begin(call);
    }
  }

  protected override take(): Held<O> | undefined {
    for (let first = this.#calls.at(0); first?.state === 'ended'; first = this.#calls.at(0)) {
      this.#calls.shift();
      this.#admit();
      if (first.outcome !== undefined) return { value: first.outcome.result, metadata: first.metadata };
    }
    return undefined;
  }

  protected override onActivate(): void {
    this.#admit();
    super.onActivate();
  }

  protected override letGo(): LeftOver[] {
    const calls = this.#all();
    this.#outside.clear();
    this.#calls.clear();
    this.#running.clear();
    const held = calls.filter(isHeld);
    for (const call of calls) {
      call.state = 'stopped';
      call.controller?.abort();
    }
    return held;
  }

  /** All elements, in order. */
  #all(): Call<I, O>[] {
    const begun = this.#ordered ? [] : this.#running;
    return [...listed(this.#calls), ...begun, ...listed(this.#outside)];
  }

  override saveState(): SavedCalls<I, O> {
    return {
      calls: this.#all()
        .filter(isHeld)
        .map(({ value, outcome }) => ({ value, ...outcome })),
    };
  }

  override restoreState(state: unknown): void {
    for (const { value, ...outcome } of (state as SavedCalls<I, O>).calls) {
      this.#outside.push({
        value,
        metadata: noMetadata,
        admit: undefined,
        outcome: 'result' in outcome ? outcome : undefined,
        state: 'waits',
      });
    }
    if (this.active) this.#admit();
  }
}

/** Whether its element has not been let go of, as that of a failed call is. */
function isHeld({ state, outcome }: Call<unknown, unknown>): boolean {
  return state !== 'ended' || outcome !== undefined;
}

class CallContext implements MapAsyncContext {
  readonly #call: Call<unknown, unknown>;

  constructor(call: Call<unknown, unknown>) {
    this.#call = call;
  }

  get signal(): AbortSignal {
    const call = this.#call;
    if (call.state === 'stopped') return AbortSignal.abort();
    call.controller ??= new AbortController();
    return call.controller.signal;
  }
}

function listed<T>(fifo: Fifo<T>): T[] {
  return Array.from({ length: fifo.length }, (_, i) => fifo.at(i)!);
}
