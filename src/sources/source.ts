import type { Clock } from '../core/clock.ts';
import { onAbort, unlessAborted } from '../core/dispose.ts';
import { failAll, failStopped, type Metadata, releaseAll, retainAll } from '../core/metadata.ts';
import { type Flow, Node, passedThrough } from '../core/node.ts';
import { quietly, reportUnheard } from '../core/report.ts';
import { MillraceError, SourceError, type SourcePosition, textOfThrown } from '../errors.ts';
import { Stream } from '../stream.ts';

/** What a source is doing. `closed` and `failed` are for good. */
export interface SourceState {
  readonly status: 'idle' | 'connecting' | 'live' | 'waiting' | 'closed' | 'failed';
  /** How often it has tried since it last succeeded, this attempt included; 0 before the first. */
  readonly attempt: number;
  /** While `waiting`: how long until the next attempt. */
  readonly retryMs?: number;
}

/** Options that all sources have. */
export interface SourceOptions {
  /** Ends the source for good when aborted. */
  signal?: AbortSignal | undefined;
  /** Told of each failure, as listeners of `errors` are; reading goes on where it can. */
  onError?: ((error: SourceError) => void) | undefined;
  /** Where the source takes time from. Default: the platform. */
  clock?: Clock | undefined;
  /** Shown in error paths. */
  name?: string | undefined;
  /** `false`: not before `start()` is called, whoever listens. Default `true`. */
  start?: boolean | undefined;
}

/**
 * The node of a source. It runs while something below needs it: it begins in a microtask, so that all sinks
 * put below in one go see the first element, and stops when nothing listens any more.
 */
export abstract class SourceNode<T> extends Node<never, T> {
  override readonly kind: string = 'source';
  /** What went wrong, downstream failures included. */
  readonly errors: Stream<SourceError>;
  readonly states: Stream<SourceState>;
  /** Resolves when the source has ended for good. Never rejects. */
  readonly done: Promise<void>;
  readonly #onError: ((error: SourceError) => void) | undefined;
  readonly #forget: () => void;
  #state: SourceState = { status: 'idle', attempt: 0 };
  #resolveDone: () => void = () => {};
  #running: AbortController | undefined;
  #begun = false;
  #scheduled = false;
  /** Whether the run has been told that it should go no further. */
  #told = false;
  #over = false;
  /** Whether `start()` keeps it running, listened to or not. */
  #held = false;
  /** Whether it waits for `start()`. */
  #paused: boolean;

  constructor({ signal, onError, clock, name, start = true }: SourceOptions = {}) {
    super({ clock, name });
    this.#paused = !start;
    const streamOptions = clock === undefined ? {} : { clock };
    this.errors = new Stream<SourceError>({ name: 'errors', ...streamOptions });
    this.states = new Stream<SourceState>({ name: 'states', ...streamOptions });
    this.#onError = onError;
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    this.#forget = onAbort(signal, () => this.close());
  }

  get state(): SourceState {
    return this.#state;
  }

  override get hasBegun(): boolean {
    return this.#begun;
  }

  override update(): Flow {}

  /** Keeps the source running until `stop()`, whether or not somebody listens. */
  start(): void {
    if (this.#over) return;
    this.#paused = false;
    if (!this.#held) {
      this.#held = true;
      this.hold();
    }
    this.#reconsider();
  }

  /** Ends the run that is on; the next begins with `start()`. */
  stop(): void {
    this.#paused = true;
    this.#letGo();
    this.#running?.abort();
  }

  /** Ends the source for good. Harmless when repeated. */
  close(): void {
    this.#finish('closed');
  }

  /**
   * Reads until the end (then resolves), a failure that ends the source (then rejects), or until `signal`
   * aborts (then it lets go of everything and resolves). A run that has been stopped is not waited for: the next one may
   * begin before it has come to its end, so it must not deliver or report any more.
   */
  protected abstract run(signal: AbortSignal): Promise<void>;

  /** Whether a run should go no further: aborted, or nobody below any more. */
  protected stopped(signal: AbortSignal): boolean {
    if (signal.aborted) return true;
    if (!this.#wanted) this.#told = true;
    return this.#told;
  }

  /**
   * Gives `value` to what is below; a failure there is reported and not thrown. Await the flow to be slowed down; it
   * ends when `signal` aborts, whatever the work below does. `failed` is called with each failure, once it is reported.
   */
  protected deliver(value: T, signal: AbortSignal, failed?: (error: SourceError) => void): Flow {
    const report = (error: unknown): void => {
      const failure = this.#reportBelow(error);
      failed?.(failure);
    };
    try {
      const flow = this.emit(value);
      if (flow === undefined) return;
      return unlessAborted(flow.catch(report), signal);
    } catch (error) {
      report(error);
    }
  }

  /** As `deliver`, for a value whose reference counters hear when the work on it is done, failed, or never began. */
  protected deliverWith(
    value: T,
    metadata: Metadata,
    signal: AbortSignal,
    failed?: (error: SourceError) => void,
  ): Flow {
    retainAll(metadata);
    const report = (error: unknown): void => {
      failAll(metadata, error);
      const failure = this.#reportBelow(error);
      failed?.(failure);
    };
    const done = (): void => releaseAll(metadata);
    if (!this.active) failStopped(metadata, this.label);
    try {
      const flow = this.emit(value, metadata);
      if (flow !== undefined) return unlessAborted(flow.catch(report).then(done), signal);
    } catch (error) {
      report(error);
    }
    done();
  }

  /** Tells listeners of an error. */
  protected report(error: SourceError): void {
    const heard = this.errors.node.downstreams.length > 0;
    if (!heard && this.#onError === undefined) {
      reportUnheard(error);
      return;
    }
    quietly(() => this.#onError?.(error));
    quietly(() => this.errors.emit(error));
  }

  protected setState(status: SourceState['status'], attempt = 0, retryMs?: number): void {
    const before = this.#state;
    if (before.status === status && before.attempt === attempt && before.retryMs === retryMs) return;
    if (before.status === 'closed' || before.status === 'failed') return;
    this.#state = retryMs === undefined ? { status, attempt } : { status, attempt, retryMs };
    quietly(() => this.states.emit(this.#state));
  }

  protected override onActivate(): void {
    this.#reconsider();
  }

  protected override onDeactivate(): void {
    this.#reconsider();
  }

  protected override onDispose(): void {
    this.close();
  }

  get #wanted(): boolean {
    return this.active && !this.#paused;
  }

  #letGo(): void {
    if (!this.#held) return;
    this.#held = false;
    this.release();
  }

  /** Starts or stops, a microtask later: a sink that takes the place of another does not interrupt. */
  #reconsider(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#over) return;
      if (this.#running === undefined) {
        if (this.#wanted) void this.#start();
        // A run that has been told to go no further would do nothing more for who has come since.
      } else if (!this.#wanted || this.#told) this.#running.abort();
    });
  }

  /** Never rejects. */
  async #start(): Promise<void> {
    const controller = new AbortController();
    this.#running = controller;
    this.#begun = true;
    this.#told = false;
    let failure: SourceError | undefined;
    try {
      await unlessAborted(this.run(controller.signal), controller.signal);
    } catch (error) {
      failure = asSourceError(error);
    }
    this.#running = undefined;
    if (controller.signal.aborted || (this.#told && failure === undefined)) {
      this.setState('idle');
      this.#reconsider();
    } else if (failure === undefined) this.#finish('closed');
    else {
      this.report(failure);
      this.#finish('failed', this.#state.attempt, failure);
    }
  }

  #finish(status: 'closed' | 'failed', attempt = 0, failure?: SourceError): void {
    if (this.#over) return;
    this.#over = true;
    this.setState(status, attempt);
    this.#forget?.();
    this.#running?.abort();
    this.#letGo();
    this.end(failure);
    this.#resolveDone();
  }

  #reportBelow(error: unknown): SourceError {
    const cause = passedThrough(error, this);
    const failure = new SourceError(cause.code, cause.message, { cause });
    failure.path = cause.path;
    this.report(failure);
    return failure;
  }
}

/** A stream whose elements come from outside. */
export class Source<T> extends Stream<T> {
  readonly #source: SourceNode<T>;

  constructor(node: SourceNode<T>) {
    super(node);
    this.#source = node;
  }

  /**
   * What went wrong, with its place; reading goes on where it can. Failures of the work below come here too.
   * Where nobody listens and no `onError` is given, errors are reported globally.
   */
  get errors(): Stream<SourceError> {
    return this.#source.errors;
  }

  get state(): SourceState {
    return this.#source.state;
  }

  /** Each change of `state`. */
  get states(): Stream<SourceState> {
    return this.#source.states;
  }

  /**
   * Starts the source and keeps it running until `stop()`, whether or not somebody listens. Harmless where it runs
   * already, and without effect once it has ended.
   */
  start(): void {
    this.#source.start();
  }

  /**
   * Stops the source, whoever listens, until `start()` is called. No element comes after this. What a new start
   * begins with is the source's matter: a file goes on, an array begins anew.
   */
  stop(): void {
    this.#source.stop();
  }

  /** Resolves when the source has ended for good: exhausted, aborted, disposed of or failed. Never rejects. */
  get done(): Promise<void> {
    return this.#source.done;
  }
}

/** The error with `position` filled in where it says more. */
export function placed(error: SourceError, position: SourcePosition): SourceError {
  return new SourceError(error.code, error.message, {
    cause: error.cause ?? error,
    position: { ...error.position, ...position },
  });
}

/** Any failure as one of a source. */
export function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const code = error instanceof MillraceError ? error.code : 'source-failed';
  return new SourceError(code, textOf(error), { cause: error });
}

/** What an error says, with what is behind it (`fetch failed` alone says nothing). */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return textOfThrown(error);
  const { cause } = error;
  if (error instanceof MillraceError || !(cause instanceof Error) || cause.message === '')
    return error.message;
  return `${error.message}: ${cause.message}`;
}

/** An address as errors show it: without user, password, query and fragment, which may hold secrets. */
export function addressOf(url: string): string {
  const whole = url.replace(/#.*$/s, '');
  const bare = whole.replace(/\?.*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
  return whole.includes('?') ? `${bare}?…` : bare;
}
