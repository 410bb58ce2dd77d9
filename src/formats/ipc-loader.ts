import {
  Data,
  DataType,
  type Dictionary,
  type Field,
  IntervalUnit,
  Type,
  type Union,
  UnionMode,
  type Vector,
} from 'apache-arrow';
import { emptyData, vectorOfPieces } from '../columnar/arrow.ts';
import { countBits, getBit } from '../columnar/bitmap.ts';
import { typeName } from '../columnar/type-name.ts';
import { MalformedError } from './flatbuffer.ts';
import type { BatchHeader, FieldNode } from './ipc-metadata.ts';

type Bytes = Uint8Array;
type ArrayOf<T> = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, at: number, length: number): T;
};
type Offsets = Int32Array | BigInt64Array;
type Codes = ArrayLike<number | bigint> & { readonly length: number };

const maxFixedWidth = 2 ** 20;

/** Dictionaries of a stream as they stand, by id. */
export type Dictionaries = ReadonlyMap<number, Vector>;

/**
 * Makes the columns of one batch over its body, without copying where the body is aligned, checking all that
 * reading a value relies on: number of columns and buffers, buffers inside the body and long enough, null
 * counts, offsets ascending and inside their data, dictionary codes and union types in range. Texts are not
 * checked to be UTF-8.
 */
export class Loader {
  readonly #header: BatchHeader;
  readonly #body: Bytes;
  readonly #version: number;
  readonly #dictionaries: Dictionaries;
  #node = 0;
  #buffer = 0;
  #variadic = 0;

  constructor(header: BatchHeader, body: Bytes, version: number, dictionaries: Dictionaries) {
    this.#header = header;
    this.#body = body.byteOffset % 8 === 0 ? body : body.slice();
    this.#version = version;
    this.#dictionaries = dictionaries;
    if (header.codec !== undefined) {
      throw new MalformedError(
        `body is compressed (${header.codec === 0 ? 'lz4' : 'zstd'}), which is not supported`,
      );
    }
  }

  /** The columns of `fields`, each of as many rows as the batch. */
  load(fields: readonly Field[]): Data[] {
    const columns = fields.map((field) => {
      const data = this.#field(field);
      if (data.length !== this.#header.length) {
        throw new MalformedError(
          `column "${field.name}" has ${data.length} rows in a batch of ${this.#header.length}`,
        );
      }
      return data;
    });
    const { nodes, buffers } = this.#header;
    if (this.#node !== nodes.length || this.#buffer !== buffers.length) {
      throw new MalformedError(
        `batch has ${nodes.length} columns and ${buffers.length} buffers where the schema has ${this.#node} and ${this.#buffer}`,
      );
    }
    return columns;
  }

  #field(field: Field): Data {
    try {
      return this.#data(field.type as DataType);
    } catch (error) {
      if (!(error instanceof MalformedError) || error.message.startsWith('column "')) throw error;
      throw new MalformedError(`column "${field.name}": ${error.message}`);
    }
  }

  #data(type: DataType): Data {
    const node = this.#nextNode();
    const { length } = node;
    switch (type.typeId) {
      case Type.Null:
        return new Data(type, 0, length, length);
      case Type.Union:
        return this.#union(type as Union, node);
      case Type.Dictionary:
        return this.#dictionary(type as Dictionary, node);
      case Type.Bool: {
        const validity = this.#validity(node);
        const values = this.#bytes();
        need(values.length * 8, length, 'values');
        return this.#make(type, node, [undefined, values, validity]);
      }
      case Type.Utf8:
      case Type.Binary: {
        const validity = this.#validity(node);
        const offsets = this.#offsets(Int32Array, length);
        const bytes = this.#bytes();
        checkOffsets(offsets, length, bytes.length);
        return this.#make(type, node, [offsets, bytes, validity]);
      }
      case Type.LargeUtf8:
      case Type.LargeBinary: {
        const validity = this.#validity(node);
        const offsets = this.#offsets(BigInt64Array, length);
        const bytes = this.#bytes();
        checkOffsets(offsets, length, bytes.length);
        return this.#make(type, node, [offsets, bytes, validity]);
      }
      case Type.Utf8View:
      case Type.BinaryView:
        return this.#views(type, node);
      case Type.List:
      case Type.Map:
        return this.#list(type, node, Int32Array);
      case Type.LargeList:
        return this.#list(type, node, BigInt64Array);
      case Type.FixedSizeList: {
        const validity = this.#validity(node);
        const { listSize } = type as DataType & { listSize: number };
        if (listSize < 0) throw new MalformedError(`list size is ${listSize}`);
        const child = this.#field(onlyChild(type));
        need(child.length, length * listSize, 'list values');
        return this.#make(type, node, [undefined, undefined, validity], [child]);
      }
      case Type.Struct: {
        const validity = this.#validity(node);
        const children = (type.children as Field[]).map((field) => this.#field(field));
        for (const child of children) need(child.length, length, 'struct fields');
        return this.#make(type, node, [undefined, undefined, validity], children);
      }
    }
    return this.#fixedWidth(type, node);
  }

  #fixedWidth(type: DataType, node: FieldNode): Data {
    const validity = this.#validity(node);
    const stride = strideOf(type);
    const values = this.#typed(type.ArrayType as ArrayOf<ArrayLike<number>>, node.length * stride);
    return this.#make(type, node, [undefined, values, validity]);
  }

  #list(type: DataType, node: FieldNode, arrayType: typeof Int32Array | typeof BigInt64Array): Data {
    const validity = this.#validity(node);
    const offsets = this.#offsets(arrayType, node.length);
    const child = this.#field(onlyChild(type));
    checkOffsets(offsets, node.length, child.length);
    return this.#make(type, node, [offsets, undefined, validity], [child]);
  }

  #views(type: DataType, node: FieldNode): Data {
    const validity = this.#validity(node);
    const cells = this.#typed(Uint8Array as ArrayOf<Bytes>, node.length * 16);
    const count = this.#header.variadicCounts[this.#variadic++];
    if (count === undefined) throw new MalformedError('number of data buffers is missing');
    need(this.#header.buffers.length - this.#buffer, count, 'data buffers');
    const pieces = Array.from({ length: count }, () => this.#bytes());
    const view = new DataView(cells.buffer, cells.byteOffset, cells.byteLength);
    for (let i = 0; i < node.length; i++) {
      if (validity !== undefined && !getBit(validity, i)) continue;
      const size = view.getInt32(16 * i, true);
      if (size >= 0 && size <= 12) continue;
      const piece = pieces[view.getInt32(16 * i + 8, true)];
      const from = view.getInt32(16 * i + 12, true);
      if (size < 0 || piece === undefined || from < 0 || from + size > piece.length) {
        throw new MalformedError(`row ${i} refers to a place outside its data`);
      }
    }
    return this.#make(type, node, [undefined, cells, validity], [], undefined, pieces);
  }

  #dictionary(type: Dictionary, node: FieldNode): Data {
    const validity = this.#validity(node);
    const codes = this.#typed(type.indices.ArrayType as unknown as ArrayOf<Codes>, node.length);
    const dictionary = this.#dictionaries.get(type.id);
    if (dictionary === undefined && node.nullCount < node.length) {
      throw new MalformedError(`dictionary ${type.id} has not come`);
    }
    checkCodes(codes, validity, dictionary?.length ?? 0);
    return this.#make(
      type,
      node,
      [undefined, codes, validity],
      [],
      dictionary ?? vectorOfPieces([emptyData(type.dictionary as DataType)]),
    );
  }

  #union(type: Union, { length }: FieldNode): Data {
    // Before version 5 a union had validity bits of its own, which nobody used.
    if (this.#version < 4) this.#bytes();
    const typeIds = this.#typed(Int8Array, length);
    const dense = type.mode === UnionMode.Dense;
    const offsets = dense ? this.#typed(Int32Array, length) : undefined;
    const children = (type.children as Field[]).map((field) => this.#field(field));
    const childOf = new Map(Array.from(type.typeIds, (id, k) => [id, k] as const));
    for (let i = 0; i < length; i++) {
      const child = children[childOf.get(typeIds[i]!) ?? -1];
      const row = offsets === undefined ? i : offsets[i]!;
      if (child === undefined || row < 0 || row >= child.length) {
        throw new MalformedError(`row ${i} refers to a value that is not there`);
      }
    }
    return new Data(type, 0, length, 0, [offsets, undefined, undefined, typeIds] as never, children);
  }

  #make(
    type: DataType,
    { length, nullCount }: FieldNode,
    buffers: readonly unknown[],
    children: Data[] = [],
    dictionary?: Vector,
    pieces: Bytes[] = [],
  ): Data {
    return new Data(type, 0, length, nullCount, buffers as never, children, dictionary, pieces);
  }

  #nextNode(): FieldNode {
    const node = this.#header.nodes[this.#node++];
    if (node === undefined) throw new MalformedError('batch has fewer columns than its schema');
    if (node.nullCount > node.length) {
      throw new MalformedError(`${node.nullCount} nulls in ${node.length} rows`);
    }
    return node;
  }

  #bytes(): Bytes {
    const region = this.#header.buffers[this.#buffer++];
    if (region === undefined) throw new MalformedError('batch has fewer buffers than its schema needs');
    const end = region.offset + region.length;
    if (end > this.#body.length) {
      throw new MalformedError(
        `buffer from byte ${region.offset} to ${end} is outside the body of ${this.#body.length} bytes`,
      );
    }
    return this.#body.subarray(region.offset, end);
  }

  #validity({ length, nullCount }: FieldNode): Bytes | undefined {
    const bits = this.#bytes();
    if (nullCount === 0) return undefined;
    need(bits.length * 8, length, 'validity bits');
    const valid = countBits(bits, 0, length);
    if (length - valid !== nullCount) {
      throw new MalformedError(`null count is ${nullCount}, validity bits have ${length - valid}`);
    }
    return bits;
  }

  #typed<T>(arrayType: ArrayOf<T>, length: number): T {
    let bytes = this.#bytes();
    const width = arrayType.BYTES_PER_ELEMENT;
    need(Math.floor(bytes.length / width), length, 'values');
    if (bytes.byteOffset % width !== 0) bytes = bytes.slice();
    return new arrayType(bytes.buffer, bytes.byteOffset, length);
  }

  /** Value offsets, which a column of no rows may leave out. */
  #offsets(arrayType: typeof Int32Array | typeof BigInt64Array, length: number): Offsets {
    if (length === 0) {
      this.#bytes();
      return new arrayType(1);
    }
    return this.#typed(arrayType as ArrayOf<Offsets>, length + 1);
  }
}

function need(have: number, wanted: number, what: string): void {
  if (have < wanted) throw new MalformedError(`${have} ${what} where ${wanted} are needed`);
}

function onlyChild(type: DataType): Field {
  // apache-arrow reads a list without a child as one of nothing.
  const [child, ...others] = (type.children ?? []) as (Field | undefined)[];
  if (child === undefined || others.length > 0) {
    const count = child === undefined ? 0 : 1 + others.length;
    const name = child === undefined ? 'a list' : typeName(type);
    throw new MalformedError(`${name} has ${count} child fields instead of 1`);
  }
  return child;
}

/** Elements of the values array per row. */
function strideOf(type: DataType): number {
  if (DataType.isFixedSizeBinary(type)) {
    if (!(type.byteWidth >= 0 && type.byteWidth <= maxFixedWidth))
      throw new MalformedError(`width is ${type.byteWidth}`);
    return type.byteWidth;
  }
  if (DataType.isDecimal(type)) {
    if (![32, 64, 128, 256].includes(type.bitWidth))
      throw new MalformedError(`decimal of ${type.bitWidth} bits`);
    return type.bitWidth / 32;
  }
  if (DataType.isInterval(type)) {
    return type.unit === IntervalUnit.YEAR_MONTH ? 1 : type.unit === IntervalUnit.DAY_TIME ? 2 : 4;
  }
  if (type.ArrayType === undefined) throw new MalformedError(`type ${typeName(type)} is not supported`);
  return 1;
}

function checkOffsets(offsets: Offsets, length: number, end: number): void {
  if (length === 0) return;
  if (offsets instanceof Int32Array) {
    let last = offsets[0]!;
    let ascending = last >= 0;
    for (let i = 1; i <= length; i++) {
      const next = offsets[i]!;
      if (next < last) ascending = false;
      last = next;
    }
    if (ascending && last <= end) return;
  } else {
    let last = offsets[0]!;
    let ascending = last >= 0n;
    for (let i = 1; i <= length; i++) {
      const next = offsets[i]!;
      if (next < last) ascending = false;
      last = next;
    }
    if (ascending && last <= BigInt(end)) return;
  }
  throw new MalformedError(`value offsets are not ascending inside 0 to ${end}`);
}

function checkCodes(codes: Codes, validity: Bytes | undefined, count: number): void {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code >= 0 && code < count) continue;
    if (validity !== undefined && !getBit(validity, i)) continue;
    throw new MalformedError(`row ${i} has code ${code} in a dictionary of ${count}`);
  }
}
