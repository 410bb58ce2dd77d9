import { quote, SourceError, type SourcePosition } from '../errors.ts';
import type { FrameOptions } from './frame-options.ts';

/** A piece between two delimiters. */
export interface Part {
  /** With the delimiter, if there is one; good until the framer is given more. Nothing where it is too long. */
  readonly bytes: Buffer | undefined;
  /** Whether a delimiter ends it. */
  readonly ended: boolean;
  /** Its number, from 0. */
  readonly index: number;
  readonly start: number;
  /** Where reading goes on after it. */
  readonly end: number;
}

/** What the options of framing come to. */
export class Framing {
  readonly maxLine: number;
  readonly delimiter: Buffer;
  /** Bytes of the smallest unit of the encoding. */
  readonly width: 1 | 2;
  readonly #keeps: boolean;
  readonly #encoding: BufferEncoding;

  /** @throws `bad-option` for an empty delimiter, an unknown encoding, or a limit that is none. */
  constructor(options: FrameOptions, defaultMaxLine: number) {
    const { delimiter = '\n', keepDelimiter = true, encoding = 'utf-8', maxLine = defaultMaxLine } = options;
    const name = bufferEncodings.get(encoding);
    if (name === undefined) {
      throw badOption(
        `unknown encoding ${quote(encoding)}; known: ${[...bufferEncodings.keys()].join(', ')}`,
      );
    }
    if (!(maxLine >= 1)) throw badOption(`maxLine must be a number of bytes from 1, got ${String(maxLine)}`);
    this.#encoding = name;
    this.#keeps = keepDelimiter;
    this.maxLine = maxLine;
    this.width = encoding === 'utf-16le' ? 2 : 1;
    this.delimiter = typeof delimiter === 'string' ? Buffer.from(delimiter, name) : Buffer.from(delimiter);
    if (this.delimiter.length === 0) throw badOption('delimiter must not be empty');
  }

  /** Cuts bytes, the first of which has the given offset. */
  framer(offset = 0): Framer {
    return new Framer(this, offset);
  }

  /** The text of a part. A byte order mark at the very start is no part of it. */
  textOf(part: Part): string {
    const text = this.#bytesOf(part).toString(this.#encoding);
    return part.start === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  /** A copy of the bytes of a part. */
  copyOf(part: Part): Uint8Array {
    return new Uint8Array(this.#bytesOf(part));
  }

  /** The bytes of a text, such as those that `textOf` reads. */
  encode(text: string): Uint8Array {
    return Buffer.from(text, this.#encoding);
  }

  /** The error about a part that is too long. */
  tooLong(where: string, part: Part, position: SourcePosition = {}): SourceError {
    return new SourceError(
      'limit-exceeded',
      `line ${part.index} of ${where} is longer than ${this.maxLine} bytes (maxLine); it is passed over`,
      { position: { ...position, row: part.index, byte: part.start } },
    );
  }

  #bytesOf({ bytes = Buffer.alloc(0), ended }: Part): Buffer {
    return ended && !this.#keeps ? bytes.subarray(0, bytes.length - this.delimiter.length) : bytes;
  }
}

/**
 * Cuts a sequence of chunks into parts that a delimiter ends, wherever the chunks are cut. Keeps the part that is not
 * yet whole, and of one that is too long nothing.
 */
export class Framer {
  readonly #delimiter: Buffer;
  readonly #width: number;
  readonly #maxLine: number;
  /** Room for the part that is not yet whole. */
  #room: Buffer = Buffer.alloc(0);
  /** How many bytes of it there are. */
  #length = 0;
  /** How many of them have been searched. */
  #searched = 0;
  #offset: number;
  #index = 0;
  /** Whether the rest of a part that is too long is being passed over. */
  #skipping = false;

  constructor({ delimiter, width, maxLine }: Framing, offset: number) {
    this.#delimiter = delimiter;
    this.#width = width;
    this.#maxLine = maxLine;
    this.#offset = offset;
  }

  /** The parts that end with `chunk`. To be run through to its end before the next call. */
  *push(chunk: Uint8Array): Generator<Part, void> {
    const data = this.#join(chunk);
    let start = 0;
    let from = this.#searched;
    for (let at = this.#find(data, start, from); at >= 0; at = this.#find(data, start, from)) {
      const end = at + this.#delimiter.length;
      const skipped = this.#skipping;
      const first = this.#offset;
      const index = this.#index++;
      this.#skipping = false;
      this.#offset += end - start;
      if (!skipped) {
        const bytes = at - start > this.#maxLine ? undefined : data.subarray(start, end);
        yield { bytes, ended: true, index, start: first, end: this.#offset };
      }
      start = from = end;
    }
    this.#keep(data.subarray(start));
    if (!this.#skipping && this.#length > this.#maxLine + this.#delimiter.length - 1) {
      this.#skipping = true;
      yield { bytes: undefined, ended: false, index: this.#index, start: this.#offset, end: this.#offset };
    }
    if (this.#skipping) this.#forget();
  }

  /** What is left where nothing more comes: a part without its delimiter. */
  *end(): Generator<Part, void> {
    if (this.#length === 0 || this.#skipping) return;
    const start = this.#offset;
    const long = this.#length > this.#maxLine;
    const bytes = long ? undefined : this.#room.subarray(0, this.#length);
    this.#offset += this.#length;
    this.#length = this.#searched = 0;
    yield { bytes, ended: false, index: this.#index++, start, end: this.#offset };
  }

  #find(data: Buffer, start: number, from: number): number {
    let at = data.indexOf(this.#delimiter, from);
    while (at >= 0 && (at - start) % this.#width !== 0) at = data.indexOf(this.#delimiter, at + 1);
    return at;
  }

  /** The bytes kept, and `chunk` after them. */
  #join(chunk: Uint8Array): Buffer {
    if (this.#length === 0) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#reserve(this.#length + chunk.length);
    this.#room.set(chunk, this.#length);
    return this.#room.subarray(0, this.#length + chunk.length);
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0 && this.#room.length > keptRoom) this.#room = Buffer.alloc(0);
    this.#length = 0;
    this.#reserve(rest.length);
    this.#room.set(rest);
    this.#length = rest.length;
    this.#searched = Math.max(0, rest.length - this.#delimiter.length + 1);
  }

  /** Keeps only what may be the beginning of a delimiter. */
  #forget(): void {
    const spare = Math.max(0, this.#length - this.#delimiter.length + 1);
    const dropped = spare - (spare % this.#width);
    this.#offset += dropped;
    this.#keep(this.#room.subarray(dropped, this.#length));
  }

  #reserve(length: number): void {
    if (length <= this.#room.length) return;
    const room = Buffer.alloc(Math.max(length, this.#room.length * 2));
    room.set(this.#room.subarray(0, this.#length));
    this.#room = room;
  }
}

/** Room that is not given back between two parts. */
const keptRoom = 2 ** 16;

const bufferEncodings = new Map<string, BufferEncoding>([
  ['utf-8', 'utf8'],
  ['utf-16le', 'utf16le'],
  ['latin1', 'latin1'],
]);

function badOption(message: string): SourceError {
  return new SourceError('bad-option', message);
}
