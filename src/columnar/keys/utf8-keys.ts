import { type DataType, Utf8 } from 'apache-arrow';
import { getBit, packBits } from '../bitmap.ts';
import type { Column, Utf8Column } from '../column.ts';
import { grown } from '../grow.ts';
import { LeafKeys } from './leaf-keys.ts';

/** Dead bytes below this are not worth moving the living for. */
const smallWaste = 1 << 14;

/**
 * Keys that are strings. They are hashed and compared as the bytes they come in; no JavaScript string is made.
 * In order of their bytes, which is the order of Unicode code points. Keeps a copy of the bytes of the live
 * keys, and of at most as many dead ones.
 */
export class Utf8Keys extends LeafKeys {
  readonly #seed: number = (Math.random() * 2 ** 32) | 0;
  /** Hash and id + 1 of each cell, 0 for an empty one; linear probes, at most half full. */
  #cells: Int32Array = new Int32Array(32);
  #mask = 15;
  #live = 0;
  #hashes: Int32Array = new Int32Array(0);
  #starts: Int32Array = new Int32Array(0);
  #lengths: Int32Array = new Int32Array(0);
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = viewOf(this.#bytes);
  #end = 0;
  #deadBytes = 0;
  /** What all keys in order begin with. */
  #prefix: Uint8Array = new Uint8Array(0);

  constructor(position: number, dropna: boolean, type: DataType = new Utf8(), kind: Column['kind'] = 'utf8') {
    super(type, kind, position, dropna);
  }

  protected override assignValues(column: Column, length: number, ids: Int32Array): void {
    const { bytes, valueOffsets, validity, offset } = column as Utf8Column;
    const view = viewOf(bytes);
    for (let i = 0; i < length; i++) {
      if (validity !== undefined && !getBit(validity, offset + i)) ids[i] = this.idOfNull();
      else ids[i] = this.#idOf(bytes, view, valueOffsets[i]!, valueOffsets[i + 1]! - valueOffsets[i]!);
    }
  }

  protected override idAt(column: Column, row: number): number {
    const { bytes, valueOffsets } = column as Utf8Column;
    return this.#idOf(bytes, viewOf(bytes), valueOffsets[row]!, valueOffsets[row + 1]! - valueOffsets[row]!);
  }

  #idOf(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    const hash = hashOf(view, start, length, this.#seed);
    const cells = this.#cells;
    const mask = this.#mask;
    for (let cell = hash & mask; cells[2 * cell + 1] !== 0; cell = (cell + 1) & mask) {
      if (cells[2 * cell] !== hash) continue;
      const id = cells[2 * cell + 1]! - 1;
      if (this.#lengths[id] === length && sameBytes(this.#view, this.#starts[id]!, view, start, length))
        return id;
    }
    return this.#add(bytes.subarray(start, start + length), hash);
  }

  #add(key: Uint8Array, hash: number): number {
    const id = this.newId();
    this.#hashes = grown(this.#hashes, id + 1);
    this.#starts = grown(this.#starts, id + 1);
    this.#lengths = grown(this.#lengths, id + 1);
    if (this.#end + key.length > this.#bytes.length) this.#makeRoom(key.length);
    this.#bytes.set(key, this.#end);
    this.#hashes[id] = hash;
    this.#starts[id] = this.#end;
    this.#lengths[id] = key.length;
    this.#end += key.length;
    if (2 * ++this.#live > this.#mask) this.#growCells();
    this.#put(hash, id);
    return id;
  }

  #put(hash: number, id: number): void {
    let cell = hash & this.#mask;
    while (this.#cells[2 * cell + 1] !== 0) cell = (cell + 1) & this.#mask;
    this.#cells[2 * cell] = hash;
    this.#cells[2 * cell + 1] = id + 1;
  }

  #growCells(): void {
    const old = this.#cells;
    this.#cells = new Int32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    for (let at = 0; at < old.length; at += 2) if (old[at + 1] !== 0) this.#put(old[at]!, old[at + 1]! - 1);
  }

  protected override forgetValue(id: number): void {
    const cells = this.#cells;
    const mask = this.#mask;
    let hole = this.#hashes[id]! & mask;
    while (cells[2 * hole + 1] !== id + 1) hole = (hole + 1) & mask;
    for (let cell = (hole + 1) & mask; cells[2 * cell + 1] !== 0; cell = (cell + 1) & mask) {
      if (((cell - cells[2 * cell]!) & mask) < ((cell - hole) & mask)) continue; // its home lies behind the hole
      cells[2 * hole] = cells[2 * cell]!;
      cells[2 * hole + 1] = cells[2 * cell + 1]!;
      hole = cell;
    }
    cells[2 * hole + 1] = 0;
    this.#live--;
    this.#deadBytes += this.#lengths[id]!;
    this.#lengths[id] = -1;
    if (this.#deadBytes > smallWaste && 2 * this.#deadBytes > this.#end) this.#moveBytes(this.#bytes.length);
  }

  #makeRoom(length: number): void {
    const needed = this.#end - this.#deadBytes + length;
    this.#moveBytes(Math.max(256, 2 * needed));
  }

  /** Copies the bytes of the live keys into a new array of `size`. */
  #moveBytes(size: number): void {
    const old = this.#bytes;
    const bytes = new Uint8Array(size);
    let end = 0;
    for (let at = 1; at < this.#cells.length; at += 2) {
      const id = this.#cells[at]! - 1;
      if (id < 0) continue;
      const start = this.#starts[id]!;
      const length = this.#lengths[id]!;
      bytes.set(old.subarray(start, start + length), end);
      this.#starts[id] = end;
      end += length;
    }
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#end = end;
    this.#deadBytes = 0;
  }

  protected override columnOfIds(ids: Int32Array, present: Uint8Array | undefined): Column {
    const { length } = ids;
    const valueOffsets = new Int32Array(length + 1);
    for (let i = 0; i < length; i++) {
      valueOffsets[i + 1] = valueOffsets[i]! + (this.isNull(ids[i]!) ? 0 : this.#lengths[ids[i]!]!);
    }
    const bytes = new Uint8Array(valueOffsets[length]!);
    const source = this.#bytes;
    for (let i = 0; i < length; i++) {
      let from = this.#starts[ids[i]!]!;
      for (let k = valueOffsets[i]!; k < valueOffsets[i + 1]!; k++) bytes[k] = source[from++]!;
    }
    const validity = packBits(present);
    return { kind: 'utf8', type: this.types[0]!, length, validity, offset: 0, valueOffsets, bytes };
  }

  protected override compareValues(a: number, b: number): number {
    const bytes = this.#bytes;
    const [x, y] = [this.#starts[a]!, this.#starts[b]!];
    const length = Math.min(this.#lengths[a]!, this.#lengths[b]!);
    for (let k = 0; k < length; k++) {
      const difference = bytes[x + k]! - bytes[y + k]!;
      if (difference !== 0) return difference;
    }
    return this.#lengths[a]! - this.#lengths[b]!;
  }

  /** Eight bytes behind the prefix, 0 where a string has ended. */
  protected override sortWords(ids: Int32Array, high: Uint32Array, low: Uint32Array): void {
    const skip = this.#prefix.length;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (this.isNull(id)) {
        high[i] = -1;
        low[i] = -1;
        continue;
      }
      const start = this.#starts[id]! + skip;
      const end = this.#starts[id]! + this.#lengths[id]!;
      high[i] = this.#bigEndian(start, end);
      low[i] = this.#bigEndian(start + 4, end);
    }
  }

  protected override moveWords(fresh: Int32Array, anyOld: boolean): boolean {
    const bytes = this.#bytes;
    let prefix = anyOld ? this.#prefix : undefined;
    for (const id of fresh) {
      if (this.isNull(id)) continue;
      const start = this.#starts[id]!;
      prefix ??= bytes.slice(start, start + this.#lengths[id]!);
      let length = 0;
      const most = Math.min(prefix.length, this.#lengths[id]!);
      while (length < most && prefix[length] === bytes[start + length]) length++;
      if (length < prefix.length) prefix = prefix.subarray(0, length);
    }
    const moved = prefix !== this.#prefix;
    this.#prefix = prefix ?? new Uint8Array(0);
    return moved;
  }

  #bigEndian(start: number, end: number): number {
    if (start + 4 <= end) return this.#view.getUint32(start);
    let word = 0;
    for (let k = 0; k < 4; k++) word = (word << 8) | (start + k < end ? this.#bytes[start + k]! : 0);
    return word >>> 0;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Four bytes at a time; the last four may overlap the ones before. */
function hashOf(view: DataView, start: number, length: number, seed: number): number {
  let h = seed ^ Math.imul(length, 0x9e3779b1);
  const last = start + length - 4;
  if (length >= 4) {
    for (let k = start; k < last; k += 4) h = mix(h, view.getInt32(k, true));
    h = mix(h, view.getInt32(last, true));
  } else {
    for (let k = start; k < start + length; k++) h = mix(h, view.getUint8(k));
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function mix(h: number, word: number): number {
  const product = Math.imul(h ^ word, 0x9e3779b1);
  return (product << 13) | (product >>> 19);
}

function sameBytes(a: DataView, x: number, b: DataView, y: number, length: number): boolean {
  if (length < 4) {
    for (let k = 0; k < length; k++) if (a.getUint8(x + k) !== b.getUint8(y + k)) return false;
    return true;
  }
  for (let k = 0; k < length - 4; k += 4)
    if (a.getInt32(x + k, true) !== b.getInt32(y + k, true)) return false;
  return a.getInt32(x + length - 4, true) === b.getInt32(y + length - 4, true);
}
