import { Node } from '../core/node.ts';
import { GraphError } from '../errors.ts';

/** What stands at one place of the tuples that a join emits: elements of a node, or always the same value. */
export type Place = Node<never, unknown> | { readonly literal: unknown };

/** One upstream of a join, and what the join keeps of it. */
export interface Side {
  readonly from: Node<never, unknown>;
  /** What it keeps, as plain data. */
  save(): unknown;
  restore(saved: unknown): void;
}

/** The upstreams of a join, and their places in its tuples. One upstream may stand at several places. */
export class Sides<S extends Side> {
  readonly #make: (from: Node<never, unknown>) => S;
  readonly #places: (S | { readonly literal: unknown })[] = [];
  /** Each once, in the order of their first places. */
  readonly all: S[] = [];

  constructor(places: readonly Place[], make: (from: Node<never, unknown>) => S) {
    this.#make = make;
    for (const place of places) {
      if (place instanceof Node) this.#places.push(this.of(place) ?? this.#made(place));
      else this.#places.push(place);
    }
  }

  of(from: unknown): S | undefined {
    for (const side of this.all) if (side.from === from) return side;
    return undefined;
  }

  /** Gives a stream that is connected later the last place, unless it has one. */
  add(from: Node<never, unknown>): void {
    if (this.of(from) === undefined) this.#places.push(this.#made(from));
  }

  #made(from: Node<never, unknown>): S {
    const side = this.#make(from);
    this.all.push(side);
    return side;
  }

  /** Takes a stream out of all its places. */
  remove(side: S): void {
    this.all.splice(this.all.indexOf(side), 1);
    for (let i = this.#places.length - 1; i >= 0; i--)
      if (this.#places[i] === side) this.#places.splice(i, 1);
  }

  tuple(read: (side: S) => unknown): unknown[] {
    return this.#places.map((place) => ('literal' in place ? place.literal : read(place)));
  }

  save(): unknown[] {
    return this.all.map((side) => side.save());
  }

  /** @throws `bad-value` where the state is that of a join of another number of streams. */
  restore(states: readonly unknown[], label: string): void {
    if (states.length !== this.all.length) {
      throw new GraphError(
        'bad-value',
        `cannot restore ${label}: the state is of ${states.length} streams, the node has ${this.all.length}`,
      );
    }
    for (const [i, side] of this.all.entries()) side.restore(states[i]);
  }
}
