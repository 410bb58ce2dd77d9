/** Counters as plain data. */
export interface SavedSpaceSaving {
  readonly codes: Int32Array;
  readonly counts: Float64Array;
  readonly errors: Float64Array;
}

/**
 * The most frequent values of a stream with few counters, as Metwally, Agrawal and El Abbadi do (2005): a value
 * without a counter takes over the one that stands lowest, and what it stood at is the most its count can be too
 * high. Counters lie in a heap, the lowest on top. O(log counters) per row.
 */
export class SpaceSaving {
  readonly #size: number;
  /** Place of each code in the heap. */
  readonly #places: Map<number, number> = new Map();
  readonly #codes: number[] = [];
  readonly #counts: number[] = [];
  readonly #errors: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  add(code: number): void {
    let place = this.#places.get(code);
    if (place === undefined) {
      if (this.#codes.length < this.#size) {
        place = this.#codes.length;
        this.#codes.push(code);
        this.#counts.push(1);
        this.#errors.push(0);
        this.#places.set(code, place);
        this.#up(place);
        return;
      }
      place = 0;
      this.#places.delete(this.#codes[0]!);
      this.#codes[0] = code;
      this.#errors[0] = this.#counts[0]!;
      this.#places.set(code, 0);
    }
    this.#counts[place]! += 1;
    this.#down(place);
  }

  /** The counters, in no order. */
  counters(): { code: number; count: number; error: number }[] {
    return this.#codes.map((code, i) => ({ code, count: this.#counts[i]!, error: this.#errors[i]! }));
  }

  save(): SavedSpaceSaving {
    return {
      codes: Int32Array.from(this.#codes),
      counts: Float64Array.from(this.#counts),
      errors: Float64Array.from(this.#errors),
    };
  }

  /** Into one without counters. */
  restore({ codes, counts, errors }: SavedSpaceSaving): void {
    for (let i = 0; i < codes.length; i++) {
      this.#codes.push(codes[i]!);
      this.#counts.push(counts[i]!);
      this.#errors.push(errors[i]!);
      this.#places.set(codes[i]!, i);
    }
  }

  #up(from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#counts[parent]! <= this.#counts[place]!) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #down(from: number): void {
    const { length } = this.#codes;
    let place = from;
    for (;;) {
      let least = place;
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < length && this.#counts[child]! < this.#counts[least]!) least = child;
      }
      if (least === place) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #swap(a: number, b: number): void {
    for (const list of [this.#codes, this.#counts, this.#errors]) {
      const kept = list[a]!;
      list[a] = list[b]!;
      list[b] = kept;
    }
    this.#places.set(this.#codes[a]!, a);
    this.#places.set(this.#codes[b]!, b);
  }
}
