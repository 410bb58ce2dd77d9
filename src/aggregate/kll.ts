/** A sketch as plain data. */
export interface SavedKll {
  readonly levels: readonly Float64Array[];
  readonly count: number;
  readonly least: number;
  readonly greatest: number;
  readonly random: number;
}

/**
 * Quantiles of a stream in little room, as Karnin, Lang and Liberty do (2016): levels of values, each of the next one
 * standing for twice as many; a level that is full is sorted, and every other value moves up. Which ones is drawn
 * from a generator of its own, so the same values in the same order give the same answer. Keeps about 3 · k values.
 */
export class Kll {
  readonly #k: number;
  #levels: number[][] = [[]];
  #count = 0;
  #held = 0;
  #room: number;
  #least = Infinity;
  #greatest = -Infinity;
  #random: number;

  constructor(k: number, seed: number) {
    this.#k = k;
    this.#random = (seed | 0) ^ 0x6d2b79f5 || 1;
    this.#room = this.#roomAt(0);
  }

  get count(): number {
    return this.#count;
  }

  /** Whether no value was dropped. */
  get isExact(): boolean {
    return this.#levels.length === 1;
  }

  add(value: number): void {
    this.#levels[0]!.push(value);
    this.#count++;
    this.#held++;
    if (value < this.#least) this.#least = value;
    if (value > this.#greatest) this.#greatest = value;
    if (this.#held > this.#room) this.#compact();
  }

  /** The value that a part `q` of all lies below; the least for 0, the greatest for 1. */
  quantile(q: number): number {
    if (q === 0) return this.#least;
    if (q === 1) return this.#greatest;
    const weighted = this.#levels.flatMap((values, level) =>
      values.map((value) => ({ value, weight: 2 ** level })),
    );
    weighted.sort((a, b) => (a.value < b.value ? -1 : Number(a.value > b.value)));
    const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
    let below = 0;
    for (const { value, weight } of weighted) {
      below += weight;
      if (below > q * (total - 1)) return value;
    }
    return this.#greatest;
  }

  save(): SavedKll {
    return {
      levels: this.#levels.map((values) => Float64Array.from(values)),
      count: this.#count,
      least: this.#least,
      greatest: this.#greatest,
      random: this.#random,
    };
  }

  restore({ levels, count, least, greatest, random }: SavedKll): void {
    this.#levels = levels.map((values) => [...values]);
    this.#count = count;
    this.#held = levels.reduce((sum, values) => sum + values.length, 0);
    this.#room = this.#roomOfAll();
    this.#least = least;
    this.#greatest = greatest;
    this.#random = random;
  }

  #roomAt(level: number): number {
    return Math.max(2, Math.ceil(this.#k * (2 / 3) ** (this.#levels.length - 1 - level)));
  }

  #roomOfAll(): number {
    return this.#levels.reduce((sum, _, level) => sum + this.#roomAt(level), 0);
  }

  /** Halves the lowest level that is full. */
  #compact(): void {
    const level = this.#levels.findIndex((values, at) => values.length >= this.#roomAt(at));
    if (level === this.#levels.length - 1) this.#levels.push([]);
    const values = this.#levels[level]!.sort((a, b) => (a < b ? -1 : Number(a > b)));
    const odd = values.length % 2 === 1 ? [values.pop()!] : [];
    const offset = this.#bit();
    const above = this.#levels[level + 1]!;
    for (let i = offset; i < values.length; i += 2) above.push(values[i]!);
    this.#held -= values.length / 2;
    this.#levels[level] = odd;
    this.#room = this.#roomOfAll();
  }

  #bit(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return (x >>> 16) & 1;
  }
}
