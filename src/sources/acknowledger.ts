import { Fifo } from '../core/fifo.ts';
import { type Metadata, RefCounter } from '../core/metadata.ts';

/** Option of sources that know how far their elements have been worked on. */
export interface AckOptions<P> {
  /**
   * Called with the position up to which all elements are done, asynchronous work and nodes that hold elements
   * included, each time it moves on. Positions are acknowledged in order and without gaps: an element that failed, or was
   * held by something that was stopped, is never passed over. One that an error policy of its node has taken
   * care of counts as done, and so does one that an overflow policy has dropped.
   */
  ack?: ((position: P) => void) | undefined;
}

interface Tracked<P> {
  readonly position: P;
  state: 'open' | 'done' | 'given up';
}

/**
 * Notes of which elements are done, whatever the order, and says up to which position all are.
 *
 * After a failure nothing more is acknowledged, and nothing more kept, until `restart`: whoever reads on from the
 * acknowledged position gets all from the failed element on again. Keeps a note per element from the first that is
 * not done. Several in a row may have one position: it is acknowledged when all of them that have come are done.
 */
export class Acknowledger<P> {
  readonly #acknowledge: ((position: P) => void) | undefined;
  readonly #tracked = new Fifo<Tracked<P>>();
  /** How many tracked elements have each position. */
  readonly #positions = new Map<P, number>();
  /** How many from the first on are done, but share their position with one that is not. */
  #ready = 0;
  /** The first of those whose position is that of the last of them. */
  #runStart = 0;
  #acknowledged: P | undefined;
  #blocked = false;

  constructor(acknowledge?: (position: P) => void, start?: P) {
    this.#acknowledge = acknowledge;
    this.#acknowledged = start;
  }

  /** The position up to which all is done; at first the one to start from. */
  get acknowledged(): P | undefined {
    return this.#acknowledged;
  }

  /** Whether an element has failed, so that the position does not move on. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** How many elements are noted: those that are not done, and those behind them. */
  get pending(): number {
    return this.#tracked.length;
  }

  /** Metadata for the element at `position`; the emission of the element must be what retains and releases it. */
  track(position: P): Metadata {
    if (this.#blocked) return [{ position }];
    const tracked: Tracked<P> = { position, state: 'open' };
    this.#tracked.push(tracked);
    this.#positions.set(position, (this.#positions.get(position) ?? 0) + 1);
    const onDone = (...failure: unknown[]): void => {
      if (tracked.state === 'given up') return;
      if (failure.length > 0) this.#block(tracked);
      else {
        tracked.state = 'done';
        this.#advance();
      }
    };
    return [{ ref: new RefCounter({ onDone }), position }];
  }

  /**
   * Goes on with a new connection, which gives again what follows the acknowledged position. The function says
   * whether the next element, at `position`, is in hand already and need not be given again.
   */
  restart(): (position: P) => boolean {
    this.#blocked = false;
    const inHand = new Map(this.#positions);
    return (position) => {
      const count = inHand.get(position) ?? 0;
      if (count > 0) inHand.set(position, count - 1);
      return count > 0;
    };
  }

  #advance(): void {
    for (
      let next = this.#tracked.at(this.#ready);
      next?.state === 'done';
      next = this.#tracked.at(this.#ready)
    ) {
      if (next.position !== this.#tracked.at(this.#ready - 1)?.position) this.#runStart = this.#ready;
      this.#ready++;
    }
    const open = this.#tracked.at(this.#ready);
    const isShared = open !== undefined && open.position === this.#tracked.at(this.#ready - 1)?.position;
    const count = isShared ? this.#runStart : this.#ready;
    let last: Tracked<P> | undefined;
    for (let i = 0; i < count; i++) {
      last = this.#tracked.shift()!;
      this.#forget(last);
    }
    this.#ready -= count;
    this.#runStart = 0;
    if (last === undefined) return;
    this.#acknowledged = last.position;
    this.#acknowledge?.(last.position);
  }

  /** Gives up the failed element, those behind it, and those before it that share its position. */
  #block(failed: Tracked<P>): void {
    this.#blocked = true;
    let isBehind = false;
    for (const tracked of this.#tracked.drain()) {
      isBehind ||= tracked.position === failed.position;
      if (isBehind) {
        tracked.state = 'given up';
        this.#forget(tracked);
      } else this.#tracked.push(tracked);
    }
    this.#ready = Math.min(this.#ready, this.#tracked.length);
  }

  #forget({ position }: Tracked<P>): void {
    const others = this.#positions.get(position)! - 1;
    if (others === 0) this.#positions.delete(position);
    else this.#positions.set(position, others);
  }
}
