/** Items of which the first by an order can be taken out in O(log items), and any whose place is known. */
export class Heap<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #place: ((item: T, at: number) => void) | undefined;
  readonly #items: T[] = [];

  /** @param place told where an item is now. */
  constructor(isBefore: (a: T, b: T) => boolean, place?: (item: T, at: number) => void) {
    this.#isBefore = isBefore;
    this.#place = place;
  }

  get length(): number {
    return this.#items.length;
  }

  /** All items, in no order. */
  get items(): readonly T[] {
    return this.#items;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  /** Takes the first item out. */
  shift(): T | undefined {
    const [first] = this.#items;
    if (first !== undefined) this.removeAt(0);
    return first;
  }

  /** Takes the item at that place out. */
  removeAt(at: number): void {
    const items = this.#items;
    const last = items.pop()!;
    if (at === items.length) return;
    const above = (at - 1) >> 1;
    if (at > 0 && this.#isBefore(last, items[above]!)) this.#rise(at, last);
    else this.#sink(at, last);
  }

  #rise(from: number, item: T): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(item, this.#items[above]!)) break;
      this.#put(at, this.#items[above]!);
      at = above;
    }
    this.#put(at, item);
  }

  #sink(from: number, item: T): void {
    const items = this.#items;
    let at = from;
    while (true) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#isBefore(items[below + 1]!, items[below]!)) below++;
      if (!this.#isBefore(items[below]!, item)) break;
      this.#put(at, items[below]!);
      at = below;
    }
    this.#put(at, item);
  }

  #put(at: number, item: T): void {
    this.#items[at] = item;
    this.#place?.(item, at);
  }
}
