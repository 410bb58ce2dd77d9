import { together } from '../core/flow.ts';
import { type Metadata, noMetadata } from '../core/metadata.ts';
import { type Flow, Node, type NodeOptions } from '../core/node.ts';
import { GraphError } from '../errors.ts';
import { LatestSide, shownWith } from './latest-side.ts';
import { type Place, Sides } from './sides.ts';

/** Options of the node of `combineLatest`. */
export interface CombineLatestNodeOptions extends NodeOptions {
  /** Nodes whose elements set off an emission. Default: all, those that are connected later, too. */
  emitOn?: readonly Node<never, unknown>[] | undefined;
  /**
   * Where one element comes by several ways, emit once, when it has come by all. `false`: emit at each arrival, with the old
   * elements of the ways that come later. Default `true`.
   */
  consistent?: boolean | undefined;
}

/**
 * Emits a tuple of the newest elements of all streams when one arrives, from when all have given one. Where the streams
 * come from one source, an element of that gives one tuple, in which all is made of it. An element of `emitOn` that
 * comes before all streams have given one sets off nothing.
 *
 * Keeps one element of each stream; it counts as worked on when the next one replaces it or all streams have ended. It ends when
 * all streams have, or one without having given anything. When nothing needs the node any more, it forgets them.
 */
export class CombineLatestNode extends Node<unknown, unknown[]> {
  override readonly kind: string = 'combineLatest';
  readonly #sides: Sides<LatestSide>;
  readonly #emitOn: readonly Node<never, unknown>[] | undefined;
  readonly #consistent: boolean;
  /** Streams that have given something in the step that is not over yet. */
  readonly #fresh = new Set<LatestSide>();
  #isDue = false;
  #ending = false;
  /** Whether it has ended and left the streams that have not. */
  #left = false;

  constructor(places: readonly Place[], { emitOn, consistent, ...options }: CombineLatestNodeOptions = {}) {
    super(options);
    this.#sides = new Sides(places, (from) => new LatestSide(from));
    this.#emitOn = emitOn;
    this.#consistent = consistent ?? true;
    for (const node of emitOn ?? []) {
      if (this.#sides.of(node) !== undefined) continue;
      throw new GraphError('bad-option', `emitOn of combineLatest: ${node.label} is not one of its streams`);
    }
  }

  override get isInlet(): boolean {
    return true;
  }

  override update(value: unknown, metadata: Metadata, from: Node<never, unknown>): Flow {
    const side = this.#sides.of(from);
    if (side === undefined || this.#left) return;
    if (!this.#fresh.has(side)) return this.#take(side, value, metadata);
    return together(this, [() => this.#act(), () => this.#take(side, value, metadata)]);
  }

  #take(side: LatestSide, value: unknown, metadata: Metadata): Flow {
    side.take(value, metadata);
    if (this.#emitOn?.includes(side.from) ?? true) this.#isDue = true;
    if (!this.#consistent || !this.awaitStep()) return this.#act();
    this.#fresh.add(side);
  }

  #act(): Flow {
    this.#fresh.clear();
    const isDue = this.#isDue;
    this.#isDue = false;
    const { all } = this.#sides;
    if (!isDue || all.some(({ hasSpoken }) => !hasSpoken)) return;
    const tuple = this.#sides.tuple(({ value }) => value);
    return this.emit(tuple, all.reduce(shownWith, noMetadata));
  }

  protected override onStepEnd(): Flow {
    try {
      return this.#act();
    } finally {
      if (this.#ending) this.onUpstreamEnd();
    }
  }

  override saveState(): unknown {
    return this.#left ? null : this.#sides.save();
  }

  override restoreState(state: unknown): void {
    this.onDeactivate();
    if (state === null) this.#leave();
    else this.#sides.restore(state as unknown[], this.label);
  }

  protected override onUpstreamConnect(from: Node<never, unknown>): void {
    if (this.#left) this.#leave();
    else this.#sides.add(from);
  }

  /** The last element of a stream that was disposed of stays. */
  protected override onUpstreamDisconnect(from: Node<never, unknown>): void {
    const side = this.#sides.of(from);
    if (side === undefined || from.disposed || this.#left) return;
    this.#sides.remove(side);
    this.#fresh.delete(side);
    side.drop(this.label);
    this.endWithTheOthers();
  }

  protected override onOneUpstreamEnd(from: Node<never, unknown>): void {
    if (this.#left || this.#sides.of(from)?.hasSpoken !== false) return;
    this.#leave();
  }

  #leave(): void {
    this.#left = true;
    for (const side of this.#sides.all) side.release();
    this.leave();
    this.end();
  }

  protected override onUpstreamEnd(): void {
    this.#ending = this.#fresh.size > 0;
    if (this.#ending) return;
    for (const side of this.#sides.all) side.release();
    this.end();
  }

  protected override onDeactivate(): void {
    this.#fresh.clear();
    this.#isDue = false;
    for (const side of this.#sides.all) side.drop(this.label);
  }
}
