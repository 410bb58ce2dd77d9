/**
 * A queue whose copies cost nothing: a copy shares the list, and either may go on as if the other were not
 * there, since elements in use are never overwritten. All operations are amortised O(1) on the newest copy.
 */
export class SharedQueue<T> {
  #list: T[] = [];
  #first: number = 0;
  #end: number = 0;

  /** A queue of these elements, oldest first. The list is kept, not copied. */
  static of<T>(list: T[]): SharedQueue<T> {
    const queue = new SharedQueue<T>();
    queue.#list = list;
    queue.#end = list.length;
    return queue;
  }

  copy(): SharedQueue<T> {
    const copy = new SharedQueue<T>();
    copy.#list = this.#list;
    copy.#first = this.#first;
    copy.#end = this.#end;
    return copy;
  }

  get length(): number {
    return this.#end - this.#first;
  }

  /** The element with `index` others before it. */
  at(index: number): T {
    return this.#list[this.#first + index]!;
  }

  push(element: T): void {
    const taken = this.#list.length > this.#end;
    if (taken || this.#first > this.length) {
      this.#list = this.#list.slice(this.#first, this.#end);
      this.#first = 0;
      this.#end = this.#list.length;
    }
    this.#list.push(element);
    this.#end++;
  }

  /** Removes the oldest `count` elements. */
  shift(count: number): void {
    this.#first += count;
  }

  toArray(): T[] {
    return this.#list.slice(this.#first, this.#end);
  }
}
