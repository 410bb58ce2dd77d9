/**
 * Bounds-checked reading of flatbuffers, the format of Arrow's metadata. Every position is checked
 * before it is read, and a budget of steps stops tables that refer to each other for ever.
 *
 * {@link https://flatbuffers.dev/internals/}
 */

/** The bytes are not what the format says. Given a place and a class by who reads them. */
export class MalformedError extends Error {}

/** A vector inside a flatbuffer: where its first element is, and how many there are. */
export interface FlatVector {
  readonly start: number;
  readonly length: number;
}

export class Flatbuffer {
  readonly #view: DataView;
  #steps: number;

  constructor(bytes: Uint8Array, steps = 200_000) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#steps = steps;
  }

  /** The table everything starts from. */
  root(): FlatTable {
    return this.tableAt(this.target(0));
  }

  tableAt(at: number): FlatTable {
    if (--this.#steps < 0) throw new MalformedError('metadata refers to more tables than allowed');
    const vtable = at - this.int32(at);
    const size = this.uint16(vtable);
    const tableSize = this.uint16(vtable + 2);
    if (size < 4 || size % 2 !== 0 || tableSize < 4) throw new MalformedError('metadata has a broken table');
    this.#check(vtable, size);
    this.#check(at, tableSize);
    return new FlatTable(this, at, vtable, size, tableSize);
  }

  /** The position that the offset at `at` points to. */
  target(at: number): number {
    const target = at + this.uint32(at);
    this.#check(target, 4);
    return target;
  }

  vectorAt(at: number, elementSize: number): FlatVector {
    const start = at + 4;
    const length = this.uint32(at);
    this.#check(start, length * elementSize);
    if (elementSize > 1) this.#steps -= length;
    if (this.#steps < 0) throw new MalformedError('metadata has more entries than allowed');
    return { start, length };
  }

  uint8(at: number): number {
    this.#check(at, 1);
    return this.#view.getUint8(at);
  }

  uint16(at: number): number {
    this.#check(at, 2);
    return this.#view.getUint16(at, true);
  }

  int16(at: number): number {
    this.#check(at, 2);
    return this.#view.getInt16(at, true);
  }

  int32(at: number): number {
    this.#check(at, 4);
    return this.#view.getInt32(at, true);
  }

  uint32(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at, true);
  }

  /** A length or offset: a 64-bit integer that is neither negative nor beyond 2^53. */
  size(at: number, what: string): number {
    this.#check(at, 8);
    const value = this.#view.getBigInt64(at, true);
    if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new MalformedError(`${what} is ${value}`);
    return Number(value);
  }

  #check(at: number, size: number): void {
    if (!(at >= 0 && at + size <= this.#view.byteLength)) {
      throw new MalformedError('metadata refers to a place outside itself');
    }
  }
}

const decoder = new TextDecoder();

/** A table of a flatbuffer. Fields are known by their number in the format's definition. */
export class FlatTable {
  readonly buffer: Flatbuffer;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableSize: number;
  readonly #size: number;

  constructor(buffer: Flatbuffer, at: number, vtable: number, vtableSize: number, size: number) {
    this.buffer = buffer;
    this.#at = at;
    this.#vtable = vtable;
    this.#vtableSize = vtableSize;
    this.#size = size;
  }

  /** Where the table starts. */
  get position(): number {
    return this.#at;
  }

  /** Where a field is, or 0 where it is left out. */
  #field(field: number, size: number): number {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.#vtableSize) return 0;
    const offset = this.buffer.uint16(this.#vtable + entry);
    if (offset === 0) return 0;
    if (offset + size > this.#size) throw new MalformedError('metadata has a field outside its table');
    return this.#at + offset;
  }

  uint8(field: number): number {
    const at = this.#field(field, 1);
    return at === 0 ? 0 : this.buffer.uint8(at);
  }

  int16(field: number): number {
    const at = this.#field(field, 2);
    return at === 0 ? 0 : this.buffer.int16(at);
  }

  int32(field: number): number {
    const at = this.#field(field, 4);
    return at === 0 ? 0 : this.buffer.int32(at);
  }

  size(field: number, what: string): number {
    const at = this.#field(field, 8);
    return at === 0 ? 0 : this.buffer.size(at, what);
  }

  table(field: number): FlatTable | undefined {
    const at = this.#field(field, 4);
    return at === 0 ? undefined : this.buffer.tableAt(this.buffer.target(at));
  }

  vector(field: number, elementSize: number): FlatVector {
    const at = this.#field(field, 4);
    return at === 0 ? { start: 0, length: 0 } : this.buffer.vectorAt(this.buffer.target(at), elementSize);
  }

  /** Each table of a vector of tables. */
  *tables(field: number): Generator<FlatTable> {
    const { start, length } = this.vector(field, 4);
    for (let i = 0; i < length; i++) yield this.buffer.tableAt(this.buffer.target(start + 4 * i));
  }

  /** Checks that a text field lies inside, without reading it. */
  checkText(field: number): void {
    this.vector(field, 1);
  }

  text(field: number, bytes: Uint8Array): string | undefined {
    const { start, length } = this.vector(field, 1);
    return start === 0 ? undefined : decoder.decode(bytes.subarray(start, start + length));
  }
}
