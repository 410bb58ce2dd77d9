import type { DataType } from 'apache-arrow';
import type { Column } from '../column.ts';
import { grown } from '../grow.ts';
import { KeyTable } from './key-table.ts';
import { WordTable } from './word-table.ts';

/** Keys made of a key of one table and a key of another. More columns are pairs of pairs. */
export class PairKeys extends KeyTable {
  override readonly types: readonly DataType[];
  readonly #left: Part;
  readonly #right: Part;
  readonly #table: WordTable = new WordTable();

  constructor(left: KeyTable, right: KeyTable) {
    super();
    this.types = [...left.types, ...right.types];
    this.#left = new Part(left);
    this.#right = new Part(right);
  }

  override assign(columns: readonly Column[], length: number, ids: Int32Array): void {
    const left = this.#left.assign(columns, length);
    const right = this.#right.assign(columns, length);
    let dropped = false;
    for (let i = 0; i < length; i++) {
      const l = left[i]!;
      const r = right[i]!;
      if ((l | r) < 0) {
        ids[i] = -1;
        dropped = true;
        continue;
      }
      const id = this.#table.get(l, r);
      ids[i] = id >= 0 ? id : this.#add(l, r);
    }
    if (!dropped) return;
    for (let i = 0; i < length; i++) {
      if (ids[i]! >= 0) continue;
      this.#left.releaseUnused(left[i]!);
      this.#right.releaseUnused(right[i]!);
    }
  }

  #add(left: number, right: number): number {
    const id = this.newId();
    this.#table.add(left, right, id);
    this.#left.use(id, left);
    this.#right.use(id, right);
    return id;
  }

  protected override forget(id: number): void {
    const left = this.#left.idOf[id]!;
    const right = this.#right.idOf[id]!;
    this.#table.delete(left, right);
    this.#left.unuse(left);
    this.#right.unuse(right);
  }

  override columnsOf(ids: Int32Array): Column[] {
    return [...this.#left.columnsOf(ids), ...this.#right.columnsOf(ids)];
  }

  override compare(a: number, b: number): number {
    const left = this.#left;
    const right = this.#right;
    if (left.idOf[a] !== left.idOf[b]) return left.table.compare(left.idOf[a]!, left.idOf[b]!);
    return right.table.compare(right.idOf[a]!, right.idOf[b]!);
  }

  protected override sortWords(ids: Int32Array, high: Uint32Array, low: Uint32Array): void {
    this.#left.ranksOf(ids, high);
    this.#right.ranksOf(ids, low);
  }

  protected override moveWords(): boolean {
    const left = this.#left.renewRanks();
    const right = this.#right.renewRanks();
    return left || right;
  }
}

/** One side of the pairs. */
class Part {
  readonly table: KeyTable;
  /** Id in `table` for each id of a pair. */
  idOf: Int32Array = new Int32Array(0);
  /** How many pairs use an id of `table`. */
  #uses: Int32Array = new Int32Array(0);
  #rows: Int32Array = new Int32Array(0);
  #order: Int32Array | undefined;
  #rankOf: Int32Array = new Int32Array(0);

  constructor(table: KeyTable) {
    this.table = table;
  }

  assign(columns: readonly Column[], length: number): Int32Array {
    this.#rows = grown(this.#rows, length);
    this.table.assign(columns, length, this.#rows);
    this.#uses = grown(this.#uses, this.table.pool.capacity);
    return this.#rows;
  }

  use(pair: number, id: number): void {
    this.idOf = grown(this.idOf, pair + 1);
    this.idOf[pair] = id;
    this.#uses[id]!++;
  }

  unuse(id: number): void {
    if (--this.#uses[id]! === 0) this.table.release(id);
  }

  /** Gives up an id that came with a row that was dropped. */
  releaseUnused(id: number): void {
    if (id >= 0 && this.#uses[id] === 0 && this.table.pool.isLive(id)) this.table.release(id);
  }

  columnsOf(pairs: Int32Array): Column[] {
    return this.table.columnsOf(pairs.map((pair) => this.idOf[pair]!));
  }

  /** Whether the table has another order than last time. Ids that are gone leave the order of the others as it was. */
  renewRanks(): boolean {
    const order = this.table.sorted();
    if (order === this.#order) return false;
    this.#order = order;
    this.#rankOf = grown(this.#rankOf, this.table.pool.capacity);
    for (let rank = 0; rank < order.length; rank++) this.#rankOf[order[rank]!] = rank;
    return true;
  }

  /** Where the ids of the pairs stand in the order of the table. */
  ranksOf(pairs: Int32Array, ranks: Uint32Array): void {
    for (let i = 0; i < pairs.length; i++) ranks[i] = this.#rankOf[this.idOf[pairs[i]!]!]!;
  }
}
