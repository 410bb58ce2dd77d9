/** Words of a cell: the key, its id + 1 (0 where the cell is empty), and one to make the cell 16 bytes. */
const cellWords = 4;

/**
 * Ids of keys of 64 bits, given as two words. Open addressing with linear probes; at most half full; a deleted
 * key leaves no trace, as the keys behind it move up.
 */
export class WordTable {
  readonly #seed: number = (Math.random() * 2 ** 32) | 0;
  #cells: Int32Array = new Int32Array(16 * cellWords);
  #mask = 15;
  #size = 0;

  /** Id of a key, -1 where it is not there. */
  get(low: number, high: number): number {
    const cells = this.#cells;
    const mask = this.#mask;
    let cell = hashOf(low, high, this.#seed) & mask;
    for (;;) {
      const at = cell * cellWords;
      const id = cells[at + 2]! - 1;
      if (id < 0 || (cells[at] === low && cells[at + 1] === high)) return id;
      cell = (cell + 1) & mask;
    }
  }

  /** Adds a key that is not there. */
  add(low: number, high: number, id: number): void {
    if (2 * (this.#size + 1) > this.#mask) this.#grow();
    this.#size++;
    this.#put(low, high, id);
  }

  /** Removes a key that is there. */
  delete(low: number, high: number): void {
    const cells = this.#cells;
    const mask = this.#mask;
    let hole = hashOf(low, high, this.#seed) & mask;
    while (cells[hole * cellWords] !== low || cells[hole * cellWords + 1] !== high) hole = (hole + 1) & mask;
    for (let cell = (hole + 1) & mask; cells[cell * cellWords + 2] !== 0; cell = (cell + 1) & mask) {
      const at = cell * cellWords;
      const home = hashOf(cells[at]!, cells[at + 1]!, this.#seed) & mask;
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue; // its home lies behind the hole
      cells.copyWithin(hole * cellWords, at, at + cellWords);
      hole = cell;
    }
    cells.fill(0, hole * cellWords, (hole + 1) * cellWords);
    this.#size--;
  }

  #put(low: number, high: number, id: number): void {
    const cells = this.#cells;
    let cell = hashOf(low, high, this.#seed) & this.#mask;
    while (cells[cell * cellWords + 2] !== 0) cell = (cell + 1) & this.#mask;
    const at = cell * cellWords;
    cells[at] = low;
    cells[at + 1] = high;
    cells[at + 2] = id + 1;
  }

  #grow(): void {
    const old = this.#cells;
    this.#cells = new Int32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    for (let at = 0; at < old.length; at += cellWords) {
      if (old[at + 2] !== 0) this.#put(old[at]!, old[at + 1]!, old[at + 2]! - 1);
    }
  }
}

function hashOf(low: number, high: number, seed: number): number {
  let h = Math.imul(low ^ seed, 0x9e3779b1);
  h = Math.imul(((h << 15) | (h >>> 17)) ^ high, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}
