import { Fifo } from './fifo.ts';

/** What happens to elements that arrive faster than they are worked on, once as many wait as may. */
export type Overflow = 'dropOldest' | 'dropNewest' | 'keepLatest' | 'error';

/** Bounds of a queue. */
export interface QueueBounds<T> {
  /** Most items that wait. Default: no limit. */
  readonly maxItems?: number | undefined;
  /** Most that they may measure together, by `sizeOf`. Default: no limit. */
  readonly maxSize?: number | undefined;
  /** What an item measures. Default 0. */
  readonly sizeOf?: ((item: T) => number) | undefined;
}

interface Entry<T> {
  readonly item: T;
  readonly size: number;
}

/** Items that wait, bounded in number and size. A single one larger than the bound is let in when nothing of any size waits. */
export class OverflowQueue<T> {
  readonly #entries = new Fifo<Entry<T>>();
  readonly #maxItems: number;
  readonly #maxSize: number;
  readonly #sizeOf: (item: T) => number;
  #size = 0;

  constructor({ maxItems, maxSize, sizeOf }: QueueBounds<T>) {
    this.#maxItems = maxItems ?? Number.POSITIVE_INFINITY;
    this.#maxSize = maxSize ?? Number.POSITIVE_INFINITY;
    this.#sizeOf = sizeOf ?? nothing;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** What all that wait measure together. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds an item as `overflow` says; gives those thrown away for it, older ones or itself. With `'error'` it is for the
   * caller to fail where the item comes back.
   */
  push(item: T, overflow: Overflow): readonly T[] {
    const entry = this.#measured(item);
    if (this.#fits(entry.size)) {
      this.#add(entry);
      return none;
    }
    if (overflow === 'dropNewest' || overflow === 'error') return [item];
    const dropped: T[] = overflow === 'keepLatest' ? this.drain() : [];
    while (!this.#fits(entry.size)) dropped.push(this.shift()!.item);
    this.#add(entry);
    return dropped;
  }

  /** Adds an item if there is room for it, and says whether there was. */
  offer(item: T): boolean {
    const entry = this.#measured(item);
    const fits = this.#fits(entry.size);
    if (fits) this.#add(entry);
    return fits;
  }

  /** Takes the oldest item, nothing where there is none. */
  shift(): { readonly item: T } | undefined {
    const entry = this.#entries.shift();
    if (entry !== undefined) this.#size = this.length === 0 ? 0 : this.#size - entry.size;
    return entry;
  }

  /** Takes everything out, oldest first. */
  drain(): T[] {
    this.#size = 0;
    return this.#entries.drain().map(({ item }) => item);
  }

  /** The items, oldest first. They stay. */
  items(): T[] {
    return Array.from({ length: this.length }, (_, i) => this.#entries.at(i)!.item);
  }

  #measured(item: T): Entry<T> {
    const sizeOf = this.#sizeOf;
    return { item, size: sizeOf(item) };
  }

  #fits(size: number): boolean {
    return this.length < this.#maxItems && (this.length === 0 || this.#size + size <= this.#maxSize);
  }

  #add(entry: Entry<T>): void {
    this.#entries.push(entry);
    this.#size += entry.size;
  }
}

const none: readonly never[] = [];
const nothing = (): number => 0;
