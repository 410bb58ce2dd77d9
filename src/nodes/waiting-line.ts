import { Fifo } from '../core/fifo.ts';
import { type Metadata, noMetadata, releaseAll, retainAll } from '../core/metadata.ts';
import type { Flow } from '../core/node.ts';
import { dropHeld } from './held.ts';

/** An element that waits in a join. */
export interface Waiting {
  readonly value: unknown;
  readonly metadata: Metadata;
  /** Lets its emitter go on. */
  admit: (() => void) | undefined;
}

/** Elements of one stream that wait for those of others. More than `maxsize` may wait, but their emitters wait with them. */
export class WaitingLine {
  readonly #maxsize: number;
  readonly #line = new Fifo<Waiting>();

  constructor(maxsize: number) {
    this.#maxsize = maxsize;
  }

  get length(): number {
    return this.#line.length;
  }

  /** Retains the element. */
  push(value: unknown, metadata: Metadata): void {
    retainAll(metadata);
    this.#line.push({ value, metadata, admit: undefined });
  }

  /** What the emitter of the newest element waits for: that it is among the first `maxsize`. */
  admission(): Flow {
    if (this.#line.length <= this.#maxsize) return;
    const newest = this.#line.at(this.#line.length - 1)!;
    return new Promise((admit) => {
      newest.admit = admit;
    });
  }

  /** Takes the oldest element, still retained. */
  shift(): Waiting {
    const oldest = this.#line.shift()!;
    this.#line.at(this.#maxsize - 1)?.admit?.();
    return oldest;
  }

  /** Empties the line for good reason: nothing will ever come to meet the elements. Gives their number. */
  release(): number {
    const waiting = this.#line.drain();
    for (const { metadata, admit } of waiting) {
      releaseAll(metadata);
      admit?.();
    }
    return waiting.length;
  }

  /** Empties the line since `label` was stopped. */
  drop(label: string): void {
    for (const { metadata, admit } of this.#line.drain()) {
      dropHeld(metadata, label);
      admit?.();
    }
  }

  save(): unknown[] {
    return Array.from({ length: this.#line.length }, (_, i) => this.#line.at(i)!.value);
  }

  restore(values: readonly unknown[]): void {
    for (const value of values) this.push(value, noMetadata);
  }
}
