import { wholeNumberOrInfinity } from '../core/check.ts';
import { afterwards, Gathering } from '../core/flow.ts';
import { type Metadata, noMetadata, releaseAll } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { LatestSide, shownWith } from './latest-side.ts';
import { type Place, Sides } from './sides.ts';
import { WaitingLine } from './waiting-line.ts';

/** Options of `zipLatest`. */
export interface ZipLatestOptions extends NodeOptions {
  /** How many elements may wait for the other streams to begin before their emitter waits, too. Default 10. */
  maxsize?: number | undefined;
}

/**
 * Emits a tuple for every element of the first stream, with the newest elements of the others. Elements of the
 * first stream wait until all others have given one; then they go out in order, each when the asynchronous work on the one before it is
 * done. Where the streams come from one source, an element of that is waited for on all its ways.
 *
 * Keeps the elements that wait, and one of each other stream, which counts as worked on when the next one replaces it. It ends when
 * the first stream has ended and nothing of it waits, or when another ends without having given anything: what then waits
 * is dropped and counted. When nothing needs the node any more, it forgets them all.
 */
export class ZipLatestNode extends Node<unknown, unknown[]> {
  override readonly kind: string = 'zipLatest';
  readonly #lossless: Node<never, unknown>;
  readonly #others: Sides<LatestSide>;
  readonly #line: WaitingLine;
  /** The work on elements that had to wait, while they go out. */
  #draining: Promise<void> | undefined;
  #inStep = false;
  /** Whether it has ended and left the streams that have not. */
  #left = false;

  constructor(
    lossless: Node<never, unknown>,
    others: readonly Place[],
    { maxsize, ...options }: ZipLatestOptions = {},
  ) {
    super(options);
    this.#lossless = lossless;
    this.#others = new Sides(others, (from) => new LatestSide(from));
    this.#line = new WaitingLine(wholeNumberOrInfinity(maxsize ?? 10, 'maxsize of zipLatest', 1));
  }

  override get isInlet(): boolean {
    return true;
  }

  override get waiting(): number {
    return this.#line.length;
  }

  override update(value: unknown, metadata: Metadata, from: Node<never, unknown>): Flow {
    if (this.#left) return;
    this.#others.of(from)?.take(value, metadata);
    if (from === this.#lossless) this.#line.push(value, metadata);
    if (this.awaitStep()) {
      this.#inStep = true;
      return from === this.#lossless ? this.#line.admission() : undefined;
    }
    if (this.#isReady) return this.#drain();
    if (from === this.#lossless) return this.#line.admission();
  }

  protected override onStepEnd(): Flow {
    this.#inStep = false;
    if (this.#isReady) return this.#drain();
    this.#endIfOver();
  }

  get #isReady(): boolean {
    return this.#line.length > 0 && this.#others.all.every(({ hasSpoken }) => hasSpoken);
  }

  /** Lets out what waits. */
  #drain(): Flow {
    if (this.#draining !== undefined) return this.#draining;
    const gathering = new Gathering(this);
    let flow: Flow | undefined;
    try {
      while (flow === undefined && this.#isReady) {
        try {
          flow = this.#emitFirst();
        } catch (error) {
          gathering.fail(error);
        }
      }
      if (flow !== undefined) gathering.add(this.#isReady ? this.#drainAfter(flow) : flow);
      flow = gathering.flow();
      return flow;
    } finally {
      this.#endIfOver(flow);
    }
  }

  #drainAfter(before: Promise<void>): Promise<void> {
    const work = async (): Promise<void> => {
      const gathering = new Gathering(this);
      await before.catch((error) => gathering.fail(error));
      this.#draining = undefined;
      try {
        await this.#drain();
      } catch (error) {
        gathering.fail(error);
      }
      return gathering.flow();
    };
    this.#draining = work();
    return this.#draining;
  }

  #emitFirst(): Flow {
    const { value, metadata } = this.#line.shift();
    const tuple = [value, ...this.#others.tuple((side) => side.value)];
    try {
      return this.emit(tuple, this.#others.all.reduce(shownWith, metadata));
    } finally {
      releaseAll(metadata);
    }
  }

  get #isOver(): boolean {
    if (this.#inStep || this.#draining !== undefined) return false;
    if (this.#lossless.ended && this.#line.length === 0) return true;
    return this.#others.all.some(({ from, hasSpoken }) => from.ended && !hasSpoken);
  }

  #endIfOver(flow?: Flow): void {
    if (this.#left || !this.#isOver) return;
    this.#leave();
    afterwards(flow, () => this.end());
  }

  #leave(): void {
    this.#left = true;
    this.drop(this.#line.release());
    for (const side of this.#others.all) side.release();
    this.leave();
  }

  override saveState(): unknown {
    return this.#left ? null : { line: this.#line.save(), others: this.#others.save() };
  }

  override restoreState(state: unknown): void {
    this.onDeactivate();
    if (state === null) {
      this.#leave();
      this.end();
      return;
    }
    const { line, others } = state as { line: unknown[]; others: unknown[] };
    this.#others.restore(others, this.label);
    this.#line.restore(line);
    this.#drainSoon();
  }

  protected override onActivate(): void {
    this.#drainSoon();
  }

  /** A state that was saved while elements were let out has some that wait for nothing. */
  #drainSoon(): void {
    if (this.#isReady) queueMicrotask(() => this.#drainDetached());
  }

  protected override onUpstreamConnect(from: Node<never, unknown>): void {
    if (this.#left) {
      this.leave();
      this.end();
    } else if (from !== this.#lossless) this.#others.add(from);
  }

  /** What came of a stream that was disposed of stays. */
  protected override onUpstreamDisconnect(from: Node<never, unknown>): void {
    if (from.disposed || this.#left) return;
    if (from === this.#lossless) this.#line.drop(this.label);
    const side = this.#others.of(from);
    if (side === undefined) return;
    this.#others.remove(side);
    side.drop(this.label);
    this.#drainDetached();
  }

  /** Lets out what waits where no emitter waits for that. Failures go to the error policy. */
  #drainDetached(): void {
    if (!this.#isReady || !this.active) return;
    const failed = (error: unknown): Flow => this.failDetached(error, undefined, noMetadata);
    try {
      this.#drain()?.catch(failed);
    } catch (error) {
      void failed(error); // never rejects
    }
  }

  protected override onOneUpstreamEnd(): void {
    this.#endIfOver();
  }

  protected override onUpstreamEnd(): void {
    if (!this.#inStep && this.#draining === undefined) this.end();
  }

  protected override onDeactivate(): void {
    this.#inStep = false;
    this.#line.drop(this.label);
    for (const side of this.#others.all) side.drop(this.label);
  }
}
