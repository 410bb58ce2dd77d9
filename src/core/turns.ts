import { Fifo } from './fifo.ts';
import type { Gathering } from './flow.ts';
import type { Metadata } from './metadata.ts';
import type { Node } from './node.ts';

/** An element that waits until its node has given out the one before it. */
export interface Turn {
  readonly value: unknown;
  readonly metadata: Metadata;
  /** Holds its emitter; nothing where the emitter is itself below the element given out now and cannot wait. */
  readonly gathering: Gathering | undefined;
}

/** What a node does when it has given an element to all below: joins first, then the elements that came meanwhile. */
export class Turns {
  readonly waiting: Fifo<Turn> = new Fifo();
  /** Nodes below that wait for the end of this step. */
  readonly joins: Node<never, unknown>[] = [];
  /** Whether the node has let go of the thread for a moment, with elements waiting. */
  resting: boolean = false;
}
