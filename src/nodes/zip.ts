import { wholeNumberOrInfinity } from '../core/check.ts';
import { afterwards } from '../core/flow.ts';
import { concatMetadata, type Metadata, noMetadata, releaseAll } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { emitHeld } from './held.ts';
import { type Place, type Side, Sides } from './sides.ts';
import { type Waiting, WaitingLine } from './waiting-line.ts';

/** Options of `zip`. */
export interface ZipOptions extends NodeOptions {
  /** How many elements of one stream may wait for the others before its emitters wait, too. Default 10. */
  maxsize?: number | undefined;
}

/** How one of the streams of a `zip` stands. */
export interface ZipSide {
  readonly name: string;
  /** Elements of it that wait for the others. */
  readonly waiting: number;
}

class ZipInput implements Side {
  readonly from: Node<never, unknown>;
  readonly line: WaitingLine;
  /** The element that goes into the tuple that is made now. */
  taken: Waiting | undefined;

  constructor(from: Node<never, unknown>, maxsize: number) {
    this.from = from;
    this.line = new WaitingLine(maxsize);
  }

  save(): unknown {
    return this.line.save();
  }

  restore(saved: unknown): void {
    this.line.restore(saved as unknown[]);
  }
}

/**
 * Emits tuples of the first elements of all streams, then of the second, and so on. A stream that is ahead waits: up to `maxsize` of
 * its elements in the node, further ones with their emitters. Keeps those elements.
 *
 * It ends, and leaves all its streams, once one of them has ended and no element of that one is left; what the
 * others have too much is then dropped and counted. A stream connected later takes the last place; one that is
 * disconnected loses its place. Elements that wait when nothing needs the node any more are dropped, and their
 * reference counters hear of it.
 */
export class ZipNode extends Node<unknown, unknown[]> {
  override readonly kind: string = 'zip';
  readonly #sides: Sides<ZipInput>;
  /** Whether it has ended and left the streams that have not. */
  #left = false;

  constructor(places: readonly Place[], { maxsize, ...options }: ZipOptions = {}) {
    super(options);
    const most = wholeNumberOrInfinity(maxsize ?? 10, 'maxsize of zip', 1);
    this.#sides = new Sides(places, (from) => new ZipInput(from, most));
  }

  override get isInlet(): boolean {
    return true;
  }

  override get waiting(): number {
    return this.#sides.all.reduce((total, { line }) => total + line.length, 0);
  }

  /** The streams in the order of their places, and how many elements of each wait. */
  get sides(): ZipSide[] {
    return this.#sides.all.map(({ from, line }) => ({ name: from.label, waiting: line.length }));
  }

  override update(value: unknown, metadata: Metadata, from: Node<never, unknown>): Flow {
    const side = this.#sides.of(from);
    if (side === undefined || this.#left) return;
    side.line.push(value, metadata);
    return this.#isComplete ? this.#emitTuple() : side.line.admission();
  }

  get #isComplete(): boolean {
    const { all } = this.#sides;
    for (const { line } of all) if (line.length === 0) return false;
    return all.length > 0;
  }

  #emitTuple(): Flow {
    const [tuple, metadata] = this.#take();
    const isLast = this.#isOver;
    let flow: Flow | undefined;
    if (isLast) this.#leave();
    try {
      flow = emitHeld(this, tuple, metadata);
    } finally {
      if (isLast) afterwards(flow, () => this.end());
    }
    return flow;
  }

  #take(): [tuple: unknown[], metadata: Metadata] {
    let metadata = noMetadata;
    for (const side of this.#sides.all) {
      side.taken = side.line.shift();
      metadata = concatMetadata(metadata, side.taken.metadata);
    }
    return [this.#sides.tuple(({ taken }) => taken!.value), metadata];
  }

  /** Whether no further tuple can come. */
  get #isOver(): boolean {
    return this.#sides.all.some(({ from, line }) => from.ended && line.length === 0);
  }

  #leave(): void {
    this.#left = true;
    for (const { line } of this.#sides.all) this.drop(line.release());
    this.leave();
  }

  override saveState(): unknown {
    return this.#left ? null : this.#sides.save();
  }

  override restoreState(state: unknown): void {
    this.onDeactivate();
    if (state === null) this.#leaveAndEnd();
    else this.#sides.restore(state as unknown[], this.label);
  }

  protected override onUpstreamConnect(from: Node<never, unknown>): void {
    if (this.#left) this.#leaveAndEnd();
    else this.#sides.add(from);
  }

  /** A stream that was disposed of has ended, and what is left of it is still taken. */
  protected override onUpstreamDisconnect(from: Node<never, unknown>): void {
    const side = this.#sides.of(from);
    if (side === undefined || from.disposed || this.#left) return;
    this.#sides.remove(side);
    side.line.drop(this.label);
    while (this.#isComplete) {
      const [tuple, metadata] = this.#take();
      void this.emitDetached(tuple, metadata); // never rejects
      releaseAll(metadata);
    }
    this.onOneUpstreamEnd();
  }

  protected override onOneUpstreamEnd(): void {
    if (!this.#left && this.#isOver) this.#leaveAndEnd();
  }

  #leaveAndEnd(): void {
    this.#leave();
    this.end();
  }

  protected override onDeactivate(): void {
    for (const { line } of this.#sides.all) line.drop(this.label);
  }
}
