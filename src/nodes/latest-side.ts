import { concatMetadata, type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Node } from '../core/node.ts';
import { dropHeld } from './held.ts';
import type { Side } from './sides.ts';

/** A stream of a join of which the newest element counts. That element is retained until the next one replaces it. */
export class LatestSide implements Side {
  readonly from: Node<never, unknown>;
  hasSpoken = false;
  value: unknown;
  metadata: Metadata = noMetadata;
  /** Whether the element has been part of something emitted. */
  isShown = false;

  constructor(from: Node<never, unknown>) {
    this.from = from;
  }

  take(value: unknown, metadata: Metadata): void {
    retainAll(metadata);
    const before = this.metadata;
    this.hasSpoken = true;
    this.value = value;
    this.metadata = metadata;
    this.isShown = false;
    releaseAll(before);
  }

  /** Keeps the value, but holds up nobody by it any more. */
  release(): void {
    const { metadata } = this;
    this.metadata = noMetadata;
    releaseAll(metadata);
  }

  /** Forgets the value since `label` was stopped. */
  drop(label: string): void {
    const { metadata, isShown } = this;
    this.hasSpoken = false;
    this.value = undefined;
    this.metadata = noMetadata;
    if (isShown) releaseAll(metadata);
    else dropHeld(metadata, label);
  }

  /** `[value]`, or `[]` before there was one. */
  save(): unknown {
    return this.hasSpoken ? [this.value] : [];
  }

  restore(saved: unknown): void {
    for (const value of saved as unknown[]) this.take(value, noMetadata);
  }
}

/** The metadata of a tuple with the element of `side` in it. */
export function shownWith(before: Metadata, side: LatestSide): Metadata {
  side.isShown = true;
  return concatMetadata(before, side.metadata);
}
