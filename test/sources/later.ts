import { failAll, type Metadata, releaseAll, retainAll } from '../../src/core/metadata.ts';
import { Node } from '../../src/core/node.ts';

/** An end that keeps each element, without holding anybody up, until told that the work on it is done or has failed. */
export class Later<T> extends Node<T, never> {
  readonly values: T[] = [];
  readonly #held: (Metadata | undefined)[] = [];

  constructor() {
    super({ name: 'later' });
    this.begin();
  }

  override update(value: T, metadata: Metadata): void {
    retainAll(metadata);
    this.values.push(value);
    this.#held.push(metadata);
  }

  /** Says that the element with that number is done. */
  done(index: number): void {
    releaseAll(this.#held[index] ?? []);
    this.#held[index] = undefined;
  }

  fail(index: number): void {
    failAll(this.#held[index] ?? [], new Error('work failed'));
    this.done(index);
  }

  protected override get isEnd(): boolean {
    return true;
  }
}
